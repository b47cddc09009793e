// A disk with blk_size 4096. Sectors are of 512 bytes all the same (5.2.4: that does not affect the units of the protocol); but what is no whole
// number of its blocks is refused.
#include "parts.h"

enum { Large = 4096, PerBlock = Large / Sector, First = 512, Count = 64 };

static bool is_large(void) { return has(VIRTIO_BLK_F_BLK_SIZE) && dut.block_size == Large; }

static void check_registers(uint64_t capacity)
{
	report_equal("4096: the capacity is in sectors of 512 bytes, as that of the first disk", dut.capacity, capacity);
	report_equal("4096: a whole number of blocks", dut.capacity % PerBlock, 0);
	report("4096: topology: a physical block is one logical block, from the beginning on",
		   has(VIRTIO_BLK_F_TOPOLOGY) && virtio_config8(&dut.virtio, VIRTIO_BLK_PHYSICAL_BLOCK_EXP) == 0 && virtio_config8(&dut.virtio, VIRTIO_BLK_ALIGNMENT_OFFSET) == 0);
	report("4096: discards are aligned to blocks",
		   !has(VIRTIO_BLK_F_DISCARD) || virtio_config32(&dut.virtio, VIRTIO_BLK_DISCARD_SECTOR_ALIGNMENT) % PerBlock == 0);
}

static void check_data(void)
{
	static const unsigned counts[] = { 1, 2, 3, 7, 16, 64 };
	bool same = true;
	for (unsigned i = 0; i < sizeof counts / sizeof *counts && same; i++) {
		unsigned sectors = counts[i] * PerBlock;
		uint64_t sector = i * 500 * PerBlock;
		fill_sectors(given, sector, sectors, 20 + i);
		memset(got, 0xEE, sizeof got);
		same = write_sectors(sector, sectors, given) == VIRTIO_BLK_OK && read_sectors(sector, sectors, got) == VIRTIO_BLK_OK
			   && are_sectors(got, sector, sectors, 20 + i) && (sectors * Sector == sizeof got || got[sectors * Sector] == 0xEE);
	}
	report("4096: IN, OUT: what was written is read, from 1 block to 64", same);

	static struct virtio_blk_request request;
	struct virtq_buffer pieces[] = { { given, 1 }, { given + 1, 511 }, { given + 512, 3000 }, { given + 3512, 584 }, { given + Large, Large } };
	fill_sectors(given, First, 2 * PerBlock, 30);
	virtio_blk_add(&dut, 0, &request, VIRTIO_BLK_OUT, First, pieces, sizeof pieces / sizeof *pieces);
	virtq_kick(&dut.queues[0]);
	bool done = within_deadline(virtio_blk_take(&dut, 0) == &request) && request.status == VIRTIO_BLK_OK;
	report("4096: OUT of pieces that are no blocks", done && read_sectors(First, 2 * PerBlock, got) == VIRTIO_BLK_OK && are_sectors(got, First, 2 * PerBlock, 30));
}

static void check_end(void)
{
	uint64_t last = dut.capacity - PerBlock;
	fill_sectors(given, last, PerBlock, 40);
	report("4096: the last block", write_sectors(last, PerBlock, given) == VIRTIO_BLK_OK && read_sectors(last, PerBlock, got) == VIRTIO_BLK_OK && are_sectors(got, last, PerBlock, 40));
	fill_sectors(given, last, 2 * PerBlock, 41);
	report("4096: across the end: IOERR", write_sectors(last, 2 * PerBlock, given) == VIRTIO_BLK_IOERR && read_sectors(last, 2 * PerBlock, got) == VIRTIO_BLK_IOERR);
	report("4096: behind the end: IOERR", write_sectors(dut.capacity, PerBlock, given) == VIRTIO_BLK_IOERR && read_sectors(dut.capacity, PerBlock, got) == VIRTIO_BLK_IOERR);
	report("4096: and nothing was written", read_sectors(last, PerBlock, got) == VIRTIO_BLK_OK && are_sectors(got, last, PerBlock, 40));
}

static void check_unaligned(void)
{
	fill_sectors(given, First, Count, 50);
	bool ready = write_sectors(First, Count, given) == VIRTIO_BLK_OK, refused = true;
	fill_sectors(given, First, Count, 51);
	for (unsigned i = 1; i < PerBlock; i++) {
		refused = refused && write_sectors(First + i, PerBlock, given) == VIRTIO_BLK_IOERR && read_sectors(First + i, PerBlock, got) == VIRTIO_BLK_IOERR
				  && write_sectors(First, i, given) == VIRTIO_BLK_IOERR && read_sectors(First, i, got) == VIRTIO_BLK_IOERR
				  && write_sectors(First, PerBlock + i, given) == VIRTIO_BLK_IOERR && read_sectors(First + i, PerBlock - i, got) == VIRTIO_BLK_IOERR;
	}
	report("4096: IN, OUT from within a block, or of a part of one: IOERR", refused);
	static const uint32_t types[] = { VIRTIO_BLK_DISCARD, VIRTIO_BLK_WRITE_ZEROES };
	bool offered[] = { has(VIRTIO_BLK_F_DISCARD), has(VIRTIO_BLK_F_WRITE_ZEROES) };
	refused = true;
	for (unsigned i = 0; i < 2; i++) {
		struct virtio_blk_range within = { First + 1, PerBlock, 0 }, part = { First, 1, 0 };
		refused = refused && (!offered[i] || (virtio_blk_do(&dut, 0, types[i], 0, &within, sizeof within) == VIRTIO_BLK_IOERR
											   && virtio_blk_do(&dut, 0, types[i], 0, &part, sizeof part) == VIRTIO_BLK_IOERR));
	}
	report("4096: DISCARD, WRITE_ZEROES of such a range: IOERR", refused);
	report("4096: and none of them had an effect", ready && read_sectors(First, Count, got) == VIRTIO_BLK_OK && are_sectors(got, First, Count, 50));
	if (offered[1]) {
		struct virtio_blk_range range = { First + PerBlock, 2 * PerBlock, 0 };
		bool zeroed = virtio_blk_do(&dut, 0, VIRTIO_BLK_WRITE_ZEROES, 0, &range, sizeof range) == VIRTIO_BLK_OK && read_sectors(First, Count, got) == VIRTIO_BLK_OK;
		for (unsigned i = PerBlock * Sector; i < 3 * PerBlock * Sector; i++) {
			zeroed = zeroed && got[i] == 0;
		}
		report("4096: WRITE_ZEROES of two blocks, and of nothing beside them",
			   zeroed && are_sectors(got, First, PerBlock, 50) && are_sectors(got + 3 * Large, First + 3 * PerBlock, Count - 3 * PerBlock, 50));
	}
}

void check_large_blocks(void)
{
	struct pci_function first = dut_pci;
	uint64_t capacity = dut.capacity;
	if (find_other(is_large)) {
		check_registers(capacity);
		check_data();
		check_end();
		check_unaligned();
		virtio_reset(&dut.virtio);
	} else {
		report_skip("4096", "there is no disk with such blocks");
	}
	dut_pci = first;
	begin();
}
