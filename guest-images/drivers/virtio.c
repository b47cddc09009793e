// How a driver reaches a virtio device on PCI.
#include "virtio.h"

enum { VendorCapability = 0x09, AccessSize = 20 };

uint8_t virtio_read8(const struct virtio_window *window, uint32_t offset)
{
	return window->io ? in8((uint16_t)(window->base + offset)) : *(volatile uint8_t *)(window->base + offset);
}

uint16_t virtio_read16(const struct virtio_window *window, uint32_t offset)
{
	return window->io ? in16((uint16_t)(window->base + offset)) : *(volatile uint16_t *)(window->base + offset);
}

uint32_t virtio_read32(const struct virtio_window *window, uint32_t offset)
{
	return window->io ? in32((uint16_t)(window->base + offset)) : *(volatile uint32_t *)(window->base + offset);
}

void virtio_write8(const struct virtio_window *window, uint32_t offset, uint8_t value)
{
	if (window->io) {
		out8((uint16_t)(window->base + offset), value);
	} else {
		*(volatile uint8_t *)(window->base + offset) = value;
	}
}

void virtio_write16(const struct virtio_window *window, uint32_t offset, uint16_t value)
{
	if (window->io) {
		out16((uint16_t)(window->base + offset), value);
	} else {
		*(volatile uint16_t *)(window->base + offset) = value;
	}
}

void virtio_write32(const struct virtio_window *window, uint32_t offset, uint32_t value)
{
	if (window->io) {
		out32((uint16_t)(window->base + offset), value);
	} else {
		*(volatile uint32_t *)(window->base + offset) = value;
	}
}

struct search { uint16_t type; unsigned index; struct pci_function *found; bool any; };

static bool visit(struct pci_function f, void *context)
{
	struct search *search = context;
	uint16_t device = pci_read16(f, 0x02);
	bool transitional = device >= VIRTIO_LEGACY_DEVICES && device < VIRTIO_MODERN_DEVICES;
	if (pci_read16(f, 0x00) == VIRTIO_VENDOR
		&& (transitional ? pci_read16(f, 0x2E) == search->type : device == VIRTIO_MODERN_DEVICES + search->type)) {
		search->any = search->index-- == 0;
		*search->found = f;
	}
	return !search->any;
}

bool virtio_find(uint16_t type, unsigned index, struct pci_function *found)
{
	struct search search = { type, index, found, false };
	pci_scan(visit, &search);
	return search.any;
}

static struct virtio_window window_of(struct pci_function pci, unsigned bar, uint32_t offset, uint32_t length)
{
	struct pci_bar region = bar < 6 ? pci_bar_read(pci, bar) : (struct pci_bar){ .present = false };
	return (struct virtio_window){ region.present && offset + (uint64_t)length <= region.size, region.io, (uintptr_t)region.address + offset, length };
}

// Of several capabilities for one structure the first is the one that the device prefers (4.1.4).
static void read_capabilities(struct virtio *device)
{
	struct pci_function pci = device->pci;
	uint8_t at = (pci_read16(pci, 0x06) & 0x10) != 0 ? pci_read8(pci, 0x34) & 0xFC : 0;
	for (unsigned i = 0; at != 0 && i < 48; i++, at = pci_read8(pci, (uint8_t)(at + 1)) & 0xFC) { // a list in a ring ends too
		uint8_t structure = pci_read8(pci, (uint8_t)(at + 3));
		if (pci_read8(pci, at) != VendorCapability || structure >= VIRTIO_CAPABILITIES || device->windows[structure].present) {
			continue;
		}
		if (structure == VIRTIO_PCI_ACCESS) {
			device->pci_access = device->pci_access != 0 ? device->pci_access : at;
			continue;
		}
		device->windows[structure] =
			window_of(pci, pci_read8(pci, (uint8_t)(at + 4)), pci_read(pci, (uint8_t)(at + 8)), pci_read(pci, (uint8_t)(at + 12)));
		if (structure == VIRTIO_NOTIFY) {
			device->notify_multiplier = pci_read(pci, (uint8_t)(at + 16));
		}
	}
}

bool virtio_open(struct virtio *device, struct pci_function pci, bool legacy)
{
	memset(device, 0, sizeof *device);
	device->pci = pci;
	device->legacy = legacy;
	pci_write16(pci, 0x04, pci_read16(pci, 0x04) | 0x7);
	device->has_msix = msix_open(pci, &device->msix);
	if (legacy) {
		struct pci_bar bar = pci_bar_read(pci, 0);
		device->windows[VIRTIO_COMMON] = (struct virtio_window){ bar.present && bar.io, bar.io, (uintptr_t)bar.address, (uint32_t)bar.size };
		return device->windows[VIRTIO_COMMON].present && pci_read16(pci, 0x02) < VIRTIO_MODERN_DEVICES;
	}
	read_capabilities(device);
	return device->windows[VIRTIO_COMMON].present && device->windows[VIRTIO_NOTIFY].present && device->windows[VIRTIO_ISR].present;
}

static const struct virtio_window *common(const struct virtio *device)
{
	return &device->windows[VIRTIO_COMMON];
}

static void write_status(const struct virtio *device, uint8_t status)
{
	virtio_write8(common(device), device->legacy ? VIRTIO_LEGACY_STATUS : VIRTIO_DEVICE_STATUS, status);
}

uint8_t virtio_status(const struct virtio *device)
{
	return virtio_read8(common(device), device->legacy ? VIRTIO_LEGACY_STATUS : VIRTIO_DEVICE_STATUS);
}

