// What a disk refuses: blocks that there are not, bits that there are not.
#include "units.h"

enum direction { None, In, Out };

static void check_operation(const char *name, uint8_t operation, enum direction direction)
{
	char line[96];
	bool small = scsi_length(operation) == 6, large = scsi_length(operation) == 16;
	struct { uint64_t block; uint32_t count; } wrong[] = { { disk.blocks, 1 }, { disk.blocks - 1, 2 }, { small ? 0x1FFFFF : 0xFFFFFFFF, 1 },
		{ large ? 0x8000000000000000 : disk.blocks + 5, 1 }, { large ? 0xFFFFFFFFFFFFFFFF : disk.blocks + 6, 2 } };
	bool all = true;
	struct answer answer = { 0 };
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong && all; i++) {
		struct scsi_command c = scsi_on_blocks(operation, wrong[i].block, wrong[i].count, 0);
		answer = direction == Out ? command_out(&disk, c, scratch, wrong[i].count * BlockSize)
			 : direction == In	  ? command_in(&disk, c, scratch, wrong[i].count * BlockSize)
								  : command(&disk, c);
		all = refused(answer, SCSI_ILLEGAL_REQUEST, SCSI_LBA_OUT_OF_RANGE);
	}
	snprintf(line, sizeof line, "%s: out of range", name);
	if (all) {
		report(line, all);
	} else {
		report_fail(line, "status %d, sense 0x%x/0x%04x", answer.status, answer.sense.key, answer.sense.additional);
	}
}

void check_ranges(void)
{
	check_operation("READ 6", SCSI_READ_6, In);
	check_operation("READ 10", SCSI_READ_10, In);
	check_operation("READ 12", SCSI_READ_12, In);
	check_operation("READ 16", SCSI_READ_16, In);
	check_operation("WRITE 6", SCSI_WRITE_6, Out);
	check_operation("WRITE 10", SCSI_WRITE_10, Out);
	check_operation("WRITE 12", SCSI_WRITE_12, Out);
	check_operation("WRITE 16", SCSI_WRITE_16, Out);
	check_operation("WRITE AND VERIFY 10", SCSI_WRITE_AND_VERIFY_10, Out);
	if (!left_out_by_qemu("VERIFY 16: out of range", "this")) {
		check_operation("VERIFY 16", SCSI_VERIFY_16, None);
	}
	check_operation("WRITE SAME 16", SCSI_WRITE_SAME_16, Out);
	report_refused("READ 10: with protection information, which there is not", command_in(&disk, scsi_on_blocks(SCSI_READ_10, 0, 1, 0x20), scratch, BlockSize),
				   SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_CDB);
	report_refused("WRITE 10: the same", command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 0, 1, 0x60), scratch, BlockSize), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_CDB);
	report("and it is as good as before", make_ready(&disk) && good(command_in(&disk, scsi_on_blocks(SCSI_READ_10, 0, 1, 0), scratch, BlockSize)));
}
