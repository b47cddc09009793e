// Both queues under load: lsi.sigp-before-queue, lsi.queue-before-block, lsi.data-status-interrupt.
//
// Sixteen requests in a row, as many at once as there are slots; then sixteen one by one: each finds the chip asleep, or just about to
// sleep, and nothing but SIGP wakes it.
#include "load.h"

enum { Spins = 64 };

static bool one_by_one(uint32_t number) { return (number & 16) != 0; }

// Processor 1. It only looks: what it has seen, processor 0 takes.
static void look(void *argument)
{
	const unsigned *first = argument;
	for (uint32_t number = 0; number < load.rounds; number++) {
		const struct lsi_entry *entry = &queue.done[(*first + number) % LSI_ENTRIES];
		uint32_t address = 0, detail = 0;
		while ((address = READ_ONCE(entry->request)) == 0) { // patience is processor 0's
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

// Takes what processor 1 has seen, until no more than `most` are under way.
static bool take(uint32_t number, uint32_t *taken, uint32_t most)
{
	unsigned spins = 0;
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
		bool stopped = ++spins % Spins == 0 && lsi_interrupts(&queue.lsi);
		if (stopped || rdtsc() - since > patience) {
			uint32_t detail;
			enum verdict verdict = diagnose(&detail);
			load_stop(verdict, number - 1, detail);
			return false;
		}
		pause();
	}
	return true;
}

static uint32_t submit_all(void)
{
	uint32_t taken = 0;
	for (uint32_t number = 0; number < load.rounds; number++) {
		// A slot is free when its request has been taken, which need not be the oldest: a tag that is in use says no.
		struct lsi_request *request;
		do {
			if (!take(number, &taken, Slots - 1)) {
				return taken;
			}
		} while (queue.targets[0].requests[slot_of(number)] != 0 && take(number, &taken, number - taken - 1));
		if (load_stopped()) {
			return taken;
		}
		request = request_make(number);
		load.submitted = number + 1;
		if (!lsi_submit(&queue, request, slot_of(number))) {
			load_stop(WrongEntry, number, __LINE__);
			return taken;
		}
		if (one_by_one(number) && !take(number + 1, &taken, 0)) {
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
