// A driver for the LSI53C895A with many requests in flight, on several targets and units.
//
// A request is a table in memory that the chip's program, lsi53c895a_queue_script.c, works on with DSA at its beginning: whom to
// select, messages, command, where data and status go. Three rules keep the driver and the chip in order:
//
//   lsi.sigp-before-queue      an entry of the start queue is in memory before SIGP is set; the program takes SIGP  lsi_submit
//                              back (by reading CTEST2) before it looks at the queue
//   lsi.data-status-interrupt  the program stores the request to the done queue behind its data and its status, and  lsi_finished
//                              interrupts (INTFLY) behind that; here a read barrier is between entry and request
//   -                          an entry of the done queue is zeroed before as many requests have been submitted that   lsi_submit
//                              the program may come around to it
#pragma once

#include "lsi53c895a.h"

enum {
	LSI_SEGMENTS = 16, LSI_TARGETS = 16, LSI_TAGS = 64, LSI_ENTRIES = 256, LSI_RING_ALIGNMENT = 2048,
	LSI_IN_FLIGHT = LSI_ENTRIES - 1, // at most; one entry of each queue is always free
	LSI_UNTAGGED = LSI_TAGS,         // in the place of a tag; one at a time for each target
	LSI_TAG_ANY = LSI_TAGS + 1,      // the first that is free
	LSI_SINK = 4096,
	LSI_NO_STATUS = 0xFF, // where the target's comes to be
};

/// Count and address, for a block move with table indirect addressing (5.3).
struct lsi_segment { uint32_t count, address; };

enum lsi_outcome {
	LSI_DONE,    // with a status
	LSI_NOBODY,  // selection timeout
	LSI_DROPPED, // the target went away in the midst of it, or said what the program does not know
	LSI_RESET,   // the bus was reset
};

/// In the chip's view up to `overrun`: lsi53c895a_queue_script.c has the offsets. DSA's lowest bits carry flags.
struct lsi_request {
	uint32_t select; // SCNTL3, ID, SXFER, 0 (5.4, table indirect)
	uint32_t go;     // where in the program it goes on once the target is selected
	struct lsi_segment message, command, status_segment;
	uint32_t pointer, saved_pointer; // the data pointers: which of the program's block moves is next
	struct lsi_segment partial[2];   // what is left of a segment that was interrupted, for either pointer
	uint32_t partial_return[2];
	struct lsi_segment data[LSI_SEGMENTS]; // the last `segments` of them
	uint8_t message_bytes[8], command_bytes[16];
	uint8_t status, status_padding[3];
	uint32_t overrun; // 1 if the target had or wanted more than there is room for

	// The driver's own.
	enum lsi_outcome outcome;
	uint8_t target, lun, tag, segments;
	bool write;
	uint64_t serial; // for whoever submits it
	struct lsi_request *next;
} __attribute__((aligned(64)));

/// The requests that a target has, by their tags, with bit 0 set.
struct lsi_target { uint32_t requests[LSI_TAGS + 1]; } __attribute__((aligned(512)));

/// An entry of a ring is 0, or the address of a request; in the start queue with bit 0 set. The program counts in the addresses of the rings'
/// entries, and masks bit 10 away.
struct lsi_queue {
	uint32_t start[LSI_ENTRIES] __attribute__((aligned(LSI_RING_ALIGNMENT))), done[LSI_ENTRIES] __attribute__((aligned(LSI_RING_ALIGNMENT)));
	struct lsi_target targets[LSI_TARGETS];
	uint32_t target_addresses[LSI_TARGETS] __attribute__((aligned(64)));
	uint8_t message_in[8], sink[LSI_SINK] __attribute__((aligned(64)));

	struct lsi lsi;
	struct lsi_script program;
	unsigned submit_next, finish_next, in_flight;
	struct lsi_request *failed; // and not yet returned by lsi_finished
	uint32_t interrupts;        // causes other than INTF that have been served
	struct lsi_causes last;     // the last of them, and its DSPS
	uint32_t last_code;
} __attribute__((aligned(LSI_RING_ALIGNMENT)));

