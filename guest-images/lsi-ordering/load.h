// A controller and a disk under load: processor 0 submits requests and tells the chip, processor 1 looks at the done queue in memory the
// moment that something shows there.
//
// Every word of a block tells which request has written it, so that what is wrong tells why. A request's table is used again at once, with
// everything in it different, so that one that was read too early leads astray.
#pragma once

#include "../drivers/lsi53c895a_queue.h"
#include "../drivers/scsi.h"

enum { BlockSize = 512, Words = BlockSize / 4 };

/// What is wrong with a request that the chip says is done.
enum verdict {
	Whole,
	NoStatus,   // the status is not there yet
	NoData,     // the data are not there yet, or not all
	TooNew,     // a part of it is from behind the time when its buffer was given back
	TooOld,     // it is what the table, or the buffer, held before
	Garbled,
	Misplaced,  // the data are where the table before had said
	WrongEntry, // the done queue has another request than there can be
	NoEntry,    // it interrupts, and the done queue is empty
	Stopped,    // the program has met with what there cannot be, by a table that is none
	Unseen,     // SIGP has been taken back, and what was queued before it has not been seen
	OldScript,  // it was started, and ran what was there before
	Stuck,      // nothing comes
	Verdicts,
};

/// Both sides; each is stopped by what the other finds.
struct load {
	uint32_t rounds;
	volatile uint32_t submitted, seen;        // requests that processor 0 has put into the start queue, that processor 1 has looked at
	volatile uint32_t verdict, at, detail;    // what was found first, at which request
} OWN_CACHE_LINE;

extern struct load load;
extern struct lsi_queue queue;

void load_begin(uint32_t rounds);

/// Notes what was found, if it is the first.
void load_stop(enum verdict verdict, uint32_t request, uint32_t detail);
static inline bool load_stopped(void) { return load.verdict != Whole; }

/// Reports what was found, or that all rounds are through.
void load_report(const char *name, uint32_t done, uint64_t since);

/// How long to wait for what ought to come, in ticks of the time stamp counter: patience=MILLISECONDS, where that costs more than it does elsewhere.
extern uint64_t patience;

/// True as soon as `condition` is; false if patience ends.
#define in_time(condition)                                                                                              \
	({                                                                                                                  \
		uint64_t since_ = rdtsc();                                                                                      \
		bool came_;                                                                                                     \
		while (!(came_ = (condition)) && rdtsc() - since_ < patience) {                                                 \
			pause();                                                                                                    \
		}                                                                                                               \
		came_;                                                                                                          \
	})

// Requests: number N is the use N / Slots of slot N % Slots. In turn, a slot's request writes a block and reads it back.

enum { Slots = 16, SlotBlocks = 8 };

static inline unsigned slot_of(uint32_t number) { return number % Slots; }
static inline bool is_write(uint32_t number) { return number / Slots % 2 == 0; }

/// Makes request `number` anew, buffers and all.
struct lsi_request *request_make(uint32_t number);

/// What is to be said of it, now that the done queue has it.
enum verdict request_judge(uint32_t number, uint32_t *detail);

/// The number that a request has.
static inline uint32_t request_number(const struct lsi_request *request) { return (uint32_t)request->serial; }

// The parts.
void check_queue(uint32_t rounds);
void check_starts(uint32_t rounds);
void check_interrupts(uint32_t rounds);
