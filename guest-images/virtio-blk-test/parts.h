// What the parts of this guest share: the disk that is checked, chains of descriptors made by hand, and what a disk ought to hold.
#pragma once

#include "../drivers/virtio_blk.h"

enum { Sector = VIRTIO_BLK_SECTOR, Room = 1 << 18 };

/// The disk that is checked, its queues' memory, and whether it is driven by its legacy registers.
extern struct virtio_blk dut;
extern struct pci_function dut_pci;
extern struct virtq_memory memories[VIRTIO_BLK_QUEUES];
extern bool legacy;

/// Room for data, on a page of its own each.
extern uint8_t given[Room], got[Room];

/// True on QEMU, which does not do all that the specification says: such checks are skipped there, and say why.
extern bool on_qemu;

/// Resets the disk and opens it again with these features of those that it has.
bool begin_with(uint64_t wanted, unsigned queues, uint16_t size);

/// The same with all that the driver knows, and one queue of the largest size.
bool begin(void);

/// Opens another disk than the first, of which `is_wanted` is true once it is open. Left in `dut_pci` is whatever was looked at last.
bool find_other(bool (*is_wanted)(void));

/// The name of a check, of two parts; until the next one.
const char *named(const char *first, const char *second);

static inline bool has(uint64_t feature) { return (dut.virtio.features & feature) != 0; }

/// What the sectors hold after a write numbered `tag`: each word tells sector, place and tag.
void fill_sectors(uint8_t *bytes, uint64_t sector, unsigned count, uint32_t tag);
bool are_sectors(const uint8_t *bytes, uint64_t sector, unsigned count, uint32_t tag);

/// One request in queue 0, polled; its status.
uint8_t read_sectors(uint64_t sector, unsigned count, uint8_t *bytes);
uint8_t write_sectors(uint64_t sector, unsigned count, uint8_t *bytes);

/// Writes and reads back; true if all is well.
bool works(uint32_t tag);

/// Writes a descriptor of queue 0.
void describe(unsigned index, const volatile void *bytes, uint32_t length, uint16_t flags, uint16_t next);

/// Hands the chain at `head` over, tells the device, and waits for its used element.
bool carry_out(uint16_t head, struct virtq_element *element);

/// So many rounds; with brief=1, for a memory that is simulated, an eighth of them.
unsigned some(unsigned rounds);

/// How long to watch what must not happen, in microseconds.
enum { Watch = 3000 };

// The parts.
void check_capabilities(void);
void check_configuration(void);
void check_features(void);
void check_queue_setup(void);
void check_requests(void);
void check_ranges(void);
void check_layouts(void);
void check_malformed(void);
void check_notifications(void);
void check_interrupts(void);
void check_flight(void);
void check_resets(void);
void check_read_only(void);
void check_large_blocks(void);
void check_functions(void);
void check_stress(void);
