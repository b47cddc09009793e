// What the parts of this guest share: a controller that sends, one that receives, a ring of blocks each.
#pragma once

#include "../drivers/eepro100.h"

enum { Ring = 64, Room = 256 };

// A block with a frame behind it, or parameters.
struct block {
	struct eepro100_block head;
	union {
		struct { uint32_t buffers; uint16_t count; uint8_t threshold, buffer_count; uint32_t frame[Room / 4]; } transmit;
		uint8_t bytes[16 + Room];
	};
} __attribute__((aligned(CACHE_LINE)));

extern struct eepro100 sender, receiver;
extern struct block blocks[Ring];
extern uint8_t receiver_address[NIC_ADDRESS];

/// Carries out one command, alone, from a block of its own.
bool perform(const struct eepro100 *chip, uint16_t command, const void *parameters, unsigned size);

/// True as soon as `condition` is; false after so many looks that nothing can come any more. Time is no measure: a deterministic
/// schedule counts instructions, and a second of those takes a minute. looks=N says how many millions: more for a host that is busy.
extern uint32_t most_looks;
#define comes(condition)                                                                                     \
	({                                                                                                       \
		uint32_t looks_ = 0;                                                                                 \
		bool met_;                                                                                           \
		while (!(met_ = (condition)) && ++looks_ < most_looks) {                                                  \
		}                                                                                                    \
		met_;                                                                                                \
	})

/// A few laps of nothing, another number each time: the two sides meet elsewhere each round.
void idle(uint32_t round, uint32_t most);

/// Makes the ring of blocks: each done, and leading to the next.
void make_ring(void);

/// Appends block `index` of the ring to a list that was started: S moves to it from the one in front.
void append(unsigned index, uint16_t command, bool look_first);

void check_stream(uint32_t rounds);
void check_results(uint32_t rounds);
void check_lists(uint32_t rounds);
void check_doorbells(uint32_t rounds);
