// What a disk says of itself: INQUIRY and its pages, REPORT LUNS, REQUEST SENSE (SPC-3), READ CAPACITY (SBC-3).
#include "units.h"

static uint8_t data[256];

static void check_standard(void)
{
	memset(data, 0xEE, sizeof data);
	struct answer answer = command_in(&disk, scsi_on_data(SCSI_INQUIRY, 0, 0, 36), data, 36);
	report("INQUIRY: 36 bytes, all of them", good(answer) && answer.residue == 0 && data[36] == 0xEE);
	report_equal("INQUIRY: it is a connected disk", data[0], 0);
	report("INQUIRY: by SPC-3 at least, in the format of today", data[2] >= 5 && (data[3] & 15) == 2);
	report("INQUIRY: it queues commands", data[7] & 2);
	bool text = true;
	for (unsigned i = 8; i < 36; i++) {
		text = text && data[i] >= 0x20 && data[i] <= 0x7E;
	}
	report("INQUIRY: vendor, product and revision are text", text);
	uint8_t additional = data[4];
	answer = command_in(&disk, scsi_on_data(SCSI_INQUIRY, 0, 0, 5), data, 64);
	report("INQUIRY: five bytes, if that is all there is room for; the rest stays what it was", good(answer) && answer.residue == 59 && data[4] == additional);
	answer = command_in(&disk, scsi_on_data(SCSI_INQUIRY, 0, 0, 255), data, 255);
	report("INQUIRY: no more than there is", good(answer) && answer.residue <= 255 - 36 && !answer.overrun);
	report("INQUIRY: room for nothing is no error", good(command(&disk, scsi_on_data(SCSI_INQUIRY, 0, 0, 0))));
	report_refused("INQUIRY: a page without EVPD", command(&disk, scsi_on_data(SCSI_INQUIRY, 0, 0x80, 0)), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_CDB);
	report_refused("INQUIRY: a page that there is not", command_in(&disk, scsi_on_data(SCSI_INQUIRY, 1, 0x55, 64), data, 64), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_CDB);
}

static bool designators_are_well_formed(const uint8_t *page, unsigned length)
{
	unsigned at = 4, of_the_unit = 0;
	while (at + 4 <= length) {
		of_the_unit += (page[at + 1] & 0x30) == 0;
		at += 4u + page[at + 3];
	}
	return at == length && of_the_unit != 0;
}

static void check_pages(void)
{
	static uint8_t list[64], page[256];
	unsigned length = product_data(&disk, 0x00, list, sizeof list);
	bool ascending = length > 4 && list[4] == 0, all = true;
	bool limits = false, characteristics = false, provisioning = false, identification = false;
	for (unsigned i = 4; i < length; i++) {
		ascending = ascending && (i == 4 || list[i] > list[i - 1]);
		unsigned size = product_data(&disk, list[i], page, sizeof page);
		all = all && size != 0 && page[0] == 0;
		switch (list[i]) {
		case 0x80: report("page 80h: a serial number of printable characters", size > 4 && page[4] >= 0x20 && page[4] <= 0x7E); break;
		case 0x83: identification = designators_are_well_formed(page, size); break;
		case 0xB0: limits = size == 0x40; break;
		case 0xB1: characteristics = size == 0x40; break;
		case 0xB2: provisioning = size >= 8; break;
		default: break;
		}
	}
	report("page 00h: a list of pages, in ascending order", ascending);
	report("and each of them is there", all);
	report("page 83h: designators, one of the unit among them", identification);
	report("page B0h: block limits", limits);
	report("page B1h: block device characteristics", characteristics);
	report("page B2h: logical block provisioning", provisioning);
}

