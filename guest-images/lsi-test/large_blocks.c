// A disk with blocks of 4096 bytes, at the first controller's ID 2: addresses, lengths and limits are in its blocks, and nothing is in 512 bytes.
#include "units.h"

enum { Target = 2, Large = 4096, Few = 3, Most = ScratchSize / Large };

static const struct { const char *name; uint8_t read, write; } forms[] = {
	{ "6", SCSI_READ_6, SCSI_WRITE_6 }, { "10", SCSI_READ_10, SCSI_WRITE_10 }, { "12", SCSI_READ_12, SCSI_WRITE_12 }, { "16", SCSI_READ_16, SCSI_WRITE_16 },
};
enum { Forms = sizeof forms / sizeof *forms };

static struct unit large;
static uint8_t data[256];

static bool write_blocks(uint8_t operation, uint64_t block, uint32_t count, const void *from)
{
	struct answer answer = command_out(&large, scsi_on_blocks(operation, block, count, 0), from, count * Large);
	return good(answer) && answer.residue == 0 && !answer.overrun;
}

static bool read_blocks(uint8_t operation, uint64_t block, uint32_t count, void *to)
{
	struct answer answer = command_in(&large, scsi_on_blocks(operation, block, count, 0), to, count * Large);
	return good(answer) && answer.residue == 0 && !answer.overrun;
}

static bool holds(uint64_t block, uint32_t count, const void *expected)
{
	memset(scratch2, 0xEE, ScratchSize);
	return read_blocks(SCSI_READ_16, block, count, scratch2) && memcmp(scratch2, expected, count * Large) == 0;
}

static void check_sizes(void)
{
	report_equal("4096: as many bytes as its neighbour", large.blocks * Large, neighbour.blocks * BlockSize);
	struct answer answer = command_in(&large, scsi_on_data(SCSI_SERVICE_ACTION_IN_16, SCSI_READ_CAPACITY_16, 0, 32), data, 32);
	report("4096: READ CAPACITY by 16 bytes the same as by 10", good(answer) && scsi_get(data, 8) + 1 == large.blocks && scsi_get(data + 8, 4) == Large);
	report_equal("4096: a physical block is one logical block", data[13] & 15, 0);
	answer = command_in(&large, scsi_on_data(SCSI_MODE_SENSE_6, 0, 0x3F, 192), data, 192);
	report("4096: MODE SENSE: the block descriptor", good(answer) && data[3] == 8 && scsi_get(data + 5, 3) == large.blocks && scsi_get(data + 9, 3) == Large);
	unsigned length = product_data(&large, 0xB0, data, sizeof data);
	report("4096: page B0h: block limits, of blocks", length == 0x40 && scsi_get(data + 6, 2) <= 1 && scsi_get(data + 8, 4) <= UINT32_MAX / Large);
	report_equal("4096: page B0h: what is discarded is blocks", scsi_get(data + 28, 4) <= 1, true);
}

static void check_forms(void)
{
	char name[64];
	for (unsigned i = 0; i < Forms; i++) {
		uint64_t last = i == 0 && large.blocks > 0x200000 ? 0x1FFFFF : large.blocks - 1;
		fill_pattern(scratch, Few * Large, 300 + i);
		bool right = write_blocks(forms[i].write, 0, Few, scratch) && read_blocks(forms[i].read, 0, Few, scratch2) && memcmp(scratch, scratch2, Few * Large) == 0;
		fill_pattern(scratch, Large, 310 + i);
		right = right && write_blocks(forms[i].write, last, 1, scratch) && read_blocks(forms[i].read, last, 1, scratch2) && memcmp(scratch, scratch2, Large) == 0;
		snprintf(name, sizeof name, "4096: READ %s, WRITE %s, of the first blocks and the last", forms[i].name, forms[i].name);
		report(name, right);
		right = refused(command_in(&large, scsi_on_blocks(forms[i].read, large.blocks, 1, 0), scratch2, Large), SCSI_ILLEGAL_REQUEST, SCSI_LBA_OUT_OF_RANGE)
				&& refused(command_out(&large, scsi_on_blocks(forms[i].write, large.blocks, 1, 0), scratch2, Large), SCSI_ILLEGAL_REQUEST, SCSI_LBA_OUT_OF_RANGE);
		snprintf(name, sizeof name, "4096: READ %s, WRITE %s, behind the last", forms[i].name, forms[i].name);
		report(name, right);
	}
}

// Half of it would be within: none of it is done.
static void check_across_the_end(void)
{
	fill_pattern(scratch, 2 * Large, 320);
	bool ready = write_blocks(SCSI_WRITE_10, large.blocks - 2, 2, scratch);
	fill_pattern(scratch2, 2 * Large, 321);
	report_refused("4096: WRITE 10 across the end", command_out(&large, scsi_on_blocks(SCSI_WRITE_10, large.blocks - 1, 2, 0), scratch2, 2 * Large),
				   SCSI_ILLEGAL_REQUEST, SCSI_LBA_OUT_OF_RANGE);
	report("4096: and nothing is written", ready && holds(large.blocks - 2, 2, scratch));
	memset(scratch2, 0xEE, 2 * Large);
	struct answer answer = command_in(&large, scsi_on_blocks(SCSI_READ_10, large.blocks - 1, 2, 0), scratch2, 2 * Large);
	report("4096: READ 10 across the end: refused, and no data comes", refused(answer, SCSI_ILLEGAL_REQUEST, SCSI_LBA_OUT_OF_RANGE) && answer.residue == 2 * Large && scratch2[0] == 0xEE);
}

