// Reading and writing in every form (SBC-3): what is read is what was written.
#include "units.h"

static const struct { const char *name; uint8_t read, write; } forms[] = {
	{ "6", SCSI_READ_6, SCSI_WRITE_6 }, { "10", SCSI_READ_10, SCSI_WRITE_10 }, { "12", SCSI_READ_12, SCSI_WRITE_12 }, { "16", SCSI_READ_16, SCSI_WRITE_16 },
};
enum { Forms = sizeof forms / sizeof *forms, Few = 3, Many = 100 };

static bool is_written(uint64_t block, uint32_t count, const void *expected)
{
	memset(scratch2, 0xEE, ScratchSize);
	return good(command_in(&disk, scsi_on_blocks(SCSI_READ_16, block, count, 0), scratch2, count * BlockSize)) && memcmp(expected, scratch2, count * BlockSize) == 0;
}

static void check_forms(void)
{
	char name[64];
	for (unsigned write = 0; write < Forms; write++) {
		for (unsigned read = 0; read < Forms; read++) {
			uint64_t block = 1000 + write * 100 + read * 10;
			fill_pattern(scratch, Few * BlockSize, write * 16 + read);
			memset(scratch2, 0xEE, Few * BlockSize + 1);
			bool same = good(command_out(&disk, scsi_on_blocks(forms[write].write, block, Few, 0), scratch, Few * BlockSize))
						&& good(command_in(&disk, scsi_on_blocks(forms[read].read, block, Few, 0), scratch2, Few * BlockSize))
						&& memcmp(scratch, scratch2, Few * BlockSize) == 0 && scratch2[Few * BlockSize] == 0xEE;
			snprintf(name, sizeof name, "WRITE %s, READ %s", forms[write].name, forms[read].name);
			report(name, same);
		}
	}
	fill_pattern(scratch, Many * BlockSize, 99);
	report("a hundred blocks at once", good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 2000, Many, 0), scratch, Many * BlockSize)) && is_written(2000, Many, scratch));
	report("the last block", good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, disk.blocks - 1, 1, 0), scratch, BlockSize)) && is_written(disk.blocks - 1, 1, scratch));
	report("no block is no error, by 10 bytes and more", good(command(&disk, scsi_on_blocks(SCSI_READ_10, 0, 0, 0))) && good(command(&disk, scsi_on_blocks(SCSI_WRITE_10, 0, 0, 0)))
															 && good(command(&disk, scsi_on_blocks(SCSI_READ_16, 0, 0, 0))));
	static uint8_t all[256 * BlockSize];
	struct answer answer = command_in(&disk, scsi_on_blocks(SCSI_READ_6, 1900, 0, 0), all, sizeof all);
	report("by 6 bytes it is 256 blocks", good(answer) && answer.residue == 0 && memcmp(all + 100 * BlockSize, scratch, Many * BlockSize) == 0);
	fill_pattern(scratch, BlockSize, 3);
	report("FUA and DPO", good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 3000, 1, SCSI_FUA | SCSI_DPO), scratch, BlockSize))
							  && good(command_in(&disk, scsi_on_blocks(SCSI_READ_10, 3000, 1, SCSI_FUA | SCSI_DPO), scratch2, BlockSize)) && memcmp(scratch, scratch2, BlockSize) == 0);
	report("SYNCHRONIZE CACHE 10", good(command(&disk, scsi_on_blocks(SCSI_SYNCHRONIZE_CACHE_10, 0, 0, 0)))
									   && good(command(&disk, scsi_on_blocks(SCSI_SYNCHRONIZE_CACHE_10, 100, 50, 0))));
	if (!left_out_by_qemu("SYNCHRONIZE CACHE 16", "this command")) {
		report("SYNCHRONIZE CACHE 16", good(command(&disk, scsi_on_blocks(SCSI_SYNCHRONIZE_CACHE_16, 100, 50, 0))));
	}
}

