// Makes requests=N requests of size=N bytes, depth=N of them at once, half of them reads and half writes, in places that look random,
// and prints how long that took. Each write leaves the number of its place, which each read of that place behind it must find.
#include "../drivers/requester.h"

enum { Places = 8192 };

static const struct requester *const requesters[] = { &lsi_requester, &virtio_requester };

static uint8_t buffers[DEPTH_MOST][SIZE_MOST] __attribute__((aligned(4096)));
static bool written[Places];
static struct { bool write, expects; uint32_t place; } slots[DEPTH_MOST];
static bool busy[Places];

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

int main(void)
{
	uint32_t count = multiboot_option("requests", 5000), size = multiboot_option("size", SECTOR), depth = multiboot_option("depth", 1);
	if (!report("the size is that of some sectors", size >= SECTOR && size <= SIZE_MOST && size % SECTOR == 0) ||
	    !report("the depth is possible", depth >= 1 && depth <= DEPTH_MOST)) {
		return report_summary();
	}
	const struct requester *requester = NULL;
	for (unsigned i = 0; i < sizeof requesters / sizeof *requesters && requester == NULL; i++) {
		requester = requesters[i]->open() ? requesters[i] : NULL;
	}
	if (!report("there is a disk", requester != NULL)) {
		return report_summary();
	}

	unsigned idle[DEPTH_MOST], idle_count = depth;
	for (unsigned i = 0; i < depth; i++) {
		idle[i] = i;
	}
	uint32_t submitted = 0, done = 0, wrong = 0, failed = 0, state = 1;
	uint64_t begin = rdtsc(), now = begin, last = begin, patience = 10 * tsc_frequency();
	for (; done < count && failed == 0 && now - last < patience; now = rdtsc()) {
		bool any = false;
		while (idle_count != 0 && submitted < count) {
			unsigned slot = idle[idle_count - 1];
			uint32_t place = next(&state) % Places;
			if (busy[place]) {
				continue; // two requests for one place have no order
			}
			bool write = submitted % 2 == 0;
			slots[slot].write = write;
			slots[slot].expects = written[place];
			slots[slot].place = place;
			*(volatile uint32_t *)buffers[slot] = write ? place : ~place;
			if (!requester->submit(slot, write, place * (size / SECTOR), buffers[slot], size)) {
				break;
			}
			busy[place] = true;
			idle_count--;
			submitted++;
			any = true;
		}
		if (any) {
			requester->tell();
		}
		int slot;
		while ((slot = requester->finished()) >= 0) {
			uint32_t place = slots[slot].place;
			wrong += !slots[slot].write && slots[slot].expects && *(volatile uint32_t *)buffers[slot] != place;
			written[place] |= slots[slot].write;
			busy[place] = false;
			idle[idle_count++] = (unsigned)slot;
			done++;
			last = now;
		}
		failed += slot != NOTHING_FINISHED;
	}
	printf("%s: %u requests of %u bytes in %u us\n", requester->name, done, size, (uint32_t)tsc_to_us(now - begin));
	report_equal("every request was done", done, count);
	report_equal("none failed", failed, 0);
	report_equal("each read found what was written", wrong, 0);
	return report_summary();
}