void virtio_add_status(const struct virtio *device, uint8_t bits)
{
	write_status(device, virtio_status(device) | bits);
}

bool virtio_reset(struct virtio *device)
{
	write_status(device, 0);
	bool ended = within_deadline(virtio_status(device) == 0); // 4.1.4.3.2: not before it reads as 0
	if (device->has_msix) {
		msix_enable(&device->msix, false, false);
	}
	device->features = 0;
	return ended;
}

uint64_t virtio_offered(const struct virtio *device)
{
	if (device->legacy) {
		return virtio_read32(common(device), VIRTIO_LEGACY_DEVICE_FEATURES);
	}
	virtio_write32(common(device), VIRTIO_DEVICE_FEATURE_SELECT, 1);
	uint64_t high = virtio_read32(common(device), VIRTIO_DEVICE_FEATURE);
	virtio_write32(common(device), VIRTIO_DEVICE_FEATURE_SELECT, 0);
	return high << 32 | virtio_read32(common(device), VIRTIO_DEVICE_FEATURE);
}

void virtio_write_features(const struct virtio *device, uint64_t features)
{
	if (device->legacy) {
		virtio_write32(common(device), VIRTIO_LEGACY_DRIVER_FEATURES, (uint32_t)features);
		return;
	}
	for (uint32_t half = 0; half < 2; half++) {
		virtio_write32(common(device), VIRTIO_DRIVER_FEATURE_SELECT, half);
		virtio_write32(common(device), VIRTIO_DRIVER_FEATURE, (uint32_t)(features >> half * 32));
	}
}

// 3.1.1. A legacy device has no FEATURES_OK: it takes what it is told.
bool virtio_negotiate(struct virtio *device, uint64_t wanted)
{
	virtio_add_status(device, VIRTIO_ACKNOWLEDGE);
	virtio_add_status(device, VIRTIO_DRIVER);
	device->features = virtio_offered(device) & (wanted | (device->legacy ? 0 : VIRTIO_F_VERSION_1));
	virtio_write_features(device, device->features);
	if (device->legacy) {
		return true;
	}
	virtio_add_status(device, VIRTIO_FEATURES_OK);
	return (virtio_status(device) & VIRTIO_FEATURES_OK) != 0;
}

// Where the device's own registers begin, of a legacy device, depends on whether MSI-X is on now.
static struct virtio_window config(const struct virtio *device)
{
	if (!device->legacy) {
		return device->windows[VIRTIO_DEVICE];
	}
	struct virtio_window window = *common(device);
	bool vectors = device->has_msix && (pci_read16(device->pci, (uint8_t)(device->msix.capability + 2)) & 0x8000) != 0;
	window.base += vectors ? VIRTIO_LEGACY_DEVICE_BEHIND_VECTORS : VIRTIO_LEGACY_DEVICE;
	return window;
}

uint8_t virtio_config8(const struct virtio *device, uint32_t offset)
{
	struct virtio_window window = config(device);
	return virtio_read8(&window, offset);
}

uint16_t virtio_config16(const struct virtio *device, uint32_t offset)
{
	struct virtio_window window = config(device);
	return virtio_read16(&window, offset);
}

uint32_t virtio_config32(const struct virtio *device, uint32_t offset)
{
	struct virtio_window window = config(device);
	return virtio_read32(&window, offset);
}

// A legacy device has no generation: its driver reads until two are the same (2.5.4).
uint64_t virtio_config64(const struct virtio *device, uint32_t offset)
{
	uint64_t value, again = virtio_config32(device, offset) | (uint64_t)virtio_config32(device, offset + 4) << 32;
	do {
		value = again;
		again = virtio_config32(device, offset) | (uint64_t)virtio_config32(device, offset + 4) << 32;
	} while (again != value);
	return value;
}

void virtio_write_config8(const struct virtio *device, uint32_t offset, uint8_t value)
{
	struct virtio_window window = config(device);
	virtio_write8(&window, offset, value);
}

uint8_t virtio_isr(const struct virtio *device)
{
	return device->legacy ? virtio_read8(common(device), VIRTIO_LEGACY_ISR) : virtio_read8(&device->windows[VIRTIO_ISR], 0);
}

bool virtio_config_vector(const struct virtio *device, uint16_t vector)
{
	uint32_t place = device->legacy ? VIRTIO_LEGACY_CONFIG_VECTOR : VIRTIO_MSIX_CONFIG;
	virtio_write16(common(device), place, vector);
	return virtio_read16(common(device), place) == vector;
}

bool virtio_queue_vector(const struct virtio *device, uint16_t queue, uint16_t vector)
{
	uint32_t place = device->legacy ? VIRTIO_LEGACY_QUEUE_VECTOR : VIRTIO_QUEUE_MSIX_VECTOR;
	virtio_write16(common(device), device->legacy ? VIRTIO_LEGACY_QUEUE_SELECT : VIRTIO_QUEUE_SELECT, queue);
	virtio_write16(common(device), place, vector);
	return virtio_read16(common(device), place) == vector;
}

uint16_t virtio_queue_most(const struct virtio *device, uint16_t queue)
{
	virtio_write16(common(device), device->legacy ? VIRTIO_LEGACY_QUEUE_SELECT : VIRTIO_QUEUE_SELECT, queue);
	return virtio_read16(common(device), device->legacy ? VIRTIO_LEGACY_QUEUE_SIZE : VIRTIO_QUEUE_SIZE);
}
