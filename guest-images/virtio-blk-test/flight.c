// As many requests in flight as there is room for, on as many queues as there are; they may come back in any order.
#include "parts.h"

enum { InFlight = 1024, First = 4096, Wraps = 66000 };

static struct virtio_blk_request requests[InFlight];
static unsigned out_of_order;

// Adds `count` requests of one sector, spread over the queues, before the device is told of any; true if all come back, each once.
static bool all_at_once(uint32_t type, unsigned count)
{
	static unsigned last[VIRTIO_BLK_QUEUES];
	uint8_t *bytes = type == VIRTIO_BLK_OUT ? given : got;
	unsigned added = 0, done = 0;
	memset(last, 0, sizeof last);
	for (bool room = true; added < count && room; added += room) {
		struct virtq_buffer buffer = { bytes + added * Sector % Room, Sector };
		room = virtio_blk_add(&dut, added % dut.queue_count, &requests[added], type, First + added, &buffer, 1);
	}
	for (unsigned queue = 0; queue < dut.queue_count; queue++) {
		virtq_kick(&dut.queues[queue]);
	}
	bool ok = added == count;
	while (ok && done < count) {
		struct virtio_blk_request *request = NULL;
		unsigned queue = done % dut.queue_count;
		ok = within_deadline((queue = (queue + 1) % dut.queue_count, request = virtio_blk_take(&dut, queue)) != NULL);
		if (ok) {
			unsigned number = (unsigned)(request - requests);
			ok = request->status == VIRTIO_BLK_OK && number % dut.queue_count == queue;
			out_of_order += number < last[queue];
			last[queue] = number;
			done++;
		}
	}
	for (unsigned i = 0; i < count; i++) {
		ok = ok && requests[i].done;
	}
	return ok;
}

static unsigned room(void)
{
	unsigned most = 0;
	for (unsigned queue = 0; queue < dut.queue_count; queue++) {
		most += dut.queues[queue].size;
	}
	return most < Room / Sector ? most : Room / Sector; // each has a buffer of its own
}

static void check_queues(const char *name, uint64_t wanted, unsigned queues, unsigned divisor)
{
	bool ok = begin_with(wanted, queues, 0);
	unsigned count = room() / divisor;
	for (unsigned round = 0; round < some(8) && ok; round++) {
		fill_sectors(given, First, count, round);
		memset(got, 0xEE, sizeof got);
		ok = all_at_once(VIRTIO_BLK_OUT, count) && all_at_once(VIRTIO_BLK_IN, count) && are_sectors(got, First, count, round);
	}
	report(name, ok);
	printf("NOTE %u in flight on %u queues, %u out of order\n", count, dut.queue_count, out_of_order);
}

// 16-bit indices go around.
static void check_wrap(const char *name, uint64_t wanted)
{
	enum { Batch = 128 };
	if (some(Wraps) < Wraps) {
		report_skip(name, "it takes long: brief=1");
		return;
	}
	bool ok = begin_with(wanted, 1, 0) && dut.queues[0].size >= Batch;
	for (unsigned done = 0; done < Wraps && ok; done += Batch) {
		ok = all_at_once(VIRTIO_BLK_GET_ID, Batch); // no disk is needed for that
	}
	report(name, ok && works(1));
}

void check_flight(void)
{
	check_queues("in flight: a queue full", VIRTIO_BLK_KNOWN, 1, 1);
	check_queues("in flight: a queue full of direct descriptors", VIRTIO_BLK_KNOWN & ~VIRTIO_F_INDIRECT_DESC, 1, 3);
	check_queues("in flight: all queues full", VIRTIO_BLK_KNOWN, VIRTIO_BLK_QUEUES, 1);
	check_wrap("in flight: 66000 requests, around the indices", VIRTIO_BLK_KNOWN);
	check_wrap("in flight: the same without event indices", VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX);
}
