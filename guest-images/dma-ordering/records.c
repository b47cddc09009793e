// The completion record: whoever reads a new SEQUENCE and then, behind a read barrier, the rest, has the rest of that script.
#include "rounds.h"

enum { Registers = 5 };

void check_records(struct dma_test *device, uint32_t rounds)
{
	static const char name[] = "record: the body is there when its SEQUENCE is";
	static struct dma_test_record record;
	struct dma_test_script script = { .count = 0 };
	uint32_t stale = 0;
	ADD_TO(&script, END);
	dma_test_load(device, &script);
	dma_test_use_record(device, &record);
	for (uint32_t round = 1; round <= rounds; round++) {
		for (unsigned r = 0; r < Registers; r++) {
			dma_test_set(device, r, round * Registers + r);
		}
		dma_test_start(device, 0);
		if (!dma_test_wait_record(device, &record)) {
			report_fail(name, "no record after %u rounds", round);
			dma_test_reset(device);
			return;
		}
		bool complete = true;
		for (unsigned r = 0; r < Registers; r++) {
			complete = complete && record.registers[r] == (uint64_t)round * Registers + r;
		}
		stale += !complete;
		dma_test_wait(device);
	}
	dma_test_use_record(device, NULL);
	report_equal(name, stale, 0);
}
