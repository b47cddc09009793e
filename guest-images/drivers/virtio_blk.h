// A driver for virtio block devices (Virtual I/O Device specification 1.2, 5.2): requests, several in flight, on several queues.
#pragma once

#include "disk.h"
#include "virtq.h"

enum { VIRTIO_BLK_TYPE = 2, VIRTIO_BLK_SECTOR = 512, VIRTIO_BLK_ID = 20 };

#define VIRTIO_BLK_F_SIZE_MAX VIRTIO_F(1)
#define VIRTIO_BLK_F_SEG_MAX VIRTIO_F(2)
#define VIRTIO_BLK_F_GEOMETRY VIRTIO_F(4)
#define VIRTIO_BLK_F_RO VIRTIO_F(5)
#define VIRTIO_BLK_F_BLK_SIZE VIRTIO_F(6)
#define VIRTIO_BLK_F_FLUSH VIRTIO_F(9)
#define VIRTIO_BLK_F_TOPOLOGY VIRTIO_F(10)
#define VIRTIO_BLK_F_CONFIG_WCE VIRTIO_F(11)
#define VIRTIO_BLK_F_MQ VIRTIO_F(12)
#define VIRTIO_BLK_F_DISCARD VIRTIO_F(13)
#define VIRTIO_BLK_F_WRITE_ZEROES VIRTIO_F(14)

// The device's registers (5.2.4).
enum virtio_blk_config {
	VIRTIO_BLK_CAPACITY = 0x00, VIRTIO_BLK_SIZE_MAX = 0x08, VIRTIO_BLK_SEG_MAX = 0x0C, VIRTIO_BLK_CYLINDERS = 0x10, VIRTIO_BLK_HEADS = 0x12,
	VIRTIO_BLK_SECTORS = 0x13, VIRTIO_BLK_BLK_SIZE = 0x14, VIRTIO_BLK_PHYSICAL_BLOCK_EXP = 0x18, VIRTIO_BLK_ALIGNMENT_OFFSET = 0x19,
	VIRTIO_BLK_MIN_IO_SIZE = 0x1A, VIRTIO_BLK_OPT_IO_SIZE = 0x1C, VIRTIO_BLK_WRITEBACK = 0x20, VIRTIO_BLK_NUM_QUEUES = 0x22,
	VIRTIO_BLK_MAX_DISCARD_SECTORS = 0x24, VIRTIO_BLK_MAX_DISCARD_SEG = 0x28, VIRTIO_BLK_DISCARD_SECTOR_ALIGNMENT = 0x2C,
	VIRTIO_BLK_MAX_WRITE_ZEROES_SECTORS = 0x30, VIRTIO_BLK_MAX_WRITE_ZEROES_SEG = 0x34, VIRTIO_BLK_WRITE_ZEROES_MAY_UNMAP = 0x38,
};

enum virtio_blk_type {
	VIRTIO_BLK_IN = 0, VIRTIO_BLK_OUT = 1, VIRTIO_BLK_SCSI_CMD = 2, VIRTIO_BLK_FLUSH = 4, VIRTIO_BLK_GET_ID = 8, VIRTIO_BLK_GET_LIFETIME = 10,
	VIRTIO_BLK_DISCARD = 11, VIRTIO_BLK_WRITE_ZEROES = 13, VIRTIO_BLK_SECURE_ERASE = 14,
};

/// The last is none of the device's: the driver's own, for a request that is not done.
enum virtio_blk_status { VIRTIO_BLK_OK = 0, VIRTIO_BLK_IOERR = 1, VIRTIO_BLK_UNSUPP = 2, VIRTIO_BLK_PENDING = 0xFF };

struct virtio_blk_header { uint32_t type, reserved; uint64_t sector; };

/// A part of the disk in the data of DISCARD and WRITE_ZEROES.
struct virtio_blk_range { uint64_t sector; uint32_t sectors, flags; };
enum { VIRTIO_BLK_UNMAP = 1 };

enum { VIRTIO_BLK_QUEUES = 8, VIRTIO_BLK_BUFFERS = 16 };

struct virtio_blk_request {
	struct virtio_blk_header header;
	struct virtq_descriptor table[VIRTIO_BLK_BUFFERS + 2]; // if descriptors are indirect
	volatile uint8_t status;
	uint32_t written; // how many bytes the device says that it wrote, the status among them
	bool done;
};

struct virtio_blk {
	struct virtio virtio;
	unsigned queue_count;
	struct virtq queues[VIRTIO_BLK_QUEUES];
	uint64_t capacity;   // in sectors
	uint32_t block_size; // in bytes
	uint32_t size_max, seg_max;
	bool read_only, lost; // lost: a request did not come back, and the device was reset
};

/// Resets the device, negotiates those of these features that it offers, and opens so many queues, or fewer if it has not as many; of this
/// size, or the largest for 0. `memory` has room for all. What is left is the messages, if they are wanted, and virtio_blk_start.
bool virtio_blk_prepare(struct virtio_blk *disk, struct pci_function pci, bool legacy, uint64_t wanted, unsigned queues, uint16_t size,
						struct virtq_memory memory[]);

/// DRIVER_OK: from here on it serves requests.
void virtio_blk_start(struct virtio_blk *disk);

/// All that this driver knows what to do with.
#define VIRTIO_BLK_KNOWN                                                                                                         \
	(VIRTIO_BLK_F_SIZE_MAX | VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_GEOMETRY | VIRTIO_BLK_F_RO | VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_FLUSH \
	 | VIRTIO_BLK_F_TOPOLOGY | VIRTIO_BLK_F_CONFIG_WCE | VIRTIO_BLK_F_MQ | VIRTIO_BLK_F_DISCARD | VIRTIO_BLK_F_WRITE_ZEROES | VIRTIO_F_ANY_LAYOUT \
	 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX)

/// Adds a request to a queue without publishing it. The data is up to VIRTIO_BLK_BUFFERS buffers, which the device writes if the type is
/// IN or GET_ID, and reads otherwise. False if there is no room.
bool virtio_blk_add(struct virtio_blk *disk, unsigned queue, struct virtio_blk_request *request, uint32_t type, uint64_t sector,
					const struct virtq_buffer data[], unsigned count);

/// The next request that is done, or null. Its data is visible.
struct virtio_blk_request *virtio_blk_take(struct virtio_blk *disk, unsigned queue);

/// Adds a request with one buffer of data, or none, tells the device, waits, and returns its status. No other may be in flight on that queue. If
/// it does not come in time, the device is reset, so that memory is the guest's again, and PENDING is returned.
uint8_t virtio_blk_do(struct virtio_blk *disk, unsigned queue, uint32_t type, uint64_t sector, const volatile void *data, uint32_t bytes);
