// A driver for virtio block devices.
#include "virtio_blk.h"

static struct virtq_buffer piece(const volatile void *bytes, uint32_t length)
{
	return (struct virtq_buffer){ bytes, length };
}

static bool has(const struct virtio_blk *disk, uint64_t feature)
{
	return (disk->virtio.features & feature) != 0;
}

static void read_config(struct virtio_blk *disk)
{
	disk->capacity = virtio_config64(&disk->virtio, VIRTIO_BLK_CAPACITY);
	disk->block_size = has(disk, VIRTIO_BLK_F_BLK_SIZE) ? virtio_config32(&disk->virtio, VIRTIO_BLK_BLK_SIZE) : VIRTIO_BLK_SECTOR;
	disk->size_max = has(disk, VIRTIO_BLK_F_SIZE_MAX) ? virtio_config32(&disk->virtio, VIRTIO_BLK_SIZE_MAX) : UINT32_MAX;
	disk->seg_max = has(disk, VIRTIO_BLK_F_SEG_MAX) ? virtio_config32(&disk->virtio, VIRTIO_BLK_SEG_MAX) : 1;
	disk->read_only = has(disk, VIRTIO_BLK_F_RO);
}

bool virtio_blk_prepare(struct virtio_blk *disk, struct pci_function pci, bool legacy, uint64_t wanted, unsigned queues, uint16_t size,
						struct virtq_memory memory[])
{
	memset(disk, 0, sizeof *disk);
	struct virtio *virtio = &disk->virtio;
	if (!virtio_open(virtio, pci, legacy) || !virtio_reset(virtio) || !virtio_negotiate(virtio, wanted)) {
		return false;
	}
	read_config(disk);
	unsigned offered = has(disk, VIRTIO_BLK_F_MQ) ? virtio_config16(virtio, VIRTIO_BLK_NUM_QUEUES) : 1;
	queues = queues < offered ? queues : offered;
	for (; disk->queue_count < queues; disk->queue_count++) {
		if (!virtq_open(&disk->queues[disk->queue_count], virtio, (uint16_t)disk->queue_count, size, &memory[disk->queue_count])) {
			return false;
		}
		virtq_suppress_interrupts(&disk->queues[disk->queue_count]);
	}
	return true;
}

void virtio_blk_start(struct virtio_blk *disk) { virtio_add_status(&disk->virtio, VIRTIO_DRIVER_OK); }

bool virtio_blk_add(struct virtio_blk *disk, unsigned queue, struct virtio_blk_request *request, uint32_t type, uint64_t sector,
					const struct virtq_buffer data[], unsigned count)
{
	struct virtq_buffer buffers[VIRTIO_BLK_BUFFERS + 2];
	bool to_memory = type == VIRTIO_BLK_IN || type == VIRTIO_BLK_GET_ID;
	request->header = (struct virtio_blk_header){ type, 0, sector };
	request->status = VIRTIO_BLK_PENDING;
	request->done = false;
	buffers[0] = piece(&request->header, sizeof request->header);
	memcpy(&buffers[1], data, count * sizeof *data);
	buffers[count + 1] = piece(&request->status, 1);
	return virtq_add(&disk->queues[queue], buffers, to_memory ? 1 : count + 1, to_memory ? count + 1 : 1,
					 has(disk, VIRTIO_F_INDIRECT_DESC) ? request->table : NULL, request);
}

struct virtio_blk_request *virtio_blk_take(struct virtio_blk *disk, unsigned queue)
{
	uint32_t written;
	struct virtio_blk_request *request = virtq_take(&disk->queues[queue], &written);
	if (request != NULL) {
		request->written = written;
		request->done = true;
	}
	return request;
}

uint8_t virtio_blk_do(struct virtio_blk *disk, unsigned queue, uint32_t type, uint64_t sector, const volatile void *data, uint32_t bytes)
{
	static struct virtio_blk_request request;
	struct virtq_buffer buffer = piece(data, bytes);
	if (disk->lost || !virtio_blk_add(disk, queue, &request, type, sector, &buffer, bytes != 0)) {
		return VIRTIO_BLK_PENDING;
	}
	virtq_kick(&disk->queues[queue]);
	if (!within_deadline(virtio_blk_take(disk, queue) == &request)) {
		disk->lost = true;
		virtio_reset(&disk->virtio);
		return VIRTIO_BLK_PENDING;
	}
	return request.status;
}