static void check_verifying(void)
{
	fill_pattern(scratch, Few * BlockSize, 17);
	report("WRITE AND VERIFY 10 and 16", good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_AND_VERIFY_10, 3100, Few, 0), scratch, Few * BlockSize)) && is_written(3100, Few, scratch)
											 && good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_AND_VERIFY_16, 3200, Few, 0), scratch, Few * BlockSize))
											 && is_written(3200, Few, scratch));
	report("VERIFY 10 and 16, of the medium alone", good(command(&disk, scsi_on_blocks(SCSI_VERIFY_10, 3100, Few, 0))) && good(command(&disk, scsi_on_blocks(SCSI_VERIFY_16, 3100, Few, 0))));
	if (!left_out_by_qemu("VERIFY: by comparing", "BYTCHK")) {
		report("VERIFY: by comparing, what is there", good(command_out(&disk, scsi_on_blocks(SCSI_VERIFY_10, 3100, Few, 2), scratch, Few * BlockSize)));
		scratch[Few * BlockSize - 1] ^= 1;
		report_refused("VERIFY: by comparing, what is not", command_out(&disk, scsi_on_blocks(SCSI_VERIFY_10, 3100, Few, 2), scratch, Few * BlockSize), SCSI_MISCOMPARE, 0x1D00);
		scratch[Few * BlockSize - 1] ^= 1;
	}
}

static void check_same(void)
{
	static const struct { const char *name; uint8_t operation; } same[] = { { "WRITE SAME 10", SCSI_WRITE_SAME_10 }, { "WRITE SAME 16", SCSI_WRITE_SAME_16 } };
	enum { Count = 37 };
	for (unsigned i = 0; i < 2; i++) {
		fill_pattern(scratch, (Count + 2) * BlockSize, 40 + i);
		bool written = good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 3999, Count + 2, 0), scratch, (Count + 2) * BlockSize))
					   && good(command_out(&disk, scsi_on_blocks(same[i].operation, 4000, Count, 0), scratch + 5 * BlockSize, BlockSize));
		for (unsigned block = 1; block <= Count; block++) {
			if (block != 5) {
				memcpy(scratch + block * BlockSize, scratch + 5 * BlockSize, BlockSize);
			}
		}
		report(same[i].name, written && is_written(3999, Count + 2, scratch));
	}
	memset(scratch, 0, BlockSize * 4);
	report("WRITE SAME: zeros", good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_SAME_16, 4000, 4, 0), scratch, BlockSize)) && is_written(4000, 4, scratch));
}

static void check_unmap(void)
{
	static uint8_t page[64], list[24];
	bool provisioned = product_data(&disk, 0xB2, page, sizeof page) >= 8 && (page[5] & 0x80) != 0; // LBPU
	fill_pattern(scratch, 66 * BlockSize, 60);
	bool written = good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 5000, 66, 0), scratch, 66 * BlockSize));
	memset(list, 0, sizeof list);
	scsi_put(list, 2, sizeof list - 2);
	scsi_put(list + 2, 2, 16);
	scsi_put(list + 8, 8, 5001);
	scsi_put(list + 16, 4, 64);
	struct answer answer = command_out(&disk, scsi_on_data(SCSI_UNMAP, 0, 0, sizeof list), list, sizeof list);
	if (!provisioned) {
		report_refused("UNMAP: not what this disk does", answer, SCSI_ILLEGAL_REQUEST, SCSI_INVALID_OPERATION);
		return;
	}
	report("UNMAP: some blocks", written && good(answer));
	bool outside = good(command_in(&disk, scsi_on_blocks(SCSI_READ_10, 5000, 66, 0), scratch2, 66 * BlockSize)) && memcmp(scratch, scratch2, BlockSize) == 0
				   && memcmp(scratch + 65 * BlockSize, scratch2 + 65 * BlockSize, BlockSize) == 0;
	report("UNMAP: those around them stay", outside);
	report("UNMAP: an empty list", good(command(&disk, scsi_on_data(SCSI_UNMAP, 0, 0, 0))));
	scsi_put(list + 8, 8, disk.blocks - 1);
	report_refused("UNMAP: out of range", command_out(&disk, scsi_on_data(SCSI_UNMAP, 0, 0, sizeof list), list, sizeof list), SCSI_ILLEGAL_REQUEST, SCSI_LBA_OUT_OF_RANGE);
	answer = command_out(&disk, scsi_on_data(SCSI_UNMAP, 0, 0, 7), list, 7);
	report("UNMAP: a list without its header", answer.status == SCSI_CHECK_CONDITION && answer.sense.key == SCSI_ILLEGAL_REQUEST);
}

void check_blocks(void)
{
	check_forms();
	check_verifying();
	check_same();
	check_unmap();
}
