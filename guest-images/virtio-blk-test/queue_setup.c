// Queues set up right and wrong (4.1.4.3, 4.1.5.1.3).
#include "parts.h"

enum { Last = 1023, Nowhere = 0xFFFF, Invented = 0x100000 };

static const struct virtio_window *common(void) { return &dut.virtio.windows[VIRTIO_COMMON]; }

static void select(uint16_t queue) { virtio_write16(common(), VIRTIO_QUEUE_SELECT, queue); }

static void to_features_ok(void)
{
	virtio_reset(&dut.virtio);
	virtio_negotiate(&dut.virtio, VIRTIO_BLK_KNOWN);
}

static void check_numbers(void)
{
	unsigned queues = legacy ? 1 : virtio_read16(common(), VIRTIO_NUM_QUEUES);
	bool ok = queues >= 1;
	for (unsigned i = 0; i < queues && ok; i++) {
		uint16_t most = virtio_queue_most(&dut.virtio, (uint16_t)i);
		ok = most != 0 && (most & (most - 1)) == 0 && most <= 32768;
	}
	report("queues: the size of each is a power of two", ok);
	if (!legacy) {
		report_equal("queues: none behind the last", virtio_queue_most(&dut.virtio, (uint16_t)queues), 0);
	}
	report_equal("queues: none of number 1023", virtio_queue_most(&dut.virtio, Last), 0);
	if (on_qemu) {
		report_skip("queues: none of number 0xFFFF", "QEMU keeps the one before selected if there may be none of this number");
	} else {
		virtio_queue_most(&dut.virtio, 0);
		report_equal("queues: none of number 0xFFFF", virtio_queue_most(&dut.virtio, Nowhere), 0);
	}
}

static void check_legacy(void)
{
	to_features_ok();
	virtio_write16(common(), VIRTIO_LEGACY_QUEUE_SELECT, 0);
	report_equal("queues: no page after a reset", virtio_read32(common(), VIRTIO_LEGACY_QUEUE_PAGE), 0);
	begin();
	uint32_t page = (uint32_t)((uintptr_t)memories[0].bytes / VIRTQ_PAGE);
	virtio_write16(common(), VIRTIO_LEGACY_QUEUE_SELECT, 0);
	report_equal("queues: the page that was written", virtio_read32(common(), VIRTIO_LEGACY_QUEUE_PAGE), page);
	uint16_t size = dut.queues[0].size;
	virtio_write16(common(), VIRTIO_LEGACY_QUEUE_SIZE, 2);
	report_equal("queues: the size cannot be written", virtio_read16(common(), VIRTIO_LEGACY_QUEUE_SIZE), size);
	virtio_write16(common(), VIRTIO_LEGACY_QUEUE_SELECT, Last);
	virtio_write32(common(), VIRTIO_LEGACY_QUEUE_PAGE, Invented);
	virtio_write16(common(), VIRTIO_LEGACY_QUEUE_NOTIFY, Nowhere);
	virtio_write16(common(), VIRTIO_LEGACY_QUEUE_NOTIFY, 1023);
	report("queues: a page for a queue that is none, a notice to one, and it still works", works(3));
}

static void check_sizes(void)
{
	to_features_ok();
	uint16_t most = virtio_queue_most(&dut.virtio, 0);
	bool smaller = true;
	for (uint16_t size = most; size != 0; size = (uint16_t)(size / 2)) {
		virtio_write16(common(), VIRTIO_QUEUE_SIZE, size);
		smaller = smaller && virtio_read16(common(), VIRTIO_QUEUE_SIZE) == size;
	}
	report("queues: any power of two up to the largest size", smaller);
	bool work = true;
	for (uint16_t size = 4; size < most && work; size = (uint16_t)(size * 2)) {
		work = begin_with(VIRTIO_BLK_KNOWN, 1, size);
		for (unsigned i = 0; i < size / 2u + 2 && work; i++) { // around the ring: each is two requests
			work = works(i);
		}
	}
	report("queues: it works with each size, around the ring", work);
	report("queues: of one entry, by indirect descriptors", begin_with(VIRTIO_F_INDIRECT_DESC, 1, 1) && works(1) && works(2) && works(3));
	if (on_qemu) {
		report_skip("queues: a size that is no power of two, or too large, is not taken", "QEMU takes any up to 1024");
		return;
	}
	to_features_ok();
	select(0);
	static const uint16_t wrong[] = { 0, 3, 5, 100, 0x7FFF, 0x8001, 0xFFFF, 0x8000 };
	bool kept = true;
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		virtio_write16(common(), VIRTIO_QUEUE_SIZE, wrong[i]);
		kept = kept && virtio_read16(common(), VIRTIO_QUEUE_SIZE) == most;
	}
	virtio_write16(common(), VIRTIO_QUEUE_SIZE, (uint16_t)(most * 2));
	report("queues: a size that is no power of two, or too large, is not taken", kept && virtio_read16(common(), VIRTIO_QUEUE_SIZE) == most);
}