/// Why the program stops by itself: what INT leaves in DSPS.
enum lsi_code { LSI_BAD_PHASE = 0x100, LSI_BAD_MESSAGE, LSI_BAD_RESELECTION, LSI_NO_MESSAGE_OUT };

/// Opens the `index`-th controller and starts the program. False if there is none.
bool lsi_queue_open(unsigned index, struct lsi_queue *queue);

/// Resets chip and bus and starts the program again; what was in flight is returned by lsi_finished as LSI_RESET.
void lsi_queue_reset(struct lsi_queue *queue);

/// Begins a request: a command of `length` bytes for a unit. No data yet.
void lsi_command(struct lsi_request *request, unsigned target, unsigned lun, const uint8_t *command, unsigned length);

/// A request that is messages alone, of which the target lets go of the bus: ABORT, ABORT TAG, BUS DEVICE RESET, … The first is IDENTIFY.
void lsi_messages(struct lsi_request *request, unsigned target, const uint8_t *messages, unsigned length);

/// Where its data goes, piece by piece; all of it in one direction.
void lsi_data(struct lsi_request *request, bool write, const void *at, uint32_t count);

/// Hands it to the chip, under that tag or LSI_UNTAGGED. False if the tag is in use or the queue is full. `request` is the driver's until
/// lsi_finished returns it.
bool lsi_submit(struct lsi_queue *queue, struct lsi_request *request, unsigned tag);

/// The same without telling the chip, and telling it.
bool lsi_enqueue(struct lsi_queue *queue, struct lsi_request *request, unsigned tag);
void lsi_signal(const struct lsi_queue *queue);

/// The next that is done, in the order in which they are; null if none is. Serves whatever the program has stopped for.
struct lsi_request *lsi_finished(struct lsi_queue *queue);

/// Serves that alone.
void lsi_serve(struct lsi_queue *queue);

/// What lsi_finished returns if the program has stopped for nothing: it looks at memory and no register, which would put the chip's accesses
/// in order.
struct lsi_request *lsi_done(struct lsi_queue *queue);

/// Takes back a request that the target has been told to abort: lsi_finished will not return it, and its tag is free.
void lsi_abandon(struct lsi_queue *queue, struct lsi_request *request);

/// How many bytes of its data have not been transferred.
uint32_t lsi_residue(const struct lsi_queue *queue, const struct lsi_request *request);

/// Submits it and waits until it is done; false after a deadline. Nothing else may be in flight.
bool lsi_execute(struct lsi_queue *queue, struct lsi_request *request, unsigned tag);

// Of the program.
enum lsi_queue_label {
	LSI_AT_START, LSI_AT_COMMAND, LSI_AT_MESSAGES, LSI_AT_DISPATCH, LSI_AT_DATA_IN, LSI_AT_DATA_OUT, LSI_AT_PARTIAL_IN, LSI_AT_PARTIAL_OUT,
	LSI_AT_END_OF_DATA, LSI_AT_OVERRUN, LSI_AT_OVERRUN_OUT, LSI_AT_RESELECTED, LSI_AT_PRIVATE,
};

enum { LSI_PARTIAL_WORDS = 6 }; // of a partial's block move and return

// What it keeps in script RAM, at its end.
enum lsi_variable {
	LSI_START_POSITION = LSI_RAM - 0x20, LSI_DONE_POSITION = LSI_RAM - 0x1C, LSI_TARGETS_AT = LSI_RAM - 0x18,
	LSI_OVERRUN_AT = LSI_RAM - 0x14, LSI_SAVED_DSA = LSI_RAM - 0x10,
};

/// Assembles the program for its place in script RAM and copies it there.
void lsi_queue_load(struct lsi_queue *queue);
