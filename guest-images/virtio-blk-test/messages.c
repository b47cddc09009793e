#include "messages.h"

volatile uint32_t messages[Messages];

static void on_message(struct frame *frame)
{
	messages[frame->vector - FirstVector]++;
	apic_end();
}

bool begin_with_messages(uint64_t wanted, unsigned queues, uint16_t size)
{
	struct virtio *virtio = &dut.virtio;
	if (!virtio_blk_prepare(&dut, dut_pci, legacy, wanted, queues, size, memories)) {
		return false;
	}
	apic_enable();
	for (unsigned i = 0; i < Messages; i++) {
		vector_handle((uint8_t)(FirstVector + i), on_message);
		messages[i] = 0;
	}
	msix_enable(&virtio->msix, true, false);
	bool ok = virtio_config_vector(virtio, 0);
	for (unsigned i = 0; i < virtio->msix.vectors && i < Messages; i++) {
		msix_route(&virtio->msix, i, apic_id(), (uint8_t)(FirstVector + i));
	}
	for (unsigned i = 0; i < dut.queue_count && ok; i++) {
		ok = virtio_queue_vector(virtio, (uint16_t)i, (uint16_t)(1 + i));
	}
	virtio_blk_start(&dut);
	sti();
	return ok;
}

void end_messages(void)
{
	cli();
	virtio_reset(&dut.virtio);
	for (unsigned i = 0; i < Messages; i++) {
		vector_handle((uint8_t)(FirstVector + i), NULL);
	}
}

bool read_many(unsigned count)
{
	static struct virtio_blk_request requests[64];
	struct virtq_buffer buffer = { got, Sector };
	bool ok = count <= 64;
	for (unsigned i = 0; i < count && ok; i++) {
		ok = virtio_blk_add(&dut, 0, &requests[i], VIRTIO_BLK_IN, i, &buffer, 1);
	}
	virtq_kick(&dut.queues[0]);
	struct virtio_blk_request *request;
	for (unsigned i = 0; i < count && ok; i++) {
		ok = within_deadline((request = virtio_blk_take(&dut, 0)) != NULL) && request->status == VIRTIO_BLK_OK;
	}
	return ok;
}
