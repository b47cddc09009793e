// Two controllers on a wire under load: processor 0 sends with the one, processor 1 receives with the other, and each looks
// at memory the moment that it may.
//
// Every word of a frame tells which frame it is of, so that what is wrong tells why. A buffer that is given back is poisoned
// at once: its words then tell which frame was in it.
#pragma once

#include "../drivers/rtl8139cp.h"

enum { Header = 16, Shortest = 64, Longest = 540, BufferRoom = 1024 }; // of frames, in bytes; all are multiples of 4

/// What is wrong with a frame.
enum verdict {
	Whole,
	Incomplete, // it is not what its CRC was computed over: the receiver had not written it all
	TooNew,     // a part of it is from behind the time when its buffer was given back: the sender was still reading
	TooOld,     // a part of it is from before the time when it was handed over: the sender read too early, or an old descriptor
	Garbled,
	WrongStatus, // header or descriptor
	Misplaced,   // it lies in the buffer that the descriptor had before
	Unseen,      // the device has looked, and has not seen what was handed over before it was told
	Stuck,       // nothing comes
	Verdicts,
};

/// Both sides; each is stopped by what the other finds.
struct load {
	uint32_t rounds;
	volatile uint32_t received; // frames that the receiver is done with
	volatile uint32_t verdict, at, detail, behind_register; // what was found first, at which frame
} OWN_CACHE_LINE;

extern struct load load;

void load_begin(uint32_t rounds);

/// Notes what was found, if it is the first.
void load_stop(enum verdict verdict, uint32_t frame, uint32_t detail);

static inline bool load_stopped(void) { return load.verdict != Whole; }

/// Waits for a condition, or until the other side has stopped; false, and Stuck, if neither comes.
#define load_wait(frame, condition)                                                                                     \
	({                                                                                                                  \
		if (!within_deadline((condition) || load_stopped())) {                                                          \
			load_stop(Stuck, (frame), __LINE__);                                                                        \
		}                                                                                                               \
		!load_stopped();                                                                                                \
	})

/// The length of frame `number`.
static inline unsigned frame_length(uint32_t number)
{
	return Shortest + number * 37 % ((Longest - Shortest) / 4) * 4;
}

void frame_setup(const uint8_t *destination, const uint8_t *source);
void frame_fill(uint8_t *to, uint32_t number);

/// Overwrites a part of a buffer that frame `number` was sent from: whoever reads it from now on is too late.
void frame_poison(uint8_t *buffer, uint32_t number, unsigned from, unsigned to);

/// Where a frame lies: at `start` in something that is `size` bytes around.
struct view { uint8_t *base; uint32_t start, size; };

static inline volatile uint32_t *view_word(const struct view *view, uint32_t offset)
{
	return (volatile uint32_t *)(view->base + (view->start + offset) % view->size);
}

enum verdict frame_judge(const struct view *view, uint32_t number, unsigned length, uint32_t *detail);

/// Overwrites `count` bytes with zeros.
void view_clear(const struct view *view, unsigned count);

/// Has both sides run, and reports what they found.
void load_run(const char *name, void (*receive)(void *), void (*send)(void *), uint32_t rounds);

// The parts. `sender` and `receiver` are the controllers.
void check_classic(struct nic *sender, struct nic *receiver, uint32_t rounds);
void check_cplus(struct nic *sender, struct nic *receiver, uint32_t rounds);
void check_interrupts(struct nic *sender, struct nic *receiver, uint32_t rounds);
