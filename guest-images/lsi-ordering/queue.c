// Both queues under load: lsi.sigp-before-queue, lsi.queue-before-block, lsi.data-status-interrupt.
//
// Sixteen requests in a row, as many at once as there are slots; then sixteen in pairs, of which the first finds the chip asleep, and the
// second, which has been made before and is submitted the moment that the first is done, finds it about to sleep. Nothing but SIGP wakes it.
#include "load.h"

static bool in_pairs(uint32_t number) { return (number & 16) != 0; }
static bool is_second(uint32_t number) { return in_pairs(number) && number % 2 != 0; }

// Processor 1. It only looks: what it has seen, processor 0 takes.
static void look(void *argument)
{
	const unsigned *first = argument;
	for (uint32_t number = 0; number < load.rounds; number++) {
		const uint32_t *entry = &queue.done[(*first + number) % LSI_ENTRIES];
		uint32_t address = 0, detail = 0;
		while ((address = READ_ONCE(*entry)) == 0) { // patience is processor 0's
			if (load_stopped()) {
				return;
			}
			pause();
		}
		dma_rmb(); // the entry, then what it hands back; pairs with the program's data, status, entry
		const struct lsi_request *request = (const struct lsi_request *)(uintptr_t)address;
		uint32_t which = request_number(request);
		enum verdict verdict = which >= load.submitted || load.submitted - which > Slots ? WrongEntry : request_judge(which, &detail);
		if (verdict != Whole) {
			load_stop(verdict, which, detail);
			return;
		}
		load.seen = number + 1;
	}
}

// Why nothing comes.
static enum verdict diagnose(uint32_t *detail)
{
	uint8_t istat = lsi_read8(&queue.lsi, LSI_ISTAT0);
	*detail = istat;
	if (istat & (LSI_ISTAT0_SIP | LSI_ISTAT0_DIP)) {
		return Stopped;
	}
	// Once more by SIGP: then it has only not been seen.
	uint32_t seen = load.seen;
	lsi_signal(&queue);
	return (istat & LSI_ISTAT0_SIGP) == 0 && in_time(load.seen != seen || load_stopped()) ? Unseen : Stuck;
}

// Takes what processor 1 has seen, until no more than `most` are under way. It reads no register, which would put the chip's accesses in order.
static bool take(uint32_t number, uint32_t *taken, uint32_t most)
{
	uint64_t since = rdtsc();
	while (number - *taken > most) {
		if (load_stopped()) {
			return false;
		}
		if (*taken != load.seen) {
			(void)lsi_finished(&queue);
			(*taken)++;
			since = rdtsc();
			continue;
		}
		if (rdtsc() - since > patience) {
			uint32_t detail;
			enum verdict verdict = diagnose(&detail);
			load_stop(verdict, number - 1, detail);
			return false;
		}
		pause();
	}
	return true;
}

// Waits until slot and queue have room for the next request, and as long as pairs want it.
static bool wait_for_room(uint32_t number, uint32_t *taken)
{
	if (is_second(number)) {
		const uint32_t *entry = &queue.done[(queue.finish_next + number - 1 - *taken) % LSI_ENTRIES];
		return in_time(READ_ONCE(*entry) != 0 || load_stopped()) || take(number, taken, 0); // which says why not
	}
	if (in_pairs(number)) {
		return take(number, taken, 0);
	}
	// A slot is free when its request has been taken, which need not be the oldest.
	bool room = take(number, taken, Slots - 1);
	while (room && queue.targets[0].requests[slot_of(number)] != 0) {
		room = take(number, taken, number - *taken - 1);
	}
	return room;
}

static uint32_t submit_all(void)
{
	uint32_t taken = 0;
	struct lsi_request *second = NULL;
	for (uint32_t number = 0; number < load.rounds; number++) {
		if (!wait_for_room(number, &taken)) {
			return taken;
		}
		struct lsi_request *request = is_second(number) ? second : request_make(number);
		if (is_second(number + 1)) {
			second = request_make(number + 1);
		}
		load.submitted = number + 1;
		if (!lsi_submit(&queue, request, slot_of(number))) {
			load_stop(WrongEntry, number, __LINE__);
			return taken;
		}
	}
	(void)take(load.rounds, &taken, 0);
	return taken;
}

void check_queue(uint32_t rounds)
{
	load_begin(rounds);
	uint64_t begin = rdtsc();
	unsigned first = queue.finish_next;
	processor_run(1, look, &first);
	uint32_t taken = submit_all();
	processor_wait(1);
	load_report("queue: no request is left lying, each is done as it was told, and is all there when it is said to be", taken, begin);
}
