// Two controllers: one sends numbered frames, the other receives them. Whatever one of them has been given, or has given back, is
// poisoned at once, so that each access out of order leaves a trace that says whose it was.
#pragma once

#include "../drivers/e1000.h"

enum { Ring = 64, Room = 512, Offer = 8, Window = 48 }; // Window: frames under way at most, fewer than descriptors offered

/// What was found in a frame that should have been all right.
enum finding { Right, ReceiverLate, SenderLate, Stale, Wrong, Findings };

/// within_deadline, without measuring the clock if it does not take long: that takes tens of milliseconds.
#define soon(condition)                                                                                      \
	({                                                                                                       \
		unsigned tries_ = 0;                                                                                 \
		while (tries_ < 100000 && !(condition)) {                                                            \
			tries_++;                                                                                        \
			pause();                                                                                         \
		}                                                                                                    \
		tries_ < 100000 || within_deadline(condition);                                                       \
	})

/// The site that a finding accuses.
extern const char *const sites[Findings];

struct path {
	struct e1000 sender, receiver;
	uint32_t sent, reclaimed, received; // frames
	enum finding accused;               // the first that was not Right
	uint32_t accused_frame;
};

/// Opens both; false if there are not two.
bool path_open(struct path *path);

/// Resets both and begins with frame 0.
void path_begin(struct path *path);

/// Puts the next frame into the transmit ring; the controller does not know of it before e1000_send.
void put_next(struct path *path);

/// Takes back what has been sent: stores over each frame as soon as DD is seen.
void reclaim(struct path *path);

/// True if the receiver's next descriptor has DD.
bool has_come(const struct path *path);

/// True if the receiver is done with its next descriptor and DD is not there: whatever it wrote last, it was not DD. That is kept in `accused`.
bool is_lost(struct path *path);

/// Looks at the frame that has come, all of it, and takes it; false if it was not right, which is printed and kept in `accused`.
bool look(struct path *path);

/// Fails the site that is accused, if one is, and passes the others.
void report_sites(const struct path *path, const char *how, uint32_t rounds, bool ended);

// The parts.
void check_load(struct path *path, uint32_t rounds);
void check_interrupt_causes(struct path *path, uint32_t rounds);
