// Who tells whom, and how often (2.7.7, 2.7.10): interrupts counted by their messages, notices as the device asks for them.
#include "messages.h"

enum { Batch = 32 };

static const uint64_t without = VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX;

static void check_flag(void)
{
	bool ok = begin_with_messages(without, 1, 0);
	virtq_suppress_interrupts(&dut.queues[0]);
	for (unsigned i = 0; i < some(8) && ok; i++) {
		ok = read_many(Batch);
	}
	delay_us(Watch);
	report("notifications: with NO_INTERRUPT there is none", ok && messages[1] == 0);
	virtq_want_interrupt(&dut.queues[0], 0);
	ok = read_many(Batch);
	report("notifications: without it there is one, and no more than one each", ok && within_deadline(messages[1] != 0) && messages[1] <= Batch);
	messages[1] = 0;
	virtq_want_interrupt(&dut.queues[0], 0);
	bool each = true;
	for (unsigned i = 1; i <= Batch && each; i++) {
		each = read_many(1) && within_deadline(messages[1] == i);
	}
	report("notifications: one by one, there is one for each", each);
	end_messages();
}

// The index passes the event once, however the device gathers what it has done.
static void check_used_event(void)
{
	bool ok = begin_with_messages(VIRTIO_BLK_KNOWN, 1, 0), exact = true;
	for (uint16_t behind = 0; behind < Batch && exact; behind = (uint16_t)(behind + Batch / some(Batch))) {
		messages[1] = 0;
		ok = virtq_want_interrupt(&dut.queues[0], behind) && ok && read_many(Batch) && within_deadline(messages[1] != 0);
		ok = ok && read_many(Batch); // the event is passed
		exact = ok && messages[1] == 1;
	}
	delay_us(Watch);
	report("notifications: one interrupt as the index passes used_event, wherever it is, and none behind it", exact && messages[1] == 1);
	messages[1] = 0;
	virtq_suppress_interrupts(&dut.queues[0]);
	for (unsigned i = 0; i < some(8) && ok; i++) {
		ok = read_many(Batch);
	}
	delay_us(Watch);
	report("notifications: with used_event far away there is none", ok && messages[1] == 0);
	end_messages();
}

// The flags of the available ring mean nothing then, and 2.7.7.1 has them 0; a device looks at used_event alone.
static void check_flag_ignored(void)
{
	bool ok = begin_with_messages(VIRTIO_BLK_KNOWN, 1, 0);
	ok = virtq_want_interrupt(&dut.queues[0], 0) && ok;
	dut.queues[0].available->flags = VIRTQ_NO_INTERRUPT;
	report("notifications: used_event counts, the flag does not", ok && read_many(1) && within_deadline(messages[1] == 1));
	end_messages();
}

// As seldom as the device wants; each request comes back, or a notice that it wanted was not wanted.
static void check_notices(void)
{
	static struct virtio_blk_request requests[Batch];
	struct virtq_buffer buffer = { got, Sector };
	unsigned told = 0, all = 0;
	bool ok = begin();
	for (unsigned round = 0; round < some(64) && ok; round++) {
		for (unsigned i = 0; i < Batch && ok; i++) {
			ok = virtio_blk_add(&dut, 0, &requests[i], VIRTIO_BLK_IN, i, &buffer, 1);
			told += virtq_kick(&dut.queues[0]);
			all++;
			if (round % 2 == 0 || i + 1 == Batch) {
				ok = ok && within_deadline(virtio_blk_take(&dut, 0) != NULL);
			}
		}
		for (unsigned i = 1; i < Batch && round % 2 != 0 && ok; i++) {
			ok = within_deadline(virtio_blk_take(&dut, 0) != NULL);
		}
	}
	report("notifications: told only when it wants to be, it does all", ok && told != 0);
	printf("NOTE told %u times in %u requests\n", told, all);
}

// A notice for nothing does nothing; several for one do it once.
static void check_idle_notices(void)
{
	bool ok = begin();
	for (unsigned i = 0; i < 1000; i++) {
		virtq_notify(&dut.queues[0]);
	}
	ok = ok && read_many(1);
	for (unsigned i = 0; i < 1000; i++) {
		virtq_notify(&dut.queues[0]);
	}
	report("notifications: notices for nothing do nothing", ok && works(1) && virtq_used_index(&dut.queues[0]) == 3);
}

void check_notifications(void)
{
	if (!dut.virtio.has_msix) {
		report_skip("notifications", "there is no MSI-X to count them by");
		return;
	}
	check_flag();
	if ((virtio_offered(&dut.virtio) & VIRTIO_F_EVENT_IDX) != 0) {
		check_used_event();
		check_flag_ignored();
	}
	check_notices();
	check_idle_notices();
}
