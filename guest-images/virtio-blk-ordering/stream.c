// Requests as fast as they go: processor 0 publishes them while the device drains, processor 1 polls the used index. A sector is written,
// then read, in turn. Each slot has two sets of everything, used in turn, and what is not in use is poisoned: whoever takes what was there
// before leaves a trace.
#include "parts.h"

enum { Entries = 16, Slots = 5, PerChain = 3, First = 64, PerSlot = 32, Impossible = 0x5A5A };

// Neither 16 nor 32 is a multiple of 5: no entry of a ring is the same twice in a row.
_Static_assert(Slots * PerChain <= Entries && Entries % Slots != 0, "heads move around the ring");

struct set {
	struct virtio_blk_header header;
	struct virtq_descriptor table[PerChain];
	volatile uint32_t data[Words];
	volatile uint8_t status;
} OWN_CACHE_LINE;

static struct set sets[Slots][2];

// What is under way in a slot, and what it has finished last.
static struct { volatile uint32_t under_way, finished; } OWN_CACHE_LINE slots[Slots];
static uint32_t rounds;
static volatile uint32_t done;

static uint32_t turn_of(uint32_t number) { return number / Slots; }
static bool writes(uint32_t number) { return turn_of(number) % 2 != 0; } // the first turn is turn 1
static uint64_t sector_of(uint32_t number) { return First + number % Slots * PerSlot + (turn_of(number) - 1) / 2 % PerSlot; }
static struct set *set_of(uint32_t number) { return &sets[number % Slots][turn_of(number) % 2]; }

static struct virtq_descriptor descriptor(const volatile void *bytes, uint32_t length, uint32_t flags, unsigned next)
{
	return (struct virtq_descriptor){ (uintptr_t)bytes, length, (uint16_t)flags, (uint16_t)next };
}

static void poison(struct set *set, uint32_t number)
{
	set->header = (struct virtio_blk_header){ Impossible, 0, UINT64_MAX };
	fill_words(set->data, number, Poisoned);
	set->status = VIRTIO_BLK_PENDING;
}

static void make(uint32_t number)
{
	struct set *set = set_of(number);
	struct virtq *queue = &disk.queues[0];
	unsigned head = number % Slots * PerChain;
	bool indirect = number % 3 == 0, to_disk = writes(number);
	set->header = (struct virtio_blk_header){ to_disk ? VIRTIO_BLK_OUT : VIRTIO_BLK_IN, 0, sector_of(number) };
	fill_words(set->data, number, to_disk ? 0 : Poisoned);
	struct virtq_descriptor *chain = indirect ? set->table : &queue->descriptors[head];
	unsigned base = indirect ? 0 : head;
	chain[0] = descriptor(&set->header, sizeof set->header, VIRTQ_NEXT, base + 1);
	chain[1] = descriptor(set->data, Sector, VIRTQ_NEXT | (to_disk ? 0 : VIRTQ_WRITE), base + 2);
	chain[2] = descriptor(&set->status, 1, VIRTQ_WRITE, 0);
	if (indirect) {
		queue->descriptors[head] = descriptor(set->table, sizeof set->table, VIRTQ_INDIRECT, 0);
	}
	slots[number % Slots].under_way = number;
	virtq_add_head(queue, (uint16_t)head);
}

static bool is_broken(void) { return (virtio_status(&disk.virtio) & VIRTIO_NEEDS_RESET) != 0; }

// What has not come in time comes if the device is told, or it does not.
static void judge_wait(uint32_t number, uint32_t before)
{
	if (has_found()) {
		return;
	}
	if (is_broken()) {
		find(Malformed, number, 0);
		return;
	}
	virtq_notify(&disk.queues[0]);
	find(in_time(done != before || has_found()) ? NoticeLost : Stuck, number, before);
}

static void publish_all(void *unused)
{
	(void)unused;
	uint32_t last = rounds + Slots - 1;
	for (uint32_t number = Slots; number <= last && !has_found(); number++) {
		uint32_t slot = number % Slots, before = done;
		if (!in_time(slots[slot].finished == slots[slot].under_way || has_found())) {
			judge_wait(number, before);
			return;
		}
		make(number);
		if (number % 64 < 48 || number % 3 == 0 || number == last) { // one by one, then by twos and threes
			virtq_kick(&disk.queues[0]);
		}
		if (number % 16 == 0) {
			linger(number);
		}
	}
	uint32_t before = done;
	if (!in_time(done == rounds || has_found())) {
		judge_wait(rounds, before);
	}
}

