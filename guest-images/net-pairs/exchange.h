// One station's end of an exchange: it sends so many bytes and receives as many, at the same time, over frames of its own type.
//
// Bytes carry numbers, are acknowledged up to the first that is missing, and are sent again from there if no acknowledgement
// comes for a while: a wire may lose frames, and a station may come later than the other.
#pragma once

#include "../drivers/nic.h"

enum { EXCHANGE_TYPE = 0x88B5 }; // IEEE 802, local experimental

struct station {
	struct nic *nic;
	uint32_t bytes;       // each way
	uint32_t seed;        // of what it sends
	uint8_t peer[NIC_ADDRESS];
	bool met;             // the other's address is known

	uint32_t sent, acknowledged, received; // bytes, each from the start
	uint32_t expected;                     // what the other says the sum of its bytes is
	uint32_t sum_sent, sum_received;
	uint64_t last_progress, last_heard;
	unsigned owed;        // frames that came since it last acknowledged
	uint32_t said, heard; // farewells, see exchange.c

	uint32_t frames_sent, frames_received, resent, strangers, damaged;
};

/// Sets up an end on an open controller. `seed` is not 0.
void station_init(struct station *station, struct nic *nic, uint32_t bytes, uint32_t seed);

/// Takes what has come and sends what may be sent. Does not wait.
void station_step(struct station *station);

/// True once everything was acknowledged and everything was received.
bool station_done(const struct station *station);

/// True once the other is done as well, and each knows it of the other.
bool station_parted(const struct station *station);

/// The sum of the first `bytes` bytes that a station with this seed sends.
uint32_t stream_sum(uint32_t seed, uint32_t bytes);
