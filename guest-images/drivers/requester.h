// A disk whose controller carries out several requests at once.
#pragma once

#include "guest.h"

enum { DEPTH_MOST = 64, SIZE_MOST = 1 << 16, SECTOR = 512 };

/// What `finished` returns in the place of a slot.
enum { NOTHING_FINISHED = -1, FINISHED_EARLY = -2, FINISHED_WRONG = -3 };

struct requester {
	const char *name;

	/// Opens the first controller of this kind, and the first disk on it. False if there is none.
	bool (*open)(void);

	/// Hands over the request of a slot: `bytes` from that sector on, from or to the buffer. The slot is the driver's until it is finished.
	bool (*submit)(unsigned slot, bool write, uint32_t sector, void *buffer, uint32_t bytes);

	/// Tells the controller of what was handed over since.
	void (*tell)(void);

	/// The slot of a request that is done, or that none is; or that one is said to be done and its status is not there; or that one failed.
	int (*finished)(void);
};

extern const struct requester lsi_requester, virtio_requester;
