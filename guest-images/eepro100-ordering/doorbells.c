// The controller reads a block no earlier than the command that leads to it. One block is used again and again, as another each time.
#include "parts.h"

static const char site[] = "eepro100.command-before-block";

enum { Counters = 16, Poison = 0x5A5A5A5A };

static volatile uint32_t areas[2][160] __attribute__((aligned(CACHE_LINE)));

// A dump to one area or the other: a block that was read too early is the one before, and fills the other area.
void check_doorbells(uint32_t rounds)
{
	static struct block block;
	uint32_t stale = 0;
	bool all = true;
	for (uint32_t round = 0; round < rounds / 4 && all; round++) {
		volatile uint32_t *area = areas[round % 2], *other = areas[(round + 1) % 2];
		area[0] = area[10] = other[0] = other[10] = Poison;
		block.head = (struct eepro100_block){ .command = CB_DUMP | CB_EL };
		memcpy(block.bytes, &(uint32_t){ (uint32_t)(uintptr_t)area }, 4);
		// The barrier between the block and the command is the driver's, in eepro100_command().
		all = eepro100_command(&sender, CU_START, &block) && comes((READ_ONCE(block.head.status) & CB_C) != 0)
			  && comes(E100_CUS(eepro100_read8(&sender, E100_STATUS)) == CU_IS_IDLE);
		rmb(); // the register's read flushed what was written
		stale += other[0] != Poison || other[10] != Poison;
	}
	if (!all) {
		report_fail(site, "a block is not carried out");
	} else if (stale != 0) {
		report_fail(site, "%u blocks in %u carried out as they were before the command", stale, rounds / 4);
	} else {
		report(site, true);
	}
}
