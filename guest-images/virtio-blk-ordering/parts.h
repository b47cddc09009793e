// A disk under load: one processor publishes requests, the other one looks at what comes back the moment that it may.
//
// Every word of a sector tells which request wrote it, so that what is wrong tells why. What has come back is poisoned at once.
#pragma once

#include "../drivers/virtio_blk.h"

enum { Sector = VIRTIO_BLK_SECTOR, Words = Sector / 4 };

/// What is wrong, and with it which site is accused.
enum finding {
	Right,
	RingStale,       // a head came back that was not under way: an entry of the ring from before
	DescriptorStale, // the request was carried out somewhere else: a descriptor from before
	HeaderStale,     // it was carried out as another one
	DataStale,       // what was written is from before the buffer was filled
	Malformed,       // the device found a chain that nobody made
	ElementMissing,  // the index counts an element that is not there yet
	StatusMissing,   // it is done, and its status not there yet
	DataMissing,     // it is done, and its data not there yet
	DataLate,        // it was done, and its buffer read afterwards
	NoticeLost,      // the device did not want to be told, and did not look
	InterruptLost,   // the driver wanted to be told, and was not
	MessageEarly,    // the message was there before what it tells of
	Stuck,           // nothing comes
	Findings,
};

/// What is found first; both processors stop then, and no other part begins.
struct found { volatile uint32_t finding, request, detail; } OWN_CACHE_LINE;
extern struct found found;

static inline bool has_found(void) { return found.finding != Right; }
void find(enum finding finding, uint32_t request, uint32_t detail);

extern struct virtio_blk disk;

/// Resets the disk and prepares it with these features, so many entries in its one queue, without interrupts.
bool prepare(uint64_t features, uint16_t entries);

/// How long to wait for what ought to come, in ticks of the time stamp counter: patience=MILLISECONDS.
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

/// The word of a place in a sector that request `number` wrote; poisoned, it is one that nobody may read any more.
enum { Poisoned = 0x80 };
static inline uint32_t word_of(uint32_t number, unsigned place) { return number << 8 | place; }
void fill_words(volatile uint32_t *words, uint32_t number, uint32_t poison);

/// Waits a little, differently in each round.
void linger(uint32_t round);

/// Reports each site of the table once, with what was found.
void report_sites(const char *how, uint32_t rounds, uint32_t done, const char *const sites[], unsigned count);

// The parts.
void check_stream(uint32_t rounds, bool by_event);
void check_notices(uint32_t rounds, bool by_event);
void check_interrupts(uint32_t rounds, bool by_event);