// What a word says that should have been another.
static enum finding judge_word(uint32_t word, uint32_t number, unsigned place)
{
	uint32_t of = word >> 8, expected = number - Slots; // which wrote what is read now
	return word == word_of(expected, place) ? Right
		   : of == number ? DataMissing // as the buffer was when it was handed over
		   : of == expected ? DataLate // it was poisoned when it had been written
		   : of < expected && (word & Poisoned) != 0 ? DataStale // the buffer had not been filled
		   : HeaderStale;
}

static enum finding judge(uint32_t number, uint32_t length, uint32_t *detail)
{
	const struct set *set = set_of(number), *other = set_of(number + Slots);
	uint8_t status = set->status;
	*detail = status;
	if (status == VIRTIO_BLK_PENDING) {
		return other->status != VIRTIO_BLK_PENDING ? DescriptorStale : StatusMissing;
	}
	*detail = length;
	if (status != VIRTIO_BLK_OK || length != (writes(number) ? 1 : Sector + 1)) {
		return HeaderStale;
	}
	enum finding finding = Right;
	for (unsigned i = 0; i < Words && !writes(number) && finding == Right; i++) {
		*detail = set->data[i];
		finding = judge_word(set->data[i], number, i);
	}
	return finding;
}

static void take_all(void *unused)
{
	(void)unused;
	struct virtq *queue = &disk.queues[0];
	while (done != rounds && !has_found()) {
		if (virtq_used_index(queue) == queue->taken) {
			pause();
			continue;
		}
		dma_rmb(); // the index, then the element and what it tells of; pairs with virtio.used-elem-before-idx
		volatile struct virtq_element *element = &queue->used->ring[queue->taken++ % queue->size];
		uint32_t id = element->id, length = element->length, slot = id / PerChain, detail = id;
		element->id = element->length = UINT32_MAX;
		if (id == UINT32_MAX || length == UINT32_MAX) {
			find(ElementMissing, done + 1, id);
			return;
		}
		if (slot >= Slots || id % PerChain != 0 || slots[slot].finished == slots[slot].under_way) {
			find(RingStale, done + 1, id);
			return;
		}
		uint32_t number = slots[slot].under_way;
		enum finding finding = judge(number, length, &detail);
		if (finding != Right) {
			find(finding, number, detail);
			return;
		}
		poison(set_of(number), number);
		slots[slot].finished = number; // behind the poison: stores stay in order
		done++;
	}
}

void check_stream(uint32_t count, bool by_event)
{
	static const char *const sites[] = { "virtio.avail-idx-before-ring", "virtio.used-elem-before-idx", "virtio.event-idx.avail" };
	const char *how = by_event ? ": under load, with event indices" : ": under load, with flags";
	uint64_t features = VIRTIO_F_INDIRECT_DESC | (by_event ? VIRTIO_F_EVENT_IDX : 0);
	if (!report(by_event ? "under load, with event indices: it starts" : "under load, with flags: it starts", prepare(features, Entries))) {
		return;
	}
	struct virtq *queue = &disk.queues[0];
	for (unsigned i = 0; i < Entries; i++) {
		queue->used->ring[i] = (struct virtq_element){ UINT32_MAX, UINT32_MAX };
	}
	for (unsigned slot = 0; slot < Slots; slot++) {
		slots[slot].under_way = slots[slot].finished = 0;
		poison(&sets[slot][0], 0);
		poison(&sets[slot][1], 0);
	}
	rounds = count;
	done = 0;
	virtio_blk_start(&disk);
	uint64_t begin = rdtsc();
	processor_run(1, take_all, NULL);
	publish_all(NULL);
	processor_wait(1);
	printf("NOTE %u requests, %u ms\n", done, (uint32_t)divide64(tsc_to_us(rdtsc() - begin), 1000));
	report_sites(how, rounds, done, sites, 3);
}
