// What a command writes: the dumped state is there when C shows, the counters when the word behind them does.
#include "parts.h"

enum { DumpBytes = 596, DumpWords = DumpBytes / 4, Counters = 16, Poison = 0x5A5A5A5A, Dumped = 0xA005 };

static const char site[] = "eepro100.cb.work-before-status";

static uint32_t area[DumpWords] __attribute__((aligned(CACHE_LINE))), reference[DumpWords];
static volatile uint32_t counters[Counters + 1] __attribute__((aligned(CACHE_LINE)));
static bool stable[DumpWords];

static bool dump_reference(uint32_t *to)
{
	uint32_t address = (uint32_t)(uintptr_t)area;
	bool done = perform(&sender, CB_DUMP, &address, sizeof address);
	memcpy(to, area, sizeof area);
	return done;
}

static void check_dumps(uint32_t rounds)
{
	static uint32_t again[DumpWords];
	uint32_t early = 0, undone = 0, last = 0, words = 0;
	bool came = dump_reference(reference) && dump_reference(again);
	for (unsigned i = 0; i < DumpWords; i++) {
		stable[i] = reference[i] == again[i];
		words += stable[i];
	}
	struct block *block = &blocks[0];
	for (uint32_t round = 0; round < rounds && came; round++) {
		for (unsigned i = 0; i < DumpWords; i++) {
			area[i] = ~reference[i];
		}
		// The command word is written again while the status may be: neither undoes the other.
		uint16_t command = CB_DUMP | CB_EL | (round % 2 == 0 ? CB_I : 0);
		block->head = (struct eepro100_block){ .command = command };
		memcpy(block->bytes, &(uint32_t){ (uint32_t)(uintptr_t)area }, 4);
		(void)eepro100_command(&sender, CU_START, block);
		idle(round, 256);
		WRITE_ONCE(block->head.command, command ^ CB_I);
		came = comes((READ_ONCE(block->head.status) & CB_C) != 0);
		dma_rmb(); // pairs with the controller's: the dump, then C
		bool stale = false;
		for (unsigned i = DumpWords; i-- != 0;) {
			stale = stale || (stable[i] && READ_ONCE(area[i]) != reference[i]);
		}
		early += stale;
		undone += READ_ONCE(block->head.command) != (command ^ CB_I);
		came = came && comes(E100_CUS(eepro100_read8(&sender, E100_STATUS)) == CU_IS_IDLE);
		last = round;
	}
	if (!came || words < DumpWords / 2) {
		report_fail(site, "dump %u does not end, or %u of its words stay the same", last, words);
	} else if (early + undone != 0) {
		report_fail(site, "complete before the dump %u times, command words overwritten %u times, in %u", early, undone, rounds);
	} else {
		report("eepro100.cb.work-before-status: dumps", true);
	}
}

static void check_counters(uint32_t rounds)
{
	uint32_t early = 0;
	bool came = eepro100_command_now(&sender, CU_LOAD_COUNTERS, counters);
	for (uint32_t round = 0; round < rounds && came; round++) {
		for (unsigned i = 0; i < Counters; i++) {
			counters[i] = Poison;
		}
		counters[Counters] = 0;
		came = eepro100_command(&sender, CU_DUMP_COUNTERS, NULL) && comes(counters[Counters] == Dumped);
		dma_rmb(); // pairs with the controller's: the counters, then the word behind them
		bool stale = false;
		for (unsigned i = Counters; i-- != 0;) {
			stale = stale || counters[i] == Poison;
		}
		early += stale;
	}
	if (!came) {
		report_fail(site, "the counters are not dumped");
	} else if (early != 0) {
		report_fail(site, "dumped before the counters %u times in %u", early, rounds);
	} else {
		report("eepro100.cb.work-before-status: counters", true);
	}
}

void check_results(uint32_t rounds)
{
	check_dumps(rounds / 4);
	check_counters(rounds / 4);
}
