// Messages that take requests back, with more under way at every other unit (SPI-3, 16.5): BUS DEVICE RESET is of all units of a target,
// LOGICAL UNIT RESET of one, ABORT of one without a reset.
#include "places.h"

enum message { Abort = 0x06, BusDeviceReset = 0x0C, LogicalUnitReset = 0x17 };
enum { Rounds = 6, Seed = 100 };

static struct unit victim;
static enum message what;

static bool is_meant(const struct unit *unit)
{
	return unit->queue == victim.queue && unit->target == victim.target && (what == BusDeviceReset || unit->lun == victim.lun);
}

static bool is_not_meant(const struct unit *unit) { return !is_meant(unit); }

static bool send(void)
{
	static struct lsi_request message;
	const uint8_t bytes[] = { (uint8_t)(0xC0 | victim.lun), (uint8_t)what };
	lsi_messages(&message, victim.target, bytes, 2);
	return lsi_submit(victim.queue, &message, LSI_UNTAGGED) && places_drain(NULL, Seed, &message) && message.outcome == LSI_DONE;
}

// Those that were reset say so, once; nobody else does.
static bool all_tell(void)
{
	bool right = true;
	for (unsigned i = 0; i < place_count; i++) {
		struct answer answer = command(&places[i], scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0));
		if (what != Abort && is_meant(&places[i]) && !on_qemu()) { // whose disks say nothing of a BUS DEVICE RESET
			right = right && answer.status == SCSI_CHECK_CONDITION && answer.sense.key == SCSI_UNIT_ATTENTION && answer.sense.additional >> 8 == 0x29
					&& good(command(&places[i], scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0)));
		} else {
			right = right && good(answer);
		}
	}
	return right;
}

static void check_message(const char *name, enum message message, const struct unit *unit)
{
	bool left_alone = true, told = true;
	unsigned taken_back = 0;
	victim = *unit;
	what = message;
	for (unsigned round = 0; round < Rounds && left_alone && told; round++) {
		places_submit(false, 0);
		delay_us(round % 3 * 100);
		left_alone = send() && places_drain(is_not_meant, Seed, NULL);
		told = left_alone && all_tell();
		taken_back += places_abandon();
	}
	char line[128];
	printf("NOTE %s: %u taken back\n", name, taken_back);
	snprintf(line, sizeof line, "%s: all others finish, with their data", name);
	report(line, left_alone);
	snprintf(line, sizeof line, "%s: who was reset says so, and nobody else", name);
	if (!report(line, told)) {
		lsi_queue_reset(&queues[0]);
		lsi_queue_reset(&queues[1]);
		while (lsi_finished(&queues[0]) != NULL || lsi_finished(&queues[1]) != NULL) {
		}
	}
}

// The last one behind the first controller: what is submitted last is the least likely to have finished.
static const struct unit *find_last(void)
{
	const struct unit *last = NULL;
	for (unsigned i = 0; i < place_count; i++) {
		last = places[i].queue == &queues[0] ? &places[i] : last;
	}
	return last;
}

// The last unit of a target that has several, or null.
static const struct unit *find_one_of_several(void)
{
	for (unsigned i = place_count; i-- > 0;) {
		if (places[i].lun != 0) {
			return &places[i];
		}
	}
	return NULL;
}

void check_place_resets(void)
{
	for (unsigned i = 0; i < place_count; i++) {
		(void)make_ready(&places[i]);
	}
	places_submit(true, Seed);
	if (!report("every unit is written", places_drain(NULL, Seed, NULL))) {
		return;
	}
	check_message("BUS DEVICE RESET of a target", BusDeviceReset, find_last());
	const struct unit *one = find_one_of_several();
	if (one == NULL) {
		report_skip("one unit of several", "no target has several");
		return;
	}
	check_message("BUS DEVICE RESET, sent to one unit of several", BusDeviceReset, one);
	check_message("LOGICAL UNIT RESET of one unit of several", LogicalUnitReset, one);
	check_message("ABORT of one unit of several", Abort, one);
}
