// lsi.start-before-script: what is written before DSP is what runs.
#include "load.h"

void check_starts(uint32_t rounds)
{
	static uint32_t words[2][16] __attribute__((aligned(64)));
	const struct lsi *lsi = &queue.lsi;
	struct lsi_script script;
	load_begin(rounds);
	lsi_reset(lsi);
	uint64_t begin = rdtsc();
	uint32_t number = 0;
	for (; number < rounds && !load_stopped(); number++) {
		uint32_t *at = words[number % 2];
		lsi_begin(&script, at, (uint32_t)(uintptr_t)at);
		lsi_modify(&script, LSI_SCRATCHA, LSI_DATA, (uint8_t)number);
		lsi_int(&script, LSI_ALWAYS, number);
		lsi_start(lsi, script.bus);
		if (!in_time(lsi_interrupts(lsi))) {
			load_stop(Stuck, number, 0);
			break;
		}
		struct lsi_causes causes = lsi_take(lsi);
		uint32_t code = lsi_read(lsi, LSI_DSPS);
		if ((causes.dstat & LSI_DSTAT_SIR) == 0 || code != number || lsi_read8(lsi, LSI_SCRATCHA) != (uint8_t)number) {
			load_stop(OldScript, number, code);
			break;
		}
	}
	load_report("starts: what runs is what was written before it was started", number, begin);
	lsi_queue_reset(&queue);
}
