// A batch of rounds is one script. Each round has a cell of its own, so that neither side needs the other to go on; they
// wait for each other only to be simultaneous, the processor for a moment and the function until its WAIT is met. Then each
// lets some time pass, another every round, so that every way in which the two can overlap is met.
#include "rounds.h"

enum { Patience = 1000 };

// The script's registers.
enum { LoadedA = 0, Round = 1, Seen = 2, Delay = 5, Cell = 7, Result = 8, LoadedB = 9, End = 10 };

static struct cell cells[Cells];
static struct loaded by_processor[Cells], by_function[Cells];
static struct { volatile uint32_t round; } OWN_CACHE_LINE processor, function;
static struct dma_test_record record;

// "Wx1" and its like, at the round's cell. Stores and loads are of four bytes.
static void add_column(struct dma_test_script *script, const char *words)
{
	uint8_t next = LoadedA;
	while (*words != 0) {
		char what = *words++;
		if (what == 'M') {
			ADD_TO(script, MB);
		} else {
			uint64_t offset = *words++ == 'x' ? offsetof(struct cell, x) : offsetof(struct cell, y);
			if (what == 'R') {
				ADD_TO(script, READ, .flags = F_BASE | 2, .a = next, .b = Cell, .value = offset);
				next = LoadedB;
			} else {
				struct dma_test_instruction store = { .opcode = what == 'P' ? OP_PUBLISH : OP_WRITE, .flags = F_BASE | 2, .b = Cell,
													  .immediate = *words++ - '0', .value = offset };
				dma_test_add(script, store);
			}
		}
		words += *words == ' ';
	}
}

static struct dma_test_script make_script(const char *words)
{
	struct dma_test_script script = { .count = 0 };
	ADD_TO(&script, RMB); // pairs with the doorbell: what is read from here on is no older than that
	unsigned top = script.count;
	ADD_TO(&script, WRITE, .flags = F_REGISTER | 2, .c = Round, .value = (uintptr_t)&function.round);
	ADD_TO(&script, WAIT, .flags = F_REGISTER | 2 | F_CONDITION(IF_AT_LEAST), .a = Seen, .c = Round, .value = (uintptr_t)&processor.round);
	ADD_TO(&script, DELAY, .flags = F_REGISTER, .c = Delay);
	add_column(&script, words);
	ADD_TO(&script, WRITE, .flags = F_REGISTER | F_BASE | 3, .b = Result, .c = LoadedA, .value = offsetof(struct loaded, a));
	ADD_TO(&script, WRITE, .flags = F_REGISTER | F_BASE | 3, .b = Result, .c = LoadedB, .value = offsetof(struct loaded, b));
	ADD_TO(&script, ADD, .a = Round, .b = Round, .value = 1);
	ADD_TO(&script, ADD, .a = Cell, .b = Cell, .value = sizeof(struct cell));
	ADD_TO(&script, ADD, .a = Result, .b = Result, .value = sizeof(struct loaded));
	ADD_TO(&script, MUL, .a = Delay, .b = Round, .value = 0x9E3779B97F4A7C15);
	ADD_TO(&script, SHR, .a = Delay, .b = Delay, .value = 64 - 8); // 0 to 255 ns
	ADD_TO(&script, BRANCH, .flags = F_REGISTER | F_CONDITION(IF_BELOW), .a = Round, .c = End, .immediate = (int32_t)top);
	ADD_TO(&script, END);
	return script;
}

static void spin(unsigned laps)
{
	__asm__ volatile("test %0, %0\n\tjz 2f\n1:\tdec %0\n\tjnz 1b\n2:" : "+r"(laps) : : "cc");
}

// What is left of the time that may be spent on waiting for a function whose thread the host does not run.
static uint64_t budget;

static bool has_come(uint32_t round)
{
	return (int32_t)(function.round - round) >= 0;
}

// On a busy host its thread may be away for some milliseconds, and at the beginning of a batch it may still be waking up.
static void wait_long(uint32_t round)
{
	uint64_t begin = rdtsc(), elapsed = 0, most = tsc_frequency() / 50;
	while (!has_come(round) && elapsed < most && elapsed < budget) {
		elapsed = rdtsc() - begin;
	}
	budget -= elapsed < budget ? elapsed : budget;
}

static void run_batch(column column, uint32_t first)
{
	uint32_t stalled = UINT32_MAX;
	for (uint32_t i = 0; i < Cells; i++) {
		uint32_t round = first + i;
		processor.round = round;
		// If it does not come in time it is not waited for again until it has moved.
		for (unsigned lap = 0; !has_come(round) && function.round != stalled;) {
			if (++lap == Patience) {
				wait_long(round);
				stalled = function.round;
			}
		}
		unsigned laps = (round * 0x9E3779B1u) >> 16 & 127;
		spin(laps < 64 ? laps : 0);
		by_processor[i] = column(&cells[i]);
	}
}

bool run_rounds(struct dma_test *device, column column, const char *dma, const struct outcome *outcome, uint32_t count,
				uint32_t counts[Outcomes])
{
	struct dma_test_script script = make_script(dma);
	dma_test_load(device, &script);
	dma_test_use_record(device, &record);
	memset(cells, 0, sizeof cells);
	processor.round = function.round = 0;
	budget = tsc_frequency();
	for (uint32_t first = 1; first <= count; first += Cells) {
		dma_test_set(device, Round, first);
		dma_test_set(device, End, first + Cells);
		dma_test_set(device, Cell, (uintptr_t)cells);
		dma_test_set(device, Result, (uintptr_t)by_function);
		dma_test_start(device, 0);
		run_batch(column, first);
		if (!dma_test_wait_record(device, &record) || DT_STATE(record.status) != DT_WAS_DONE) {
			return false;
		}
		for (unsigned i = 0; i < Cells; i++) {
			const struct loaded *loads[] = { &by_processor[i], &by_function[i] };
			counts[outcome_of(outcome, loads, &cells[i])]++;
			memset(cells[i].x, 0, sizeof(uint32_t));
			memset(cells[i].y, 0, sizeof(uint32_t));
		}
	}
	return true;
}
