// Blocks appended to a list whose end the controller comes to at any moment: none is left behind. Half the time the driver looks at
// the unit's state first, and resumes it only if it has stopped.
#include "parts.h"

static const char site[] = "eepro100.suspend-recheck";

void check_lists(uint32_t rounds)
{
	uint32_t oldest = 0, undone = 0;
	bool all = true;
	make_ring();
	blocks[0].head.status = 0;
	blocks[0].head.command = CB_NOP | CB_S;
	(void)eepro100_command(&sender, CU_START, &blocks[0]);
	for (uint32_t round = 1; round < rounds && all; round++) {
		uint32_t mixed = round * 0x9E3779B1u;
		idle(round, mixed >> 31 != 0 ? 1024 : 32);
		append(round % Ring, CB_NOP, (mixed >> 28 & 1) != 0);
		// The one in front is no longer the last: it stays as the driver has left it, whatever the status beside it becomes.
		undone += READ_ONCE(blocks[(round - 1) % Ring].head.command) != CB_NOP;
		// Mostly its end is waited for: a block that was left behind stays behind, for no later one helps it along.
		uint32_t keep = mixed >> 26 & 3 ? 0 : 2;
		while (all && round - oldest > keep) {
			all = comes((READ_ONCE(blocks[oldest % Ring].head.status) & CB_C) != 0);
			oldest += all;
		}
	}
	if (!all) {
		report_fail(site, "block %u is left behind", oldest);
	} else {
		report(site, true);
	}
	if (undone != 0) {
		report_fail("eepro100.cb.work-before-status", "command words overwritten %u times", undone);
	} else {
		report("eepro100.cb.work-before-status: command words", true);
	}
	eepro100_port(&sender, PORT_SELECTIVE_RESET, NULL);
	eepro100_write8(&sender, E100_MASK, MASK_ALL);
}
