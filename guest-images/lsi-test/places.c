// Several targets, and several units of a target: each answers for itself alone, however much is under way at the others. The serial number of
// a disk says where it is, such as S0T3L1; units=N says how many there are.
#include "places.h"

enum { Lists = 256, FirstPiece = 8 };

struct unit places[PlacesMost];
unsigned place_count;

static struct piece {
	struct lsi_request request;
	bool under_way;
	uint8_t data[PieceBytes];
} pieces[PlacesMost][PerPlace];

static uint8_t data[Lists];

static uint32_t seed_of(unsigned place, unsigned index, unsigned round) { return (round * PlacesMost + place) * PerPlace + index; }

void places_submit(bool write, unsigned round)
{
	for (unsigned index = 0; index < PerPlace; index++) {
		for (unsigned place = 0; place < place_count; place++) {
			struct piece *piece = &pieces[place][index];
			const struct unit *unit = &places[place];
			uint32_t blocks = PieceBytes / unit->block_size;
			struct scsi_command c = scsi_on_blocks(write ? SCSI_WRITE_10 : SCSI_READ_10, (FirstPiece + index) * blocks, blocks, 0);
			if (write) {
				fill_pattern(piece->data, PieceBytes, seed_of(place, index, round));
			} else {
				memset(piece->data, 0xEE, PieceBytes);
			}
			lsi_command(&piece->request, unit->target, unit->lun, c.bytes, c.length);
			lsi_data(&piece->request, write, piece->data, PieceBytes);
			piece->under_way = lsi_enqueue(unit->queue, &piece->request, unit->lun * PerPlace + index);
		}
	}
	for (unsigned i = 0; i < Controllers; i++) { // of all of them at once
		lsi_signal(&queues[i]);
	}
}

// The piece that a request is of, or null.
static struct piece *piece_of(const struct lsi_request *request)
{
	uintptr_t at = (uintptr_t)request - (uintptr_t)pieces;
	return at < sizeof pieces ? &pieces[0][0] + at / sizeof(struct piece) : NULL;
}

static bool is_right(const struct piece *piece, unsigned round)
{
	static uint8_t expected[PieceBytes];
	unsigned at = (unsigned)(piece - &pieces[0][0]);
	fill_pattern(expected, PieceBytes, seed_of(at / PerPlace, at % PerPlace, round));
	return piece->under_way && piece->request.outcome == LSI_DONE && piece->request.status == SCSI_GOOD && !piece->request.overrun
		   && lsi_residue(places[at / PerPlace].queue, &piece->request) == 0 && memcmp(piece->data, expected, PieceBytes) == 0;
}

static bool are_done(bool (*awaited)(const struct unit *unit))
{
	for (unsigned place = 0; place < place_count; place++) {
		for (unsigned index = 0; index < PerPlace; index++) {
			if (pieces[place][index].under_way && (awaited == NULL || awaited(&places[place]))) {
				return false;
			}
		}
	}
	return true;
}

bool places_drain(bool (*awaited)(const struct unit *unit), unsigned round, const struct lsi_request *until)
{
	bool right = true, came = until == NULL;
	for (uint64_t begin = rdtsc(); right && !(came && (until != NULL || are_done(awaited)));) {
		if (rdtsc() - begin > 20 * tsc_frequency()) {
			return false;
		}
		for (unsigned i = 0; i < Controllers; i++) {
			struct lsi_request *request = lsi_finished(&queues[i]);
			struct piece *piece = piece_of(request);
			came = came || (request != NULL && request == until);
			if (piece != NULL) {
				right = is_right(piece, round) && right;
				piece->under_way = false;
			} else {
				right = right && (request == NULL || request == until);
			}
		}
	}
	return right;
}

