// The first virtio block device.
#include "requester.h"
#include "virtio_blk.h"

static struct virtio_blk disk;
static struct virtq_memory memory;
static struct virtio_blk_request requests[DEPTH_MOST];

static bool open(void)
{
	struct pci_function pci;
	if (!virtio_find(VIRTIO_BLK_TYPE, 0, &pci) ||
	    !(virtio_blk_prepare(&disk, pci, false, VIRTIO_BLK_KNOWN, 1, 0, &memory) || virtio_blk_prepare(&disk, pci, true, VIRTIO_BLK_KNOWN, 1, 0, &memory))) {
		return false;
	}
	virtio_blk_start(&disk);
	virtq_suppress_interrupts(&disk.queues[0]);
	return true;
}

static bool submit(unsigned slot, bool write, uint32_t sector, void *buffer, uint32_t bytes)
{
	struct virtq_buffer data = { buffer, bytes };
	return virtio_blk_add(&disk, 0, &requests[slot], write ? VIRTIO_BLK_OUT : VIRTIO_BLK_IN, sector, &data, 1);
}

static void tell(void) { virtq_kick(&disk.queues[0]); }

static int finished(void)
{
	bool any = virtq_used_index(&disk.queues[0]) != disk.queues[0].taken;
	struct virtio_blk_request *request = virtio_blk_take(&disk, 0);
	if (request == NULL) {
		return any ? FINISHED_EARLY : NOTHING_FINISHED; // with an element from before
	}
	uint8_t status = request->status;
	return status == VIRTIO_BLK_OK ? (int)(request - requests) : status == VIRTIO_BLK_PENDING ? FINISHED_EARLY : FINISHED_WRONG;
}

const struct requester virtio_requester = { "virtio-blk", open, submit, tell, finished };
