// Each type of request by its simplest chain: what comes back, and how much of memory is written (5.2.6).
#include "parts.h"

static struct virtio_blk_request request;

// A request with one buffer; its used length is in `request`.
static uint8_t do_one(uint32_t type, uint64_t sector, const volatile void *data, uint32_t bytes)
{
	struct virtq_buffer buffer = { data, bytes };
	virtio_blk_add(&dut, 0, &request, type, sector, &buffer, bytes != 0);
	virtq_kick(&dut.queues[0]);
	return within_deadline(virtio_blk_take(&dut, 0) == &request) ? request.status : VIRTIO_BLK_PENDING;
}

static bool fails(uint32_t type, uint64_t sector, uint32_t bytes)
{
	return do_one(type, sector, type == VIRTIO_BLK_IN ? got : given, bytes) == VIRTIO_BLK_IOERR;
}

static void check_data(void)
{
	static const unsigned counts[] = { 1, 2, 3, 8, 17, 64, 255, 512 };
	bool same = true, lengths = true;
	for (unsigned i = 0; i < sizeof counts / sizeof *counts && same; i++) {
		unsigned count = counts[i];
		fill_sectors(given, i * 37, count, i);
		same = do_one(VIRTIO_BLK_OUT, i * 37, given, count * Sector) == VIRTIO_BLK_OK;
		lengths = lengths && request.written == 1;
		memset(got, 0xEE, sizeof got);
		same = same && do_one(VIRTIO_BLK_IN, i * 37, got, count * Sector) == VIRTIO_BLK_OK && are_sectors(got, i * 37, count, i)
			   && (count * Sector == sizeof got || got[count * Sector] == 0xEE);
		lengths = lengths && request.written == count * Sector + 1;
	}
	report("IN, OUT: what was written is read, from 1 sector to 512", same);
	report("IN, OUT: the length is what was written to memory, with the status", lengths);

	bool aligned = true;
	for (unsigned offset = 1; offset < 64 && aligned; offset += 64 / some(64)) {
		fill_sectors(given + offset, offset, 3, offset);
		memset(got, 0xEE, 4 * Sector);
		aligned = do_one(VIRTIO_BLK_OUT, offset, given + offset, 3 * Sector) == VIRTIO_BLK_OK
				  && do_one(VIRTIO_BLK_IN, offset, got + 64 - offset, 3 * Sector) == VIRTIO_BLK_OK && are_sectors(got + 64 - offset, offset, 3, offset)
				  && got[64 - offset - 1] == 0xEE && got[64 - offset + 3 * Sector] == 0xEE;
	}
	report("IN, OUT: buffers at any address", aligned);
}

static void check_end(void)
{
	uint64_t capacity = dut.capacity;
	fill_sectors(given, capacity - 4, 4, 9);
	report("the last sectors", do_one(VIRTIO_BLK_OUT, capacity - 4, given, 4 * Sector) == VIRTIO_BLK_OK
								   && do_one(VIRTIO_BLK_IN, capacity - 4, got, 4 * Sector) == VIRTIO_BLK_OK && are_sectors(got, capacity - 4, 4, 9));
	fill_sectors(given, capacity - 1, 2, 10);
	static const uint64_t far[] = { 0x7FFFFFFFFFFFFF, 0x80000000000000, 0x100000000000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, UINT64_MAX };
	bool in = fails(VIRTIO_BLK_IN, capacity, Sector) && fails(VIRTIO_BLK_IN, capacity - 1, 2 * Sector);
	bool out = fails(VIRTIO_BLK_OUT, capacity, Sector) && fails(VIRTIO_BLK_OUT, capacity - 1, 2 * Sector);
	for (unsigned i = 0; i < sizeof far / sizeof *far; i++) {
		in = in && fails(VIRTIO_BLK_IN, far[i], Sector) && fails(VIRTIO_BLK_IN, far[i], 8 * Sector);
		out = out && fails(VIRTIO_BLK_OUT, far[i], Sector) && fails(VIRTIO_BLK_OUT, far[i], 8 * Sector);
	}
	report("IN beyond the end: IOERR", in);
	report("OUT beyond the end: IOERR", out);
	report("OUT beyond the end: the last sectors are as they were",
		   do_one(VIRTIO_BLK_IN, capacity - 4, got, 4 * Sector) == VIRTIO_BLK_OK && are_sectors(got, capacity - 4, 4, 9));
	memset(got, 0xEE, Sector);
	bool failed = fails(VIRTIO_BLK_IN, capacity, Sector);
	if (on_qemu) {
		report_skip("IN beyond the end: the length is of nothing but the status", "QEMU's is that of all buffers, always");
	} else {
		report("IN beyond the end: the length is of nothing but the status", failed && request.written <= 1);
	}
}

