// What the parts of this guest know of each other.
#pragma once

#include "guest.h"

/// What a device owes its driver in order, as this guest sees it kept or not.
struct promise {
	const char *site;   // docs/ordering.md has what each stands for
	const char *text;   // what is looked at
	uint32_t looked, broken;
};

enum { PROMISES_MOST = 3 };

/// A device at work.
struct worker {
	const char *name;
	uint32_t done;      // frames that came from it, requests that it carried out
	bool stuck;         // nothing came for too long
	unsigned promise_count;
	struct promise promises[PROMISES_MOST];
};

enum { NETS = 3, DISKS = 2 };

extern struct worker nets[NETS], disks[DISKS];

/// Opens the devices; a line a check. False if one is missing.
bool nets_open(uint32_t frames);
bool disks_open(uint32_t requests);

/// Time stamps without anything coming after which nothing comes any more.
uint64_t patience(void);

/// A little work for all of a kind, on one processor at a time. False once all is done, or nothing moves any more.
bool nets_step(void);
bool disks_step(void);

void nets_close(void);
