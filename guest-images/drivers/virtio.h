// Virtio over PCI, as a driver sees it (Virtual I/O Device specification 1.2, 4.1): the registers behind the capabilities of a
// modern device, and those of a legacy one behind BAR 0; features; what the device is at large. Queues are in virtq.h.
#pragma once

#include "guest.h"

#define VIRTIO_VENDOR 0x1AF4
#define VIRTIO_LEGACY_DEVICES 0x1000 // to 0x103F: the type is the subsystem's ID
#define VIRTIO_MODERN_DEVICES 0x1040 // and the type

enum virtio_status {
	VIRTIO_ACKNOWLEDGE = 1, VIRTIO_DRIVER = 2, VIRTIO_DRIVER_OK = 4, VIRTIO_FEATURES_OK = 8, VIRTIO_NEEDS_RESET = 64, VIRTIO_FAILED = 128,
};

#define VIRTIO_F(bit) (1ull << (bit))
#define VIRTIO_F_NOTIFY_ON_EMPTY VIRTIO_F(24) // legacy alone
#define VIRTIO_F_ANY_LAYOUT VIRTIO_F(27)      // legacy alone
#define VIRTIO_F_INDIRECT_DESC VIRTIO_F(28)
#define VIRTIO_F_EVENT_IDX VIRTIO_F(29)
#define VIRTIO_F_VERSION_1 VIRTIO_F(32)

// Structures that capabilities point at (4.1.4).
enum virtio_capability { VIRTIO_COMMON = 1, VIRTIO_NOTIFY = 2, VIRTIO_ISR = 3, VIRTIO_DEVICE = 4, VIRTIO_PCI_ACCESS = 5, VIRTIO_CAPABILITIES };

// The common structure (4.1.4.3).
enum virtio_common {
	VIRTIO_DEVICE_FEATURE_SELECT = 0x00, VIRTIO_DEVICE_FEATURE = 0x04, VIRTIO_DRIVER_FEATURE_SELECT = 0x08, VIRTIO_DRIVER_FEATURE = 0x0C,
	VIRTIO_MSIX_CONFIG = 0x10, VIRTIO_NUM_QUEUES = 0x12, VIRTIO_DEVICE_STATUS = 0x14, VIRTIO_CONFIG_GENERATION = 0x15,
	VIRTIO_QUEUE_SELECT = 0x16, VIRTIO_QUEUE_SIZE = 0x18, VIRTIO_QUEUE_MSIX_VECTOR = 0x1A, VIRTIO_QUEUE_ENABLE = 0x1C,
	VIRTIO_QUEUE_NOTIFY_OFF = 0x1E, VIRTIO_QUEUE_DESC = 0x20, VIRTIO_QUEUE_DRIVER = 0x28, VIRTIO_QUEUE_DEVICE = 0x30, VIRTIO_COMMON_SIZE = 0x38,
};

// The legacy registers (4.1.4.8); the device's own follow, where the two vectors are while MSI-X is off.
enum virtio_legacy {
	VIRTIO_LEGACY_DEVICE_FEATURES = 0x00, VIRTIO_LEGACY_DRIVER_FEATURES = 0x04, VIRTIO_LEGACY_QUEUE_PAGE = 0x08, VIRTIO_LEGACY_QUEUE_SIZE = 0x0C,
	VIRTIO_LEGACY_QUEUE_SELECT = 0x0E, VIRTIO_LEGACY_QUEUE_NOTIFY = 0x10, VIRTIO_LEGACY_STATUS = 0x12, VIRTIO_LEGACY_ISR = 0x13,
	VIRTIO_LEGACY_DEVICE = 0x14, VIRTIO_LEGACY_CONFIG_VECTOR = 0x14, VIRTIO_LEGACY_QUEUE_VECTOR = 0x16, VIRTIO_LEGACY_DEVICE_BEHIND_VECTORS = 0x18,
};

enum { VIRTIO_NO_VECTOR = 0xFFFF };
enum virtio_isr { VIRTIO_ISR_QUEUE = 1, VIRTIO_ISR_CONFIG = 2 };

/// A part of a BAR, in memory or in I/O space.
struct virtio_window { bool present, io; uintptr_t base; uint32_t length; };

struct virtio {
	struct pci_function pci;
	bool legacy;
	struct virtio_window windows[VIRTIO_CAPABILITIES]; // by structure; of a legacy device VIRTIO_COMMON alone, which is its BAR
	uint32_t notify_multiplier;
	uint8_t pci_access; // the capability for access through configuration space, or 0
	struct msix msix;
	bool has_msix;
	uint64_t features; // those that were negotiated
};

/// Finds the `index`-th function of this type (2 is a block device), of either kind.
bool virtio_find(uint16_t type, unsigned index, struct pci_function *found);

/// Finds the registers of one kind and enables the function. False if it has none of that kind.
bool virtio_open(struct virtio *device, struct pci_function pci, bool legacy);

uint8_t virtio_read8(const struct virtio_window *window, uint32_t offset);
uint16_t virtio_read16(const struct virtio_window *window, uint32_t offset);
uint32_t virtio_read32(const struct virtio_window *window, uint32_t offset);
void virtio_write8(const struct virtio_window *window, uint32_t offset, uint8_t value);
void virtio_write16(const struct virtio_window *window, uint32_t offset, uint16_t value);
void virtio_write32(const struct virtio_window *window, uint32_t offset, uint32_t value);

/// Resets the device; false if it does not say that it has. MSI-X, which is the function's, is turned off.
bool virtio_reset(struct virtio *device);

uint8_t virtio_status(const struct virtio *device);

/// Sets these bits of the status too.
void virtio_add_status(const struct virtio *device, uint8_t bits);

uint64_t virtio_offered(const struct virtio *device);
void virtio_write_features(const struct virtio *device, uint64_t features);

/// From a reset on to FEATURES_OK, with those of these features that are offered. False if the device refuses them. VERSION_1 is added if
/// the device is a modern one.
bool virtio_negotiate(struct virtio *device, uint64_t wanted);

/// The device's own registers.
uint8_t virtio_config8(const struct virtio *device, uint32_t offset);
uint16_t virtio_config16(const struct virtio *device, uint32_t offset);
uint32_t virtio_config32(const struct virtio *device, uint32_t offset);
uint64_t virtio_config64(const struct virtio *device, uint32_t offset); // both halves of the same moment
void virtio_write_config8(const struct virtio *device, uint32_t offset, uint8_t value);

/// Reads the cause of an interrupt, which clears it and lets the line fall.
uint8_t virtio_isr(const struct virtio *device);

/// Which message tells of a change of configuration; false if the device cannot. MSI-X is on.
bool virtio_config_vector(const struct virtio *device, uint16_t vector);
bool virtio_queue_vector(const struct virtio *device, uint16_t queue, uint16_t vector);

/// The largest size of a queue; 0 if there is none of that number.
uint16_t virtio_queue_most(const struct virtio *device, uint16_t queue);