static void check_no_queue(void)
{
	begin();
	select(on_qemu ? Last : Nowhere);
	virtio_write16(common(), VIRTIO_QUEUE_SIZE, 16);
	virtio_write32(common(), VIRTIO_QUEUE_DESC, Invented);
	virtio_write32(common(), VIRTIO_QUEUE_DRIVER + 4, Invented);
	virtio_write16(common(), VIRTIO_QUEUE_ENABLE, 1);
	report_equal("queues: with none selected, its vector is none", virtio_read16(common(), VIRTIO_QUEUE_MSIX_VECTOR), VIRTIO_NO_VECTOR);
	if (on_qemu) {
		report_skip("queues: and it is not enabled", "QEMU keeps what was written");
	} else {
		report_equal("queues: and it is not enabled", virtio_read16(common(), VIRTIO_QUEUE_ENABLE), 0);
	}
	virtio_write16(common(), VIRTIO_QUEUE_MSIX_VECTOR, 0);
	const struct virtio_window *notify = &dut.virtio.windows[VIRTIO_NOTIFY];
	for (uint32_t offset = 0; offset + 2 <= notify->length && offset < VIRTQ_PAGE; offset += 2) {
		virtio_write16(notify, offset, Nowhere);
	}
	virtio_write16(notify, notify->length - 2, 1);
	report("queues: registers written with none selected, notices to none, and it still works", works(4));
}

static void check_after_driver_ok(void)
{
	begin();
	select(0);
	static const uint32_t addresses[] = { VIRTIO_QUEUE_DESC, VIRTIO_QUEUE_DRIVER, VIRTIO_QUEUE_DEVICE };
	for (unsigned i = 0; i < 3; i++) {
		virtio_write32(common(), addresses[i], Invented);
		virtio_write32(common(), addresses[i] + 4, Nowhere);
	}
	report("queues: addresses written after DRIVER_OK have no effect", works(5));
	if (on_qemu) {
		report_skip("queues: registers written after DRIVER_OK keep their values", "QEMU's change, the size with effect");
		return;
	}
	virtio_write16(common(), VIRTIO_QUEUE_SIZE, 2);
	bool kept = virtio_read16(common(), VIRTIO_QUEUE_SIZE) == dut.queues[0].size && virtio_read32(common(), VIRTIO_QUEUE_DESC + 4) == 0
				&& virtio_read32(common(), VIRTIO_QUEUE_DESC) == (uint32_t)(uintptr_t)dut.queues[0].descriptors;
	report("queues: registers written after DRIVER_OK keep their values", kept && works(6));
}

// Rings that are not in memory: the device finds out sooner or later, and a reset mends it.
static void check_addresses(void)
{
	static const uint64_t wrong[] = { 0xFFFFFFFFFFFFF000, 0x0000FFFFFFFFF000, 0x8000000000, 0xFFFFF000, 0xD0000000 };
	bool ok = true;
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong * 3 && ok; i++) {
		uint32_t place = VIRTIO_QUEUE_DESC + i % 3 * 8;
		to_features_ok();
		virtq_layout(&dut.queues[0], &dut.virtio, 0, virtio_queue_most(&dut.virtio, 0), &memories[0]);
		virtq_enable(&dut.queues[0]);
		virtio_reset(&dut.virtio); // enabled, and disabled again: from here on with one address that is wrong
		virtio_negotiate(&dut.virtio, VIRTIO_BLK_KNOWN);
		select(0);
		uint64_t parts[] = { (uintptr_t)dut.queues[0].descriptors, (uintptr_t)dut.queues[0].available, (uintptr_t)dut.queues[0].used };
		parts[i % 3] = wrong[i / 3];
		for (unsigned part = 0; part < 3; part++) {
			virtio_write32(common(), VIRTIO_QUEUE_DESC + part * 8, (uint32_t)parts[part]);
			virtio_write32(common(), VIRTIO_QUEUE_DESC + part * 8 + 4, (uint32_t)(parts[part] >> 32));
		}
		virtio_write16(common(), VIRTIO_QUEUE_ENABLE, 1);
		virtio_add_status(&dut.virtio, VIRTIO_DRIVER_OK);
		dut.queues[0].available->index = 1;
		virtq_notify(&dut.queues[0]);
		ok = virtio_read32(common(), place) == (uint32_t)wrong[i / 3] && virtio_reset(&dut.virtio) && begin() && works(i);
	}
	report("queues: rings that are not in memory, and after a reset it works", ok);
}

void check_queue_setup(void)
{
	begin();
	check_numbers();
	if (legacy) {
		check_legacy();
		return;
	}
	check_sizes();
	check_no_queue();
	check_after_driver_ok();
	check_addresses();
	to_features_ok();
	select(0);
	report_equal("queues: not enabled after a reset", virtio_read16(common(), VIRTIO_QUEUE_ENABLE), 0);
	report_equal("queues: no address after a reset", virtio_read32(common(), VIRTIO_QUEUE_DESC) | virtio_read32(common(), VIRTIO_QUEUE_DESC + 4), 0);
}
