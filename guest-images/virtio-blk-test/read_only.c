// A disk that is read-only.
#include "parts.h"

static bool is_read_only(void) { return dut.read_only; }

void check_read_only(void)
{
	struct pci_function first = dut_pci;
	if (!find_other(is_read_only)) {
		report_skip("read-only", "there is no such disk");
		dut_pci = first;
		begin();
		return;
	}
	struct virtio_blk_range range = { 0, 8, 0 };
	report("read-only: it says so", has(VIRTIO_BLK_F_RO));
	uint8_t before = read_sectors(0, 8, got);
	memcpy(given, got, 8 * Sector);
	report("read-only: it can be read", before == VIRTIO_BLK_OK);
	for (unsigned i = 0; i < 8 * Sector; i++) {
		given[8 * Sector + i] = (uint8_t)~given[i];
	}
	report_equal("read-only: OUT: IOERR", write_sectors(0, 8, given + 8 * Sector), VIRTIO_BLK_IOERR);
	report_equal("read-only: FLUSH", virtio_blk_do(&dut, 0, VIRTIO_BLK_FLUSH, 0, NULL, 0), VIRTIO_BLK_OK);
	uint8_t zeroed = virtio_blk_do(&dut, 0, VIRTIO_BLK_WRITE_ZEROES, 0, &range, sizeof range);
	report("read-only: WRITE_ZEROES: IOERR, or UNSUPP", zeroed == VIRTIO_BLK_IOERR || zeroed == VIRTIO_BLK_UNSUPP);
	uint8_t discarded = virtio_blk_do(&dut, 0, VIRTIO_BLK_DISCARD, 0, &range, sizeof range);
	if (on_qemu) {
		report_skip("read-only: DISCARD: IOERR, or UNSUPP", "QEMU throws a discard away, unless the drive has discard=unmap");
	} else {
		report("read-only: DISCARD: IOERR, or UNSUPP", discarded == VIRTIO_BLK_IOERR || discarded == VIRTIO_BLK_UNSUPP);
	}
	report("read-only: it is as it was", read_sectors(0, 8, got) == VIRTIO_BLK_OK && memcmp(got, given, 8 * Sector) == 0);
	virtio_reset(&dut.virtio);
	dut_pci = first;
	begin();
}
