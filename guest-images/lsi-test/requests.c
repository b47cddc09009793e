// A request's data, piece by piece; too little and too much of it. By the driver with queues.
#include "units.h"

static struct lsi_request request;

static bool execute(void) { return lsi_execute(disk.queue, &request, LSI_TAG_ANY) && request.outcome == LSI_DONE && request.status == SCSI_GOOD; }

static void begin(uint8_t operation, uint64_t block, uint32_t count)
{
	struct scsi_command c = scsi_on_blocks(operation, block, count, 0);
	lsi_command(&request, disk.target, disk.lun, c.bytes, c.length);
}

static void check_pieces(void)
{
	static const uint16_t pieces[LSI_SEGMENTS] = { 1, 511, 512, 3, 4096, 5, 700, 2, 1024, 13, 1, 1, 1, 2000, 64, 0 };
	enum { Blocks = 20, Apart = 3000 };
	unsigned left = Blocks * BlockSize, at = 0;
	uint16_t sizes[LSI_SEGMENTS];
	for (unsigned i = 0; i < LSI_SEGMENTS; i++) {
		sizes[i] = i + 1 < LSI_SEGMENTS ? pieces[i] : (uint16_t)left;
		left -= sizes[i];
	}
	fill_pattern(scratch, Blocks * BlockSize, 200);
	begin(SCSI_WRITE_10, 6000, Blocks);
	for (unsigned i = 0; i < LSI_SEGMENTS; at += sizes[i++]) {
		lsi_data(&request, true, scratch + at, sizes[i]);
	}
	report("data out, gathered from sixteen pieces", execute() && lsi_residue(disk.queue, &request) == 0);
	memset(scratch2, 0xEE, ScratchSize);
	begin(SCSI_READ_10, 6000, Blocks);
	for (unsigned i = 0, to = 1; i < LSI_SEGMENTS; to += sizes[i++] + 7) {
		lsi_data(&request, false, scratch2 + to, sizes[i]);
	}
	bool same = execute() && lsi_residue(disk.queue, &request) == 0;
	for (unsigned i = 0, to = 1, from = 0; i < LSI_SEGMENTS; from += sizes[i], to += sizes[i++] + 7) {
		same = same && memcmp(scratch2 + to, scratch + from, sizes[i]) == 0 && scratch2[to - 1] == 0xEE && scratch2[to + sizes[i]] == 0xEE;
	}
	report("data in, scattered to sixteen pieces, and not a byte between them", same);
}

static void check_lengths(void)
{
	fill_pattern(scratch, 4 * BlockSize, 201);
	(void)command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 6000, 4, 0), scratch, 4 * BlockSize);
	memset(scratch2, 0xEE, ScratchSize);
	begin(SCSI_READ_10, 6000, 2);
	lsi_data(&request, false, scratch2, 1000);
	lsi_data(&request, false, scratch2 + 2000, 1000);
	report("more room than data: a residue", execute() && lsi_residue(disk.queue, &request) == 2000 - 2 * BlockSize && !request.overrun
												 && memcmp(scratch2, scratch, 1000) == 0 && memcmp(scratch2 + 2000, scratch + 1000, 24) == 0 && scratch2[2024] == 0xEE);
	memset(scratch2, 0xEE, ScratchSize);
	begin(SCSI_READ_10, 6000, 4);
	lsi_data(&request, false, scratch2, 700);
	report("more data than room: an overrun, and nothing beyond", execute() && request.overrun && memcmp(scratch2, scratch, 700) == 0 && scratch2[700] == 0xEE);
	begin(SCSI_READ_10, 6000, 1);
	report("data and no room at all", execute() && request.overrun);
	begin(SCSI_WRITE_10, 6100, 1);
	lsi_data(&request, false, scratch2, BlockSize);
	report("data the wrong way", lsi_execute(disk.queue, &request, LSI_TAG_ANY) && request.outcome == LSI_DONE && lsi_residue(disk.queue, &request) == BlockSize);
	report("and then it is as good as before", good(command_in(&disk, scsi_on_blocks(SCSI_READ_10, 6000, 4, 0), scratch2, 4 * BlockSize))
												   && memcmp(scratch, scratch2, 4 * BlockSize) == 0);
}

static void check_nobody(void)
{
	struct unit nobody = { disk.queue, 9, 0, 0, 0 };
	bool all = true;
	for (unsigned i = 0; i < 3; i++) {
		all = command(&nobody, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0)).status == -1 && all && make_ready(&disk) && make_ready(&neighbour);
	}
	report("a target that there is not does not trouble those that are", all);
}

void check_requests(void)
{
	check_pieces();
	check_lengths();
	check_nobody();
}
