// lsi_disks of disk.h: disks behind LSI53C895A controllers, one request at a time.
#include "disk.h"
#include "lsi53c895a_queue.h"
#include "scsi.h"

enum { Controllers = 4, Units = 8, BlocksAtOnce = 256, SenseSize = 18, Attempts = 8 };

struct unit { struct lsi_queue *queue; uint8_t target, lun; };

static struct lsi_queue queues[Controllers];
static struct unit units[DISKS_MOST];
static unsigned units_used;

enum direction { In, Out };

// One try. The status, or -1 if there was none.
static int try(const struct unit *unit, const struct scsi_command *command, enum direction direction, const void *data, uint32_t count)
{
	static struct lsi_request request;
	lsi_command(&request, unit->target, unit->lun, command->bytes, command->length);
	if (count != 0) {
		lsi_data(&request, direction == Out, data, count);
	}
	if (!lsi_execute(unit->queue, &request, LSI_UNTAGGED)) {
		lsi_queue_reset(unit->queue);
		(void)lsi_finished(unit->queue);
		return -1;
	}
	return request.outcome == LSI_DONE ? request.status : -1;
}

// Until it is neither busy nor has something else to say first: after a reset a unit has (SAM-3, 5.9.7).
static bool execute(const struct unit *unit, const struct scsi_command *command, enum direction direction, const void *data, uint32_t count)
{
	for (unsigned i = 0; i < Attempts; i++) {
		int status = try(unit, command, direction, data, count);
		if (status == SCSI_GOOD) {
			return true;
		}
		if (status == SCSI_CHECK_CONDITION) {
			static uint8_t sense[SenseSize];
			struct scsi_command ask = scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, SenseSize);
			if (try(unit, &ask, In, sense, SenseSize) != SCSI_GOOD || scsi_sense_of(sense).key != SCSI_UNIT_ATTENTION) {
				return false;
			}
		} else if (status != SCSI_BUSY && status != SCSI_TASK_SET_FULL) {
			return false;
		}
	}
	return false;
}

static bool transfer(struct disk *disk, enum direction direction, uint64_t block, uint32_t count, const void *buffer)
{
	const struct unit *unit = disk->private;
	bool ok = true;
	for (uint32_t done = 0, now; ok && done < count; done += now) {
		now = count - done < BlocksAtOnce ? count - done : BlocksAtOnce;
		struct scsi_command command = scsi_on_blocks(direction == In ? SCSI_READ_16 : SCSI_WRITE_16, block + done, now, 0);
		ok = execute(unit, &command, direction, (const uint8_t *)buffer + (uintptr_t)done * disk->block_size, now * disk->block_size);
	}
	return ok;
}

static bool read(struct disk *disk, uint64_t block, uint32_t count, void *buffer) { return transfer(disk, In, block, count, buffer); }
static bool write(struct disk *disk, uint64_t block, uint32_t count, const void *buffer) { return transfer(disk, Out, block, count, buffer); }

static bool flush(struct disk *disk)
{
	struct scsi_command command = scsi_on_blocks(SCSI_SYNCHRONIZE_CACHE_10, 0, 0, 0);
	return execute(disk->private, &command, In, NULL, 0);
}

static const struct disk_driver driver = { "lsi53c895a", read, write, flush };

static bool is_disk(const struct unit *unit)
{
	static uint8_t inquiry[36];
	struct scsi_command command = scsi_on_data(SCSI_INQUIRY, 0, 0, sizeof inquiry);
	return execute(unit, &command, In, inquiry, sizeof inquiry) && inquiry[0] == 0; // connected, and a direct access block device
}

static bool describe(const struct unit *unit, struct disk *disk)
{
	static uint8_t data[192];
	struct scsi_command ready = scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0);
	struct scsi_command capacity = scsi_on_data(SCSI_SERVICE_ACTION_IN_16, SCSI_READ_CAPACITY_16, 0, 32);
	struct scsi_command mode = scsi_on_data(SCSI_MODE_SENSE_6, 8, 0x3F, sizeof data); // all pages, no block descriptor
	if (!execute(unit, &ready, In, NULL, 0) || !execute(unit, &capacity, In, data, 32)) {
		return false;
	}
	disk->blocks = scsi_get(data, 8) + 1;
	disk->block_size = (uint32_t)scsi_get(data + 8, 4);
	disk->read_only = execute(unit, &mode, In, data, sizeof data) && (data[2] & 0x80) != 0; // WP
	disk->driver = &driver;
	return true;
}

unsigned lsi_disks(struct disk disks[], unsigned room)
{
	unsigned count = 0;
	units_used = 0;
	for (unsigned i = 0; i < Controllers && lsi_queue_open(i, &queues[i]); i++) {
		for (unsigned target = 0; target < LSI_TARGETS; target++) {
			for (unsigned lun = 0; target != LSI_ID && lun < Units && count < room && units_used < DISKS_MOST; lun++) {
				struct unit *unit = &units[units_used];
				*unit = (struct unit){ &queues[i], (uint8_t)target, (uint8_t)lun };
				if (is_disk(unit) && describe(unit, &disks[count])) {
					disks[count++].private = unit;
					units_used++;
				} else if (lun == 0) {
					break; // no unit 0, no target (SAM-3, 4.9.1)
				}
			}
		}
	}
	return count;
}