static void check_odd(void)
{
	report("IN, OUT: data that is no whole number of sectors: IOERR",
		   fails(VIRTIO_BLK_IN, 0, 1) && fails(VIRTIO_BLK_IN, 0, Sector - 1) && fails(VIRTIO_BLK_IN, 0, Sector + 1) && fails(VIRTIO_BLK_OUT, 0, 1)
			   && fails(VIRTIO_BLK_OUT, 0, Sector * 2 + 256));
	uint8_t in = do_one(VIRTIO_BLK_IN, 0, NULL, 0), out = do_one(VIRTIO_BLK_OUT, 0, NULL, 0);
	report("IN, OUT: of no sectors: done, or refused", in <= VIRTIO_BLK_IOERR && out <= VIRTIO_BLK_IOERR);
	in = do_one(VIRTIO_BLK_IN, dut.capacity + 1, NULL, 0);
	report("IN, OUT: of no sectors beyond the end: done, or refused", in <= VIRTIO_BLK_IOERR);
	report("and it still works", works(11));
}

static void check_others(void)
{
	report_equal("FLUSH", do_one(VIRTIO_BLK_FLUSH, 0, NULL, 0), VIRTIO_BLK_OK);
	report_equal("FLUSH: the length is the status alone", request.written, 1);

	static const char id[VIRTIO_BLK_ID + 1] = "serial-of-20-letters";
	memset(got, 0xEE, 64);
	report("GET_ID", do_one(VIRTIO_BLK_GET_ID, 0, got, VIRTIO_BLK_ID) == VIRTIO_BLK_OK && memcmp(got, id, VIRTIO_BLK_ID) == 0 && got[VIRTIO_BLK_ID] == 0xEE);
	report_equal("GET_ID: the length", request.written, VIRTIO_BLK_ID + 1);
	memset(got, 0xEE, 64);
	report("GET_ID: into less room", do_one(VIRTIO_BLK_GET_ID, 0, got, 5) <= VIRTIO_BLK_UNSUPP && (got[0] == 0xEE || memcmp(got, id, 5) == 0) && got[5] == 0xEE);

	static const uint32_t unsupported[] = { 6, 7, 10, 12, 14, 15, 16, 20, 0x100, 0x7FFFFFFE };
	bool ok = true, lengths = true;
	for (unsigned i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
		ok = ok && do_one(unsupported[i], 0, NULL, 0) == VIRTIO_BLK_UNSUPP && do_one(unsupported[i], 0, given, Sector) == VIRTIO_BLK_UNSUPP;
		lengths = lengths && request.written == 1;
	}
	report("types that there are not: UNSUPP", ok);
	report("types that there are not: the length is the status alone", lengths);
	if (on_qemu) {
		report_skip("SCSI commands, which are not offered: UNSUPP", "QEMU says IOERR if the chain is too short for one");
	} else {
		report_equal("SCSI commands, which are not offered: UNSUPP", do_one(VIRTIO_BLK_SCSI_CMD, 0, NULL, 0), VIRTIO_BLK_UNSUPP);
	}
	report("and it still works", works(12));
}

void check_requests(void)
{
	begin();
	check_data();
	check_end();
	check_odd();
	check_others();
}
