// The capabilities and what they point at, at every access size; access through configuration space.
#include "parts.h"

static const struct virtio_window *common(void) { return &dut.virtio.windows[VIRTIO_COMMON]; }

static uint32_t access(uint32_t offset, uint32_t size)
{
	uint8_t at = dut.virtio.pci_access;
	pci_write(dut_pci, (uint8_t)(at + 8), offset);
	pci_write(dut_pci, (uint8_t)(at + 12), size);
	return pci_read(dut_pci, (uint8_t)(at + 16));
}

static void point_at(enum virtio_capability structure)
{
	uint8_t at = pci_read8(dut_pci, 0x34);
	while (at != 0 && (pci_read8(dut_pci, at) != 0x09 || pci_read8(dut_pci, (uint8_t)(at + 3)) != structure)) {
		at = pci_read8(dut_pci, (uint8_t)(at + 1));
	}
	pci_write8(dut_pci, (uint8_t)(dut.virtio.pci_access + 4), pci_read8(dut_pci, (uint8_t)(at + 4)));
}

static uint32_t offset_in_bar(enum virtio_capability structure)
{
	const struct virtio_window *window = &dut.virtio.windows[structure];
	for (unsigned bar = 0; bar < 6; bar++) {
		struct pci_bar region = pci_bar_read(dut_pci, bar);
		if (region.present && window->base >= region.address && window->base < region.address + region.size) {
			return (uint32_t)(window->base - region.address);
		}
		bar += region.present && region.wide;
	}
	return UINT32_MAX;
}

static void check_pci_access(void)
{
	point_at(VIRTIO_COMMON);
	uint32_t base = offset_in_bar(VIRTIO_COMMON);
	report_equal("PCI access: the status, a byte", access(base + VIRTIO_DEVICE_STATUS, 1) & 0xFF, virtio_status(&dut.virtio));
	report_equal("PCI access: the queues, a word", access(base + VIRTIO_NUM_QUEUES, 2) & 0xFFFF, virtio_read16(common(), VIRTIO_NUM_QUEUES));
	access(base + VIRTIO_DEVICE_FEATURE_SELECT, 4);
	pci_write(dut_pci, (uint8_t)(dut.virtio.pci_access + 16), 1);
	report_equal("PCI access: what is written arrives", virtio_read32(common(), VIRTIO_DEVICE_FEATURE_SELECT), 1);
	uint32_t features = access(base + VIRTIO_DEVICE_FEATURE, 4);
	report_equal("PCI access: the features, a double word", features, virtio_offered(&dut.virtio) >> 32);
	point_at(VIRTIO_DEVICE);
	report_equal("PCI access: the capacity", access(offset_in_bar(VIRTIO_DEVICE), 4), (uint32_t)dut.capacity);

	// Lengths, offsets and BARs that there are not: whatever is read, it is the guest's own fault.
	static const uint32_t sizes[] = { 0, 3, 8, UINT32_MAX, 1, 2, 4 }, offsets[] = { 0, 1, 2, 3, 0xFFF, 0x1000, 0x3FFF, 0x4000, 0x80000000, UINT32_MAX };
	for (unsigned bar = 0; bar < 256; bar += bar < 8 ? 1 : 31) {
		pci_write8(dut_pci, (uint8_t)(dut.virtio.pci_access + 4), (uint8_t)bar);
		for (unsigned i = 0; i < sizeof sizes / sizeof *sizes * 10; i++) {
			access(offsets[i % 10], sizes[i / 10]);
		}
	}
	report("PCI access: any length, offset and BAR, and it still works", begin() && works(1));
}

// Each structure byte by byte, and in every size that a processor has, up to its last byte.
static void sweep(const struct virtio_window *window)
{
	for (uint32_t offset = 0; offset < window->length; offset++) {
		virtio_read8(window, offset);
		if (offset + 2 <= window->length) {
			virtio_read16(window, offset);
		}
		if (offset + 4 <= window->length) {
			virtio_read32(window, offset);
		}
		if (!window->io && offset + 8 <= window->length) {
			(void)*(volatile uint64_t *)(window->base + offset);
		}
	}
}

void check_capabilities(void)
{
	report_equal("identity: vendor", pci_read16(dut_pci, 0x00), VIRTIO_VENDOR);
	uint16_t device = pci_read16(dut_pci, 0x02);
	report("identity: transitional device 0x1001, or modern device 0x1042 of revision 1 or later",
		   device == 0x1001 ? pci_read16(dut_pci, 0x2E) == VIRTIO_BLK_TYPE : device == 0x1042 && pci_read8(dut_pci, 0x08) >= 1);
	report_equal("identity: mass storage", pci_read8(dut_pci, 0x0B), 1);
	report("MSI-X: a vector for each queue and for the configuration", dut.virtio.has_msix && dut.virtio.msix.vectors >= 2);
	if (legacy) {
		report("legacy registers: revision 0", pci_read8(dut_pci, 0x08) == 0);
		sweep(common());
		report("legacy registers: read at every offset and size, and it still works", begin() && works(2));
		return;
	}
	report("common structure: 56 bytes, aligned", common()->length >= VIRTIO_COMMON_SIZE && (common()->base & 3) == 0);
	uint32_t multiplier = dut.virtio.notify_multiplier;
	report("notify structure: room for a notice, a multiplier that is a power of two", dut.virtio.windows[VIRTIO_NOTIFY].length >= 2
																						   && (multiplier & (multiplier - 1)) == 0 && multiplier != 1);
	report("device structure: present, aligned", dut.virtio.windows[VIRTIO_DEVICE].present && (dut.virtio.windows[VIRTIO_DEVICE].base & 3) == 0);
	report("PCI access: there is a capability", dut.virtio.pci_access != 0);
	uint8_t status = virtio_status(&dut.virtio);
	for (unsigned i = VIRTIO_COMMON; i <= VIRTIO_DEVICE; i++) {
		sweep(&dut.virtio.windows[i]);
	}
	report_equal("structures: read at every offset and size, and the status is as it was", virtio_status(&dut.virtio), status);
	check_pci_access();
}
