// Virtio block devices as disks: one request at a time, polled.
#include "virtio_blk.h"

enum { Transfer = 1 << 18 }; // bytes in a request at most

static struct virtio_blk disks[DISKS_MOST];
static struct virtq_memory memories[DISKS_MOST];

static bool transfer(struct disk *disk, uint32_t type, uint64_t block, uint32_t count, uint8_t *buffer)
{
	struct virtio_blk *device = disk->private;
	uint32_t most = (device->size_max < Transfer ? device->size_max : Transfer) / disk->block_size;
	bool ok = most != 0;
	for (uint32_t part = 0; ok && count != 0; count -= part, block += part, buffer += (size_t)part * disk->block_size) {
		part = count < most ? count : most;
		ok = virtio_blk_do(device, 0, type, block * (disk->block_size / VIRTIO_BLK_SECTOR), buffer, part * disk->block_size) == VIRTIO_BLK_OK;
	}
	return ok;
}

static bool read(struct disk *disk, uint64_t block, uint32_t count, void *buffer) { return transfer(disk, VIRTIO_BLK_IN, block, count, buffer); }

static bool write(struct disk *disk, uint64_t block, uint32_t count, const void *buffer)
{
	return transfer(disk, VIRTIO_BLK_OUT, block, count, (uint8_t *)buffer);
}

// A device without FLUSH writes through (5.2.6.2).
static bool flush(struct disk *disk)
{
	struct virtio_blk *device = disk->private;
	return (device->virtio.features & VIRTIO_BLK_F_FLUSH) == 0 || virtio_blk_do(device, 0, VIRTIO_BLK_FLUSH, 0, NULL, 0) == VIRTIO_BLK_OK;
}

static const struct disk_driver driver = { .name = "virtio-blk", .read = read, .write = write, .flush = flush };

unsigned virtio_blk_disks(struct disk found[], unsigned room)
{
	struct pci_function pci;
	unsigned count = 0;
	for (unsigned i = 0; count < room && count < DISKS_MOST && virtio_find(VIRTIO_BLK_TYPE, i, &pci); i++) {
		struct virtio_blk *device = &disks[count];
		if (virtio_blk_prepare(device, pci, false, VIRTIO_BLK_KNOWN, 1, 0, &memories[count])
			|| virtio_blk_prepare(device, pci, true, VIRTIO_BLK_KNOWN, 1, 0, &memories[count])) {
			virtio_blk_start(device);
			uint32_t sectors = device->block_size / VIRTIO_BLK_SECTOR;
			found[count++] = (struct disk){ &driver, device, device->block_size, divide64(device->capacity, sectors), device->read_only };
		}
	}
	return count;
}