static void check_counts(void)
{
	fill_pattern(scratch, Most * Large, 330);
	report("4096: as much as there is room for", write_blocks(SCSI_WRITE_10, 100, Most, scratch) && holds(100, Most, scratch));
	fill_pattern(scratch + 5 * Large, 2 * Large, 331);
	report("4096: blocks in the midst of others", write_blocks(SCSI_WRITE_10, 105, 2, scratch + 5 * Large) && holds(100, Most, scratch));
	memset(scratch2, 0xEE, ScratchSize);
	struct answer answer = command_in(&large, scsi_on_blocks(SCSI_READ_10, 100, Few, 0), scratch2, 4 * Large);
	report("4096: more room than blocks: the residue is a block", good(answer) && answer.residue == Large && !answer.overrun && memcmp(scratch, scratch2, Few * Large) == 0
																	 && scratch2[Few * Large] == 0xEE);
	memset(scratch2, 0xEE, ScratchSize);
	answer = command_in(&large, scsi_on_blocks(SCSI_READ_10, 100, 1, 0), scratch2, BlockSize);
	report("4096: room for an eighth of a block: an overrun, and nothing beyond", answer.overrun && memcmp(scratch, scratch2, BlockSize) == 0 && scratch2[BlockSize] == 0xEE);
	report("4096: no block is no error", good(command(&large, scsi_on_blocks(SCSI_READ_10, 100, 0, 0))) && good(command(&large, scsi_on_blocks(SCSI_WRITE_16, 100, 0, 0))));
}

static void check_others(void)
{
	fill_pattern(scratch, 12 * Large, 340);
	bool right = write_blocks(SCSI_WRITE_10, 200, 12, scratch) && good(command_out(&large, scsi_on_blocks(SCSI_WRITE_SAME_16, 201, 10, 0), scratch + 5 * Large, Large));
	for (unsigned block = 1; block <= 10; block++) {
		memmove(scratch + block * Large, scratch + 5 * Large, Large);
	}
	report("4096: WRITE SAME: a block, again and again", right && holds(200, 12, scratch));
	report_refused("4096: WRITE SAME across the end", command_out(&large, scsi_on_blocks(SCSI_WRITE_SAME_16, large.blocks - 1, 2, 0), scratch, Large), SCSI_ILLEGAL_REQUEST,
				   SCSI_LBA_OUT_OF_RANGE);
	report("4096: WRITE AND VERIFY, VERIFY", write_blocks(SCSI_WRITE_AND_VERIFY_10, 300, Few, scratch) && holds(300, Few, scratch)
												 && good(command(&large, scsi_on_blocks(SCSI_VERIFY_10, 300, Few, 0))));
	report("4096: SYNCHRONIZE CACHE, of some blocks and of all",
		   good(command(&large, scsi_on_blocks(SCSI_SYNCHRONIZE_CACHE_10, 300, Few, 0))) && good(command(&large, scsi_on_blocks(SCSI_SYNCHRONIZE_CACHE_10, 0, 0, 0))));
}

static void check_unmap(void)
{
	static uint8_t list[24];
	bool provisioned = product_data(&large, 0xB2, data, sizeof data) >= 8 && (data[5] & 0x80) != 0; // LBPU
	fill_pattern(scratch, 10 * Large, 350);
	bool written = write_blocks(SCSI_WRITE_10, 400, 10, scratch);
	scsi_put(list, 2, sizeof list - 2);
	scsi_put(list + 2, 2, 16);
	scsi_put(list + 8, 8, 401);
	scsi_put(list + 16, 4, 8);
	struct answer answer = command_out(&large, scsi_on_data(SCSI_UNMAP, 0, 0, sizeof list), list, sizeof list);
	if (!provisioned) {
		report_refused("4096: UNMAP: not what this disk does", answer, SCSI_ILLEGAL_REQUEST, SCSI_INVALID_OPERATION);
		return;
	}
	report("4096: UNMAP: those around its blocks stay", written && good(answer) && holds(400, 1, scratch) && holds(409, 1, scratch + 9 * Large));
}

void check_large_blocks(void)
{
	if (!unit_find(&large, 0, Target, 0) || large.block_size != Large) {
		report_skip("blocks of 4096 bytes", "there is no such disk");
		return;
	}
	check_sizes();
	check_forms();
	check_across_the_end();
	check_counts();
	check_others();
	check_unmap();
	report("4096: its neighbour has blocks of 512 bytes as before", make_ready(&neighbour) && good(command_in(&neighbour, scsi_on_blocks(SCSI_READ_10, 0, 1, 0), scratch2, BlockSize)));
}
