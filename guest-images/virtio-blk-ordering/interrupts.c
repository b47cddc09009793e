// The driver goes to sleep as the device has something for it: it says that it wants an interrupt, and looks once more; the device shows what
// it has, and looks whether to interrupt (SB). And the handler of a message, which reads no register, finds what it tells of.
#include "parts.h"

enum { Vector = 0x50, Message = 0, Unread = 0xEE };

static struct virtio_blk_request request;
static volatile uint8_t bytes[Sector];
static volatile uint32_t messages, early;

static void on_message(struct frame *frame)
{
	(void)frame;
	early += virtq_used_index(&disk.queues[0]) == disk.queues[0].taken || request.status != VIRTIO_BLK_OK || bytes[0] == Unread || bytes[Sector - 1] == Unread;
	messages++;
	apic_end();
}

static void submit(void)
{
	struct virtq_buffer buffer = { bytes, Sector };
	bytes[0] = bytes[Sector - 1] = Unread;
	virtio_blk_add(&disk, 0, &request, VIRTIO_BLK_IN, 0, &buffer, 1);
	virtq_kick(&disk.queues[0]);
}

// It has shown what it has, and a message was wanted: it comes, or it is lost.
static bool wait_for_message(uint32_t round, uint32_t before)
{
	struct virtq *queue = &disk.queues[0];
	if (!in_time(virtq_used_index(queue) != queue->taken)) {
		find(Stuck, round, messages);
	} else if (!in_time(messages != before)) {
		find(InterruptLost, round, virtq_used_index(queue));
	}
	return !has_found();
}

// Wanted at any moment. If it is there already, a message may come or not, and as late as it likes.
static bool go_to_sleep(uint32_t round)
{
	submit();
	linger(round);
	uint32_t before = messages;
	if (virtq_want_interrupt(&disk.queues[0], 0) && !wait_for_message(round, before)) {
		return false;
	}
	virtq_suppress_interrupts(&disk.queues[0]);
	return virtio_blk_take(&disk, 0) == &request;
}

// Wanted before there is anything: one message for each request, behind it.
static bool sleep_before(uint32_t round)
{
	uint32_t before = messages;
	early = 0;
	virtq_want_interrupt(&disk.queues[0], 0);
	submit();
	if (wait_for_message(round, before) && early != 0) {
		find(MessageEarly, round, request.status);
	}
	return !has_found() && virtio_blk_take(&disk, 0) == &request;
}

static bool start(bool by_event)
{
	static uint8_t zeros[Sector];
	if (!prepare(by_event ? VIRTIO_F_EVENT_IDX : 0, 0) || !disk.virtio.has_msix) {
		return false;
	}
	apic_enable();
	vector_handle(Vector, on_message);
	msix_enable(&disk.virtio.msix, true, false);
	msix_route(&disk.virtio.msix, Message, apic_id(), Vector);
	bool routed = virtio_queue_vector(&disk.virtio, 0, Message);
	virtio_blk_start(&disk);
	return routed && virtio_blk_do(&disk, 0, VIRTIO_BLK_OUT, 0, zeros, Sector) == VIRTIO_BLK_OK;
}

static void run(const char *site, const char *how, uint32_t rounds, bool (*do_round)(uint32_t round))
{
	uint32_t round = 0;
	bool right = true;
	sti();
	while (round < rounds && right) {
		right = do_round(round);
		round += right;
	}
	cli();
	report_sites(how, rounds, round, &site, 1);
}

void check_interrupts(uint32_t rounds, bool by_event)
{
	if (report(by_event ? "going to sleep, with event indices: it starts" : "going to sleep, with flags: it starts", start(by_event))) {
		run("virtio.event-idx.used", by_event ? ": going to sleep, with event indices" : ": going to sleep, with flags", rounds, go_to_sleep);
	}
	if (!has_found() && report(by_event ? "asleep, with event indices: it starts" : "asleep, with flags: it starts", start(by_event))) {
		run("msi.after-data", by_event ? ": asleep, with event indices" : ": asleep, with flags", rounds / 4, sleep_before);
	}
	virtio_reset(&disk.virtio);
}
