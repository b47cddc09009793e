// DISCARD and WRITE_ZEROES (5.2.6.2).
#include "parts.h"

enum { First = 1024, Count = 64, RangesMost = 64 };

static struct kind { const char *name; uint32_t type; uint32_t most_sectors, most_ranges; } kind;
static struct virtio_blk_range ranges[RangesMost];

static uint8_t do_ranges(unsigned count) { return virtio_blk_do(&dut, 0, kind.type, 0, ranges, count * (uint32_t)sizeof *ranges); }

static uint8_t do_range(uint64_t sector, uint32_t sectors, uint32_t flags)
{
	ranges[0] = (struct virtio_blk_range){ sector, sectors, flags };
	return do_ranges(1);
}

// Zeros after WRITE_ZEROES; after DISCARD anything.
static bool is_gone(const uint8_t *bytes, unsigned count)
{
	for (unsigned i = 0; i < count * Sector && kind.type == VIRTIO_BLK_WRITE_ZEROES; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

static bool prepare(uint32_t tag)
{
	fill_sectors(given, First, Count, tag);
	memset(got, 0xEE, Count * Sector);
	return write_sectors(First, Count, given) == VIRTIO_BLK_OK;
}

static void check_done(void)
{
	bool ok = prepare(1) && do_range(First + 8, 16, 0) == VIRTIO_BLK_OK && read_sectors(First, Count, got) == VIRTIO_BLK_OK;
	report(named(kind.name, ": a range"), ok && is_gone(got + 8 * Sector, 16));
	report(named(kind.name, ": what is beside the range is as it was"),
		   are_sectors(got, First, 8, 1) && are_sectors(got + 24 * Sector, First + 24, Count - 24, 1));
	ok = prepare(2) && do_range(First + 3, 1, 0) == VIRTIO_BLK_OK && read_sectors(First, Count, got) == VIRTIO_BLK_OK;
	report(named(kind.name, ": a single sector"),
		   ok && is_gone(got + 3 * Sector, 1) && are_sectors(got, First, 3, 2) && are_sectors(got + 4 * Sector, First + 4, 60, 2));
	ok = prepare(3) && do_range(First + 8, 8, VIRTIO_BLK_UNMAP) == (kind.type == VIRTIO_BLK_DISCARD ? VIRTIO_BLK_UNSUPP : VIRTIO_BLK_OK);
	report(named(kind.name, ": UNMAP is of WRITE_ZEROES alone"), ok && read_sectors(First, Count, got) == VIRTIO_BLK_OK && is_gone(got + 8 * Sector, 8));
}

static void check_several(void)
{
	unsigned most = kind.most_ranges < RangesMost ? kind.most_ranges : RangesMost - 1;
	bool ok = prepare(4);
	for (unsigned i = 0; i < most && i < 16; i++) {
		ranges[i] = (struct virtio_blk_range){ First + i * 4, 2, 0 };
	}
	ok = ok && do_ranges(most < 16 ? most : 16) == VIRTIO_BLK_OK && read_sectors(First, Count, got) == VIRTIO_BLK_OK;
	for (unsigned i = 0; i < Count && ok; i++) {
		bool inside = i / 4 < most && i % 4 < 2;
		ok = inside ? is_gone(got + i * Sector, 1) : are_sectors(got + i * Sector, First + i, 1, 4);
	}
	report(named(kind.name, ": as many ranges as it takes"), ok);
	for (unsigned i = 0; i <= most; i++) {
		ranges[i] = (struct virtio_blk_range){ First, 1, 0 };
	}
	if (kind.most_ranges < RangesMost) {
		uint8_t status = do_ranges(most + 1);
		report(named(kind.name, ": one range more is refused"), status == VIRTIO_BLK_UNSUPP || status == VIRTIO_BLK_IOERR);
	}
}

static void check_wrong(void)
{
	report(named(kind.name, ": reserved flags: UNSUPP"), do_range(First, 8, 2) == VIRTIO_BLK_UNSUPP && do_range(First, 8, 0x80000000) == VIRTIO_BLK_UNSUPP);
	report(named(kind.name, " beyond the end: IOERR"), do_range(dut.capacity, 8, 0) == VIRTIO_BLK_IOERR && do_range(dut.capacity - 4, 8, 0) == VIRTIO_BLK_IOERR
												&& do_range(UINT64_MAX, 8, 0) == VIRTIO_BLK_IOERR && do_range(UINT64_MAX - 7, 8, 0) == VIRTIO_BLK_IOERR
												&& do_range(0x80000000000000, 8, 0) == VIRTIO_BLK_IOERR);
	report(named(kind.name, ": more sectors than it takes: IOERR"), kind.most_sectors == UINT32_MAX || do_range(0, kind.most_sectors + 1, 0) == VIRTIO_BLK_IOERR);
	report(named(kind.name, ": wrong ones had no effect"), prepare(5) && do_range(First, 8, 2) != VIRTIO_BLK_OK && read_sectors(First, Count, got) == VIRTIO_BLK_OK
													&& are_sectors(got, First, Count, 5));
}

static void check_kind(void)
{
	check_done();
	check_several();
	check_wrong();
}

void check_ranges(void)
{
	begin();
	struct virtio *virtio = &dut.virtio;
	if (has(VIRTIO_BLK_F_DISCARD)) {
		kind = (struct kind){ "DISCARD", VIRTIO_BLK_DISCARD, virtio_config32(virtio, VIRTIO_BLK_MAX_DISCARD_SECTORS),
							  virtio_config32(virtio, VIRTIO_BLK_MAX_DISCARD_SEG) };
		check_kind();
	} else {
		report_skip("DISCARD", "it is not offered");
	}
	if (has(VIRTIO_BLK_F_WRITE_ZEROES)) {
		kind = (struct kind){ "WRITE_ZEROES", VIRTIO_BLK_WRITE_ZEROES, virtio_config32(virtio, VIRTIO_BLK_MAX_WRITE_ZEROES_SECTORS),
							  virtio_config32(virtio, VIRTIO_BLK_MAX_WRITE_ZEROES_SEG) };
		check_kind();
	} else {
		report_skip("WRITE_ZEROES", "it is not offered");
	}
}
