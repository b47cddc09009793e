// Commands for the disks behind the controllers, by the driver with queues.
#pragma once

#include "parts.h"

enum { Controllers = 2, BlockSize = 512, SenseSize = 18 };

struct unit { struct lsi_queue *queue; uint8_t target, lun; uint64_t blocks; uint32_t block_size; };

/// The first controller's disks at 0 and 1, and the second one's at 0. units_open has found them.
extern struct unit disk, neighbour, far;
extern struct lsi_queue queues[Controllers];

/// What became of a command; the sense data are there if it was CHECK CONDITION.
struct answer {
	int status; // -1: none came
	struct scsi_sense sense;
	uint32_t residue;
	bool overrun;
};

/// Opens the controllers, and makes their units ready. False if not all are there.
bool units_open(void);

/// Makes a unit ready and asks how large it is. False if it is not there.
bool unit_find(struct unit *unit, unsigned controller, unsigned target, unsigned lun);

/// A command without data, with data in, with data out. If the status is CHECK CONDITION, the sense data are asked for.
struct answer command(const struct unit *unit, struct scsi_command command);
struct answer command_in(const struct unit *unit, struct scsi_command command, void *data, uint32_t count);
struct answer command_out(const struct unit *unit, struct scsi_command command, const void *data, uint32_t count);

/// True if the status is GOOD.
static inline bool good(struct answer answer) { return answer.status == SCSI_GOOD; }

/// True if it is CHECK CONDITION with this key and this additional sense.
static inline bool refused(struct answer answer, uint8_t key, uint16_t additional)
{
	return answer.status == SCSI_CHECK_CONDITION && answer.sense.key == key && answer.sense.additional == additional;
}

/// report() of that; what came instead is told.
bool report_refused(const char *name, struct answer answer, uint8_t key, uint16_t additional);

/// Commands until the unit has nothing more to say of a reset.
bool make_ready(const struct unit *unit);

/// Bytes that differ from their neighbours.
void fill_pattern(void *at, unsigned count, uint32_t seed);

/// A page of vital product data; its length, or 0 if there is none.
unsigned product_data(const struct unit *unit, uint8_t page, uint8_t *at, unsigned room);

void check_inquiry(void);
void check_modes(void);
void check_blocks(void);
void check_ranges(void);
void check_requests(void);
void check_large_blocks(void);
void check_places(void);
void check_load(void);
void check_aborts(void);
void check_resets(void);
