// Messages that take requests back (SPI-3, 16.5): ABORT TAG, ABORT, CLEAR QUEUE, BUS DEVICE RESET. A request that is taken back may have
// finished before; afterwards it never does.
#include "units.h"

enum { Many = 32, Blocks = 64, Rounds = 8, MarkerTag = LSI_TAGS - 1 };
enum message { Abort = 0x06, BusDeviceReset = 0x0C, AbortTag = 0x0D, ClearQueue = 0x0E };

static struct lsi_request requests[2][Many], message, marker;
static bool in_flight[2][Many];
static uint8_t data[2][Blocks * BlockSize];

static void submit_all(void)
{
	const struct unit *units[] = { &disk, &neighbour };
	for (unsigned i = 0; i < Many; i++) {
		for (unsigned u = 0; u < 2; u++) {
			struct scsi_command c = scsi_on_blocks(SCSI_READ_10, 20000 + i * Blocks, Blocks, 0);
			lsi_command(&requests[u][i], units[u]->target, 0, c.bytes, c.length);
			lsi_data(&requests[u][i], false, data[u], sizeof data[u]);
			in_flight[u][i] = lsi_submit(disk.queue, &requests[u][i], i);
		}
	}
}

// Takes what is finished, until `until` is, or all is that can be if null. False after a deadline, or if something finishes that is not in flight.
static bool drain(const struct lsi_request *until, unsigned unit)
{
	for (uint64_t begin = rdtsc(); rdtsc() - begin < 20 * tsc_frequency();) {
		struct lsi_request *request = lsi_finished(disk.queue);
		if (request != NULL && request == until) {
			return true;
		}
		for (unsigned u = 0; request != NULL && u < 2; u++) {
			if (request >= requests[u] && request < requests[u] + Many) {
				bool expected = in_flight[u][request - requests[u]];
				in_flight[u][request - requests[u]] = false;
				if (!expected) {
					return false;
				}
			}
		}
		unsigned left = 0;
		for (unsigned i = 0; i < Many; i++) {
			left += in_flight[unit][i];
		}
		if (until == NULL && left == 0) {
			return true;
		}
	}
	return false;
}

// A command for the disk that is behind whatever is left of the others: it sees that nothing comes any more.
static bool mark(void)
{
	for (unsigned i = 0; i < 8; i++) {
		struct scsi_command ready = scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0);
		lsi_command(&marker, disk.target, 0, ready.bytes, ready.length);
		if (!lsi_submit(disk.queue, &marker, MarkerTag) || !drain(&marker, 0)) {
			return false;
		}
		if (marker.outcome == LSI_DONE && marker.status == SCSI_GOOD) {
			return true;
		}
		uint8_t sense[SenseSize];
		struct scsi_command ask = scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, SenseSize);
		lsi_command(&marker, disk.target, 0, ask.bytes, ask.length);
		lsi_data(&marker, false, sense, SenseSize);
		if (!lsi_submit(disk.queue, &marker, LSI_UNTAGGED) || !drain(&marker, 0)) {
			return false;
		}
	}
	return false;
}

// Sends a message to the disk, for one tag or for all, a while after everything has been submitted.
static bool send(enum message what, unsigned tag, unsigned us)
{
	uint8_t bytes[] = { 0xC0, 0x20, (uint8_t)tag, what };
	if (what == AbortTag) {
		lsi_messages(&message, disk.target, bytes, 4);
	} else {
		bytes[1] = what;
		lsi_messages(&message, disk.target, bytes, 2);
	}
	if (us != 0) {
		delay_us(us);
	}
	return lsi_submit(disk.queue, &message, LSI_UNTAGGED) && drain(&message, 0) && message.outcome == LSI_DONE;
}

static void check_message(const char *name, enum message what)
{
	bool ok = true;
	unsigned taken_back = 0;
	for (unsigned round = 0; round < Rounds && ok; round++) {
		unsigned tag = round * 5 % Many;
		submit_all();
		ok = send(what, tag, round % 4 * 200) && mark();
		for (unsigned i = 0; i < Many; i++) {
			if (in_flight[0][i] && (what != AbortTag || i == tag)) {
				lsi_abandon(disk.queue, &requests[0][i]);
				in_flight[0][i] = false;
				taken_back++;
			}
		}
		ok = ok && drain(NULL, 0) && drain(NULL, 1); // those that were not meant all finish
		for (unsigned i = 0; i < Many; i++) {
			ok = ok && requests[1][i].outcome == LSI_DONE && requests[1][i].status == SCSI_GOOD;
		}
		ok = ok && mark();
	}
	printf("NOTE %s: %u taken back\n", name, taken_back);
	if (!report(name, ok)) {
		lsi_queue_reset(disk.queue);
		while (lsi_finished(disk.queue) != NULL) {
		}
		memset(in_flight, 0, sizeof in_flight);
		(void)make_ready(&disk);
		(void)make_ready(&neighbour);
	}
}

void check_aborts(void)
{
	if (!left_out_by_qemu("ABORT TAG: that request alone", "a tag that comes in the same block move")) {
		check_message("ABORT TAG: that request alone", AbortTag);
	}
	check_message("ABORT: all of this unit, and none of the neighbour's", Abort);
	check_message("CLEAR QUEUE: the same", ClearQueue);
	check_message("BUS DEVICE RESET: all of this target, and none of the neighbour's", BusDeviceReset);
	if (left_out_by_qemu("after a BUS DEVICE RESET it says so, once", "that a disk says so")) {
		return;
	}
	lsi_messages(&message, disk.target, (const uint8_t[]){ 0xC0, BusDeviceReset }, 2);
	bool reset = lsi_execute(disk.queue, &message, LSI_UNTAGGED);
	struct answer answer = command(&disk, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0));
	report("after a BUS DEVICE RESET it says so, once", reset && answer.status == SCSI_CHECK_CONDITION && answer.sense.key == SCSI_UNIT_ATTENTION
															&& answer.sense.additional >> 8 == 0x29 && good(command(&disk, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0))));
}
