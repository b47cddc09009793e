// What every disk offers to a guest that does not care which controller it hangs on.
//
// A driver is for one processor at a time and polls; a guest that wants interrupts, or several requests in flight, asks the driver
// itself. Transfers are of whole blocks; a buffer may be anywhere in memory. Everything waits with a deadline of its own, and what
// does not come by then has failed.
#pragma once

#include "guest.h"

struct disk;

struct disk_driver {
	const char *name;

	bool (*read)(struct disk *disk, uint64_t block, uint32_t count, void *buffer);

	/// Returns once the disk says that it is written; it may still be in the disk's cache.
	bool (*write)(struct disk *disk, uint64_t block, uint32_t count, const void *buffer);

	/// Returns once everything written before is stable.
	bool (*flush)(struct disk *disk);
};

struct disk {
	const struct disk_driver *driver;

	/// The driver's own: which controller, which target.
	void *private;

	/// Bytes in a block, a power of two, at least 512; and how many blocks there are.
	uint32_t block_size;
	uint64_t blocks;
	bool read_only;
};

enum { DISKS_MOST = 16 };

/// Opens the disks of every controller of this kind that the machine has, in the order of their place on the bus, then of their
/// target and unit; returns how many there are. The controllers are reset.
unsigned lsi_disks(struct disk disks[], unsigned room);
unsigned virtio_blk_disks(struct disk disks[], unsigned room);

static inline bool disk_read(struct disk *disk, uint64_t block, uint32_t count, void *buffer)
{
	return disk->driver->read(disk, block, count, buffer);
}

static inline bool disk_write(struct disk *disk, uint64_t block, uint32_t count, const void *buffer)
{
	return disk->driver->write(disk, block, count, buffer);
}

static inline bool disk_flush(struct disk *disk)
{
	return disk->driver->flush(disk);
}