unsigned places_abandon(void)
{
	unsigned count = 0;
	for (unsigned place = 0; place < place_count; place++) {
		for (unsigned index = 0; index < PerPlace; index++) {
			struct piece *piece = &pieces[place][index];
			if (piece->under_way) {
				lsi_abandon(places[place].queue, &piece->request);
				piece->under_way = false;
				count++;
			}
		}
	}
	return count;
}

// Units 0 to 7 of a target, of which REPORT LUNS lists those that there are.
static bool find_units(unsigned controller, unsigned target)
{
	struct unit unit = { &queues[controller], (uint8_t)target, 0, 0, 0 };
	uint32_t listed = 0, found = 0;
	struct answer answer = command_in(&unit, scsi_on_data(SCSI_REPORT_LUNS, 0, 0, Lists), data, Lists);
	uint32_t length = (uint32_t)scsi_get(data, 4);
	bool right = good(answer) && length % 8 == 0 && 8 + length == Lists - answer.residue;
	for (uint32_t at = 8; right && at < 8 + length; at += 8) {
		right = data[at] == 0 && data[at + 1] < 8 && scsi_get(data + at + 2, 6) == 0; // peripheral device addressing
		listed |= 1u << data[at + 1];
	}
	for (unsigned lun = 0; right && lun < 8; lun++) {
		unit = (struct unit){ &queues[controller], (uint8_t)target, (uint8_t)lun, 0, 0 };
		right = good(command_in(&unit, scsi_on_data(SCSI_INQUIRY, 0, 0, 36), data, 36)) && (data[0] == 0 || data[0] == 0x7F);
		if (right && data[0] == 0) {
			found |= 1u << lun;
			right = place_count < PlacesMost && unit_find(&places[place_count++], controller, target, lun);
		} else if (right) {
			right = refused(command(&unit, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0)), SCSI_ILLEGAL_REQUEST, SCSI_UNIT_NOT_SUPPORTED);
		}
	}
	return right && found == listed && (found & 1) != 0;
}

static void check_who_is_there(void)
{
	bool right = true;
	unsigned targets = 0;
	place_count = 0;
	for (unsigned controller = 0; controller < Controllers; controller++) {
		for (unsigned target = 0; target < LSI_TARGETS; target++) {
			struct unit unit = { &queues[controller], (uint8_t)target, 0, 0, 0 };
			if (target != LSI_ID && command_in(&unit, scsi_on_data(SCSI_INQUIRY, 0, 0, 36), data, 36).status != -1) {
				right = find_units(controller, target) && right;
				targets++;
			}
		}
	}
	report("each target lists its units, and the others say that they are not there", right);
	printf("NOTE %u targets, %u units\n", targets, place_count);
	report_equal("as many units as the machine has", place_count, multiboot_option("units", 4));
}

static void check_serials(void)
{
	bool right = true;
	for (unsigned place = 0; place < place_count; place++) {
		const struct unit *unit = &places[place];
		char expected[16];
		int length = snprintf(expected, sizeof expected, "S%uT%uL%u", (unsigned)(unit->queue - queues), unit->target, unit->lun);
		unsigned size = product_data(unit, 0x80, data, Lists);
		if (size != 4 + (unsigned)length || memcmp(data + 4, expected, (unsigned)length) != 0) {
			printf("  %s says \"%.16s\"\n", expected, data + 4);
			right = false;
		}
	}
	report("each unit is the one that its place says, by its serial number", right);
}

static void check_data(void)
{
	enum { Rounds = 4 };
	bool right = true;
	for (unsigned round = 0; round < Rounds && right; round++) {
		places_submit(true, round);
		right = places_drain(NULL, round, NULL);
		places_submit(false, round);
		right = right && places_drain(NULL, round, NULL);
	}
	report("tags at all units at once: what one is given, no other has", right);
	if (!right) {
		(void)places_abandon();
		lsi_queue_reset(&queues[0]);
		lsi_queue_reset(&queues[1]);
	}
}

void check_places(void)
{
	check_who_is_there();
	check_serials();
	check_data();
	check_place_resets();
}