static void check_units(void)
{
	struct unit nobody = disk;
	nobody.lun = 6;
	struct answer answer = command_in(&disk, scsi_on_data(SCSI_REPORT_LUNS, 0, 0, 256), data, 256);
	uint32_t length = (uint32_t)scsi_get(data, 4);
	report("REPORT LUNS: at least unit 0", good(answer) && length >= 8 && length % 8 == 0 && scsi_get(data + 8, 8) == 0);
	report_equal("REPORT LUNS: as many bytes as it says", 256 - answer.residue, 8 + length);
	answer = command_in(&disk, scsi_on_data(SCSI_REPORT_LUNS, 0, 0, 16), data, 16);
	report("REPORT LUNS: in as little room as is allowed", good(answer) && scsi_get(data, 4) == length);

	answer = command_in(&nobody, scsi_on_data(SCSI_INQUIRY, 0, 0, 36), data, 36);
	report("a unit that there is not: INQUIRY says so", good(answer) && data[0] == 0x7F);
	report_refused("and TEST UNIT READY", command(&nobody, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0)), SCSI_ILLEGAL_REQUEST, SCSI_UNIT_NOT_SUPPORTED);
	report_refused("and READ", command_in(&nobody, scsi_on_blocks(SCSI_READ_10, 0, 1, 0), data, 0), SCSI_ILLEGAL_REQUEST, SCSI_UNIT_NOT_SUPPORTED);
	report("which does not trouble unit 0", good(command(&disk, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0))));
}

static void check_sense(void)
{
	struct scsi_command nonsense = { { 0xC7 }, 6 };
	report_refused("an operation that there is not", command(&disk, nonsense), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_OPERATION);
	bool all = true;
	for (unsigned operation = 0x60; operation <= 0xFF; operation++) { // groups of no length, and of the vendor's
		if (operation < 0x80 || operation >= 0xC0) {
			struct scsi_command reserved = { { (uint8_t)operation }, operation % 2 ? 6 : 16 };
			all = refused(command(&disk, reserved), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_OPERATION) && all;
		}
	}
	report("nor is any in the groups that have no length", all);
	struct answer answer = command_in(&disk, scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, SenseSize), data, SenseSize);
	report("REQUEST SENSE: told once, it is gone", good(answer) && scsi_sense_of(data).key == SCSI_NO_SENSE && scsi_sense_of(data).additional == 0);
	report_equal("REQUEST SENSE: current errors, in fixed format", data[0] & 0x7F, 0x70);
	answer = command_in(&disk, scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, 8), data, 18);
	report_equal("REQUEST SENSE: no more than there is room for", answer.residue, 10);
	answer = command_in(&disk, scsi_on_data(SCSI_REQUEST_SENSE, 1, 0, SenseSize), data, SenseSize);
	report("REQUEST SENSE: in descriptor format, if asked", good(answer) && (data[0] & 0x7F) == 0x72);
}

static void check_capacity(void)
{
	struct answer answer = command_in(&disk, scsi_on_data(SCSI_SERVICE_ACTION_IN_16, SCSI_READ_CAPACITY_16, 0, 32), data, 32);
	report("READ CAPACITY: by 16 bytes the same as by 10", good(answer) && scsi_get(data, 8) + 1 == disk.blocks && scsi_get(data + 8, 4) == BlockSize);
	answer = command_in(&disk, scsi_on_data(SCSI_SERVICE_ACTION_IN_16, SCSI_READ_CAPACITY_16, 0, 12), data, 32);
	report_equal("READ CAPACITY: no more than there is room for", answer.residue, 20);
	report_refused("a service action that there is not", command(&disk, scsi_on_data(SCSI_SERVICE_ACTION_IN_16, 0x1F, 0, 0)), SCSI_ILLEGAL_REQUEST,
				   SCSI_INVALID_FIELD_IN_CDB);
	report("START STOP UNIT: start", good(command(&disk, (struct scsi_command){ { SCSI_START_STOP_UNIT, 0, 0, 0, 1 }, 6 })));
	report("START STOP UNIT: stop, and start again", good(command(&disk, (struct scsi_command){ { SCSI_START_STOP_UNIT, 0, 0, 0, 0 }, 6 }))
													  && good(command(&disk, (struct scsi_command){ { SCSI_START_STOP_UNIT, 0, 0, 0, 1 }, 6 })) && make_ready(&disk));
	report("RESERVE and RELEASE", good(command(&disk, (struct scsi_command){ { SCSI_RESERVE_6 }, 6 })) && good(command(&disk, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0)))
									  && good(command(&disk, (struct scsi_command){ { SCSI_RELEASE_6 }, 6 })));
}

void check_inquiry(void)
{
	check_standard();
	check_pages();
	check_units();
	check_sense();
	check_capacity();
}
