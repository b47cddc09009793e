// Two disks, each with many requests at once, half of them writes. A sector's every word has the number of its place. What is read into was
// filled with something else before: if that is still there when the request is done, it was said to be done too early; and what belongs
// to another place came by a request that was not the one that was made.
#include "five.h"
#include "../drivers/requester.h"

enum { Underway = 16, Places = 4096, Words = SECTOR / 4, Poison = 0xFFFFFFFF };
enum { Given, Done, Told }; // the promises

struct worker disks[DISKS] = {
	{ .name = "lsi53c895a", .promise_count = 3, .promises = {
		{ "lsi.queue-before-block", "each request is carried out as it was made" },
		{ "lsi.data-status-interrupt", "in the done queue: its data and status are there" },
		{ "lsi.sigp-before-queue", "after SIGP: no request is left behind" } } },
	{ .name = "virtio-blk", .promise_count = 3, .promises = {
		{ "virtio.avail-idx-before-ring", "each request is carried out as it was made" },
		{ "virtio.used-elem-before-idx", "used.idx: element and data are there" },
		{ "virtio.event-idx.avail", "after avail.idx: no request is left behind" } } },
};

static const struct requester *const requesters[DISKS] = { &lsi_requester, &virtio_requester };

static struct load {
	uint32_t submitted, state;
	uint64_t last;
	unsigned idle[Underway], idle_count;
	struct { uint32_t place; bool write, expects; } slots[Underway];
	bool written[Places], busy[Places];
	uint32_t buffers[Underway][Words] __attribute__((aligned(512)));
} loads[DISKS];

static uint32_t requests;

bool disks_open(uint32_t count)
{
	bool all = true;
	requests = count;
	for (unsigned i = 0; i < DISKS; i++) {
		char text[64];
		snprintf(text, sizeof text, "%s is there, with a disk", disks[i].name);
		all = report(text, requesters[i]->open()) && all;
		struct load *load = &loads[i];
		load->state = i + 1;
		load->last = rdtsc();
		while (load->idle_count < Underway) {
			load->idle[load->idle_count] = load->idle_count;
			load->idle_count++;
		}
	}
	return all;
}

// A place that nobody is at: two requests for one have no order.
static uint32_t free_place(struct load *load)
{
	do {
		load->state ^= load->state << 13;
		load->state ^= load->state >> 17;
		load->state ^= load->state << 5;
	} while (load->busy[load->state % Places]);
	return load->state % Places;
}

static bool submit(unsigned i)
{
	struct load *load = &loads[i];
	unsigned slot = load->idle[load->idle_count - 1];
	uint32_t place = free_place(load);
	bool write = load->submitted % 2 == 0;
	for (unsigned w = 0; w < Words; w++) {
		load->buffers[slot][w] = write ? place : Poison;
	}
	load->slots[slot].place = place;
	load->slots[slot].write = write;
	load->slots[slot].expects = load->written[place];
	if (!requesters[i]->submit(slot, write, place, load->buffers[slot], SECTOR)) {
		return false;
	}
	load->busy[place] = true;
	load->idle_count--;
	load->submitted++;
	return true;
}

static void finish(unsigned i, unsigned slot)
{
	struct load *load = &loads[i];
	uint32_t place = load->slots[slot].place, early = 0, other = 0;
	if (!load->slots[slot].write) {
		for (unsigned w = 0; w < Words; w++) {
			uint32_t word = READ_ONCE(load->buffers[slot][w]);
			early += word == Poison;
			other += word != Poison && load->slots[slot].expects && word != place;
		}
		disks[i].promises[Done].looked++;
		disks[i].promises[Done].broken += early != 0;
	}
	disks[i].promises[Given].looked++;
	disks[i].promises[Given].broken += other != 0;
	load->written[place] |= load->slots[slot].write;
	load->busy[place] = false;
	load->idle[load->idle_count++] = slot;
	load->last = rdtsc();
	disks[i].done++;
}

// False when there is no more to do.
static bool step(unsigned i)
{
	struct load *load = &loads[i];
	bool any = false;
	while (load->idle_count != 0 && load->submitted < requests && submit(i)) {
		any = true;
	}
	if (any) {
		requesters[i]->tell();
	}
	int slot;
	while ((slot = requesters[i]->finished()) >= 0) {
		finish(i, (unsigned)slot);
	}
	if (slot != NOTHING_FINISHED) { // nothing more is to be learnt from this one
		struct promise *promise = &disks[i].promises[slot == FINISHED_EARLY ? Done : Given];
		promise->looked++;
		promise->broken++;
		disks[i].stuck = true;
	} else if (rdtsc() - load->last > patience()) {
		disks[i].promises[Told].broken = load->submitted - disks[i].done;
		disks[i].stuck = true;
	}
	disks[i].promises[Told].looked = load->submitted;
	return disks[i].done < requests && !disks[i].stuck;
}

bool disks_step(void)
{
	bool goes_on = false;
	for (unsigned i = 0; i < DISKS; i++) {
		if (!disks[i].stuck && disks[i].done < requests) {
			goes_on = step(i) || goes_on;
		}
	}
	return goes_on;
}
