// The device goes to sleep as the driver has something more for it: it says that it wants to be told, and looks once more; the driver shows
// what it has, and looks whether to tell. One of the two sees the other (SB).
#include "parts.h"

enum { Requests = 2 };

static struct virtio_blk_request requests[Requests];

static void submit(unsigned i, uint64_t sector)
{
	static uint8_t bytes[Requests][Sector];
	struct virtq_buffer buffer = { bytes[i], Sector };
	virtio_blk_add(&disk, 0, &requests[i], VIRTIO_BLK_IN, sector, &buffer, 1);
	virtq_kick(&disk.queues[0]);
}

static bool take_both(uint32_t round)
{
	for (unsigned taken = 0; taken < Requests;) {
		if (in_time(virtio_blk_take(&disk, 0) != NULL)) {
			taken++;
			continue;
		}
		uint16_t before = virtq_used_index(&disk.queues[0]);
		virtq_notify(&disk.queues[0]);
		find(in_time(virtq_used_index(&disk.queues[0]) != before) ? NoticeLost : Stuck, round, taken);
		return false;
	}
	return true;
}

void check_notices(uint32_t rounds, bool by_event)
{
	static const char *const sites[] = { "virtio.event-idx.avail" };
	const char *how = by_event ? ": as it goes to sleep, with event indices" : ": as it goes to sleep, with flags";
	uint32_t round = 0;
	if (!report(by_event ? "as it goes to sleep, with event indices: it starts" : "as it goes to sleep, with flags: it starts",
				prepare(by_event ? VIRTIO_F_EVENT_IDX : 0, 0))) {
		return;
	}
	virtio_blk_start(&disk);
	while (round < rounds && !has_found()) {
		submit(0, round % 1024);
		linger(round);
		submit(1, round % 1024 + 1);
		round += take_both(round);
	}
	report_sites(how, rounds, round, sites, 1);
}
