// Commands for the disks behind the controllers.
#include "units.h"

struct unit disk, neighbour, far;
struct lsi_queue queues[Controllers];

static struct answer ask(const struct unit *unit, const struct scsi_command *command, bool write, const void *data, uint32_t count)
{
	static struct lsi_request request, sense;
	static uint8_t sense_data[SenseSize];
	lsi_command(&request, unit->target, unit->lun, command->bytes, command->length);
	if (count != 0) {
		lsi_data(&request, write, data, count);
	}
	struct answer answer = { -1, { 0, 0 }, 0, false };
	if (!lsi_execute(unit->queue, &request, LSI_TAG_ANY)) {
		lsi_queue_reset(unit->queue);
		(void)lsi_finished(unit->queue);
		return answer;
	}
	answer.status = request.outcome == LSI_DONE ? request.status : -1;
	answer.residue = lsi_residue(unit->queue, &request);
	answer.overrun = request.overrun != 0;
	if (answer.status == SCSI_CHECK_CONDITION) {
		struct scsi_command ask_for_it = scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, SenseSize);
		lsi_command(&sense, unit->target, unit->lun, ask_for_it.bytes, ask_for_it.length);
		lsi_data(&sense, false, sense_data, SenseSize);
		memset(sense_data, 0, sizeof sense_data);
		if (lsi_execute(unit->queue, &sense, LSI_UNTAGGED)) {
			answer.sense = scsi_sense_of(sense_data);
		}
	}
	return answer;
}

struct answer command(const struct unit *unit, struct scsi_command command) { return ask(unit, &command, false, NULL, 0); }

struct answer command_in(const struct unit *unit, struct scsi_command command, void *data, uint32_t count)
{
	return ask(unit, &command, false, data, count);
}

struct answer command_out(const struct unit *unit, struct scsi_command command, const void *data, uint32_t count)
{
	return ask(unit, &command, true, data, count);
}

bool report_refused(const char *name, struct answer answer, uint8_t key, uint16_t additional)
{
	bool ok = refused(answer, key, additional);
	if (ok) {
		report(name, ok);
	} else {
		report_fail(name, "status %d, sense 0x%x/0x%04x, expected 2, 0x%x/0x%04x", answer.status, answer.sense.key, answer.sense.additional, key, additional);
	}
	return ok;
}

bool make_ready(const struct unit *unit)
{
	struct scsi_command ready = scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0);
	for (unsigned i = 0; i < 8; i++) {
		if (good(command(unit, ready))) {
			return true;
		}
	}
	return false;
}

bool unit_find(struct unit *unit, unsigned controller, unsigned target, unsigned lun)
{
	static uint8_t data[8];
	*unit = (struct unit){ &queues[controller], (uint8_t)target, (uint8_t)lun, 0, 0 };
	if (!make_ready(unit) || !good(command_in(unit, scsi_on_data(SCSI_READ_CAPACITY_10, 0, 0, 0), data, 8))) {
		return false;
	}
	unit->blocks = scsi_get(data, 4) + 1;
	unit->block_size = (uint32_t)scsi_get(data + 4, 4);
	return true;
}

static bool find(struct unit *unit, unsigned controller, unsigned target)
{
	return unit_find(unit, controller, target, 0) && unit->block_size == BlockSize;
}

bool units_open(void)
{
	return lsi_queue_open(0, &queues[0]) && lsi_queue_open(1, &queues[1]) && find(&disk, 0, 0) && find(&neighbour, 0, 1) && find(&far, 1, 0);
}

void fill_pattern(void *at, unsigned count, uint32_t seed)
{
	uint8_t *bytes = at;
	for (unsigned i = 0; i < count; i++) {
		bytes[i] = (uint8_t)((i + seed * 7) * 0x9E3779B1u >> 24);
	}
}

unsigned product_data(const struct unit *unit, uint8_t page, uint8_t *at, unsigned room)
{
	memset(at, 0, room);
	struct answer answer = command_in(unit, scsi_on_data(SCSI_INQUIRY, 1, page, room), at, room);
	return good(answer) && at[1] == page ? 4 + (unsigned)scsi_get(at + 2, 2) : 0;
}
