// Action commands, and the command unit's states: lists that end, suspend, are resumed, go round.
#include "parts.h"

enum { DumpSize = 596, MicrocodeSize = 64 * 4 };

static bool is_done(const struct block *block) { return block->head.status == (CB_C | CB_OK); }

// The state is that before a command for a while (6.3.2.1), so the block comes first.
static bool ends(const struct block *last, enum eepro100_command_unit state)
{
	return eepro100_wait(&last->head) && comes_to(&tested, state);
}

static void check_each(void)
{
	static uint8_t area[DumpSize + 16] __attribute__((aligned(16))), microcode[MicrocodeSize];
	report("NOP", perform(&tested, CB_NOP, NULL, 0));
	report("individual address", perform(&tested, CB_ADDRESS, tested.address, NIC_ADDRESS));
	report("configure", set_configuration(&tested));
	report("multicast setup with none", perform(&tested, CB_MULTICAST, "\0", 2));
	report("load microcode", perform(&tested, CB_MICROCODE, microcode, sizeof microcode));
	report("diagnose", perform(&tested, CB_DIAGNOSE, NULL, 0));
	if (!qemu_departs("dump", "does not have the command (6.4.2.7)")) {
		uint32_t address = (uint32_t)(uintptr_t)area;
		memset(area, 0xA5, sizeof area);
		report("dump", perform(&tested, CB_DUMP, &address, sizeof address));
		unsigned changed = 0;
		for (unsigned i = 0; i < DumpSize; i++) {
			changed += area[i] != 0xA5;
		}
		report("dump: it fills its area", changed > DumpSize / 2);
		report_equal("dump: and nothing behind", area[DumpSize], 0xA5);
	}
	begin(&tested);
}

static void check_list(void)
{
	static const uint16_t commands[] = { CB_NOP, CB_DIAGNOSE, CB_NOP | CB_I, CB_DIAGNOSE, CB_NOP };
	bool done = true;
	for (unsigned length = 1; length <= 12; length++) {
		for (unsigned i = 0; i < length; i++) {
			make_block(&tested, i, commands[i % 5] | (i == length - 1 ? CB_EL : 0));
		}
		make_block(&tested, length, CB_NOP | CB_EL);
		done = start_list(&tested, 0) && ends(&tested.blocks[length - 1], CU_IS_IDLE) && done;
		for (unsigned i = 0; i < length; i++) {
			done = done && is_done(&tested.blocks[i]);
		}
		done = done && tested.blocks[length].head.status == 0;
	}
	report("lists of 1 to 12 blocks end behind EL", done);
	report("a list's end is a cause, and so is the end of a block with I", take_causes(&tested) == (CAUSE_CNA | CAUSE_CX));
	make_block(&tested, 0, CB_NOP | CB_EL);
	(void)(start_list(&tested, 0) && ends(&tested.blocks[0], CU_IS_IDLE));
	report_equal("without I there is the list's end alone", take_causes(&tested), CAUSE_CNA);
}

static void check_suspend(void)
{
	for (unsigned i = 0; i < 4; i++) {
		make_block(&tested, i, CB_NOP | (i == 1 ? CB_S : i == 3 ? CB_EL | CB_S : 0));
	}
	bool suspended = start_list(&tested, 0) && ends(&tested.blocks[1], CU_IS_SUSPENDED);
	report("S suspends behind its block", suspended && is_done(&tested.blocks[1]) && tested.blocks[2].head.status == 0);
	report_equal("and is a cause", take_causes(&tested), CAUSE_CNA);
	if (!qemu_departs("resume with S still set: it stays suspended", "goes on (6.5.3.2)")) {
		(void)eepro100_command_now(&tested.chip, CU_RESUME, NULL);
		settle();
		report("resume with S still set: it stays suspended", comes_to(&tested, CU_IS_SUSPENDED) && tested.blocks[2].head.status == 0);
	}
	WRITE_ONCE(tested.blocks[1].head.command, CB_NOP);
	dma_mb(); // S has gone before the resume
	bool ended = eepro100_command_now(&tested.chip, CU_RESUME, NULL) && ends(&tested.blocks[3], CU_IS_IDLE);
	report("resume: it goes on", ended && is_done(&tested.blocks[2]) && is_done(&tested.blocks[3]));
	report("EL and S together: it is idle", E100_CUS(eepro100_read8(&tested.chip, E100_STATUS)) == CU_IS_IDLE);

	make_block(&tested, 4, CB_NOP | CB_EL);
	if (!qemu_departs("resume of an idle unit is ignored", "carries out what follows (6.5.3.2)")) {
		(void)eepro100_command_now(&tested.chip, CU_RESUME, NULL);
		settle();
		report("resume of an idle unit is ignored", comes_to(&tested, CU_IS_IDLE) && tested.blocks[4].head.status == 0);
	}
	make_block(&tested, 0, CB_NOP | CB_S);
	make_block(&tested, 5, CB_NOP | CB_EL);
	bool restarted = start_list(&tested, 0) && ends(&tested.blocks[0], CU_IS_SUSPENDED) && start_list(&tested, 5)
					 && ends(&tested.blocks[5], CU_IS_IDLE);
	report("start of a suspended unit: from there", restarted && is_done(&tested.blocks[5]));
	(void)take_causes(&tested);

	if (!qemu_departs("configured so, suspending is no cause", "sets CNA all the same (6.4.2.3, byte 6)")) {
		tested.configuration[6] |= 0x08;
		(void)set_configuration(&tested);
		(void)take_causes(&tested);
		make_block(&tested, 0, CB_NOP | CB_S);
		bool silent = start_list(&tested, 0) && ends(&tested.blocks[0], CU_IS_SUSPENDED) && take_causes(&tested) == 0;
		report("configured so, suspending is no cause", silent && perform(&tested, CB_NOP, NULL, 0));
		report_equal("but the list's end is", take_causes(&tested), CAUSE_CNA);
	}
	begin(&tested);
}

// A ring that is never ended: S moves on as blocks are appended, one to three at a time.
static void check_ring(void)
{
	bool done = true;
	for (unsigned size = 2; size <= 16 && done; size++) {
		for (unsigned i = 0; i < size; i++) {
			make_block(&tested, i, CB_NOP);
			tested.blocks[i].head.link = (uint32_t)(uintptr_t)&tested.blocks[(i + 1) % size];
		}
		tested.blocks[0].head.command = CB_NOP | CB_S;
		done = start_list(&tested, 0) && eepro100_wait(&tested.blocks[0].head);
		for (unsigned last = 0, round = 0; round < 3 * size && done; round++) {
			unsigned before = last, count = round % 3 + 1 < size ? round % 3 + 1 : 1;
			for (unsigned i = 0; i < count; i++) {
				last = (last + 1) % size;
				WRITE_ONCE(tested.blocks[last].head.status, 0);
				WRITE_ONCE(tested.blocks[last].head.command, CB_NOP | (i == count - 1 ? CB_S : 0));
			}
			dma_wmb(); // they are whole before S goes from the one in front of them
			WRITE_ONCE(tested.blocks[before].head.command, CB_NOP);
			dma_mb(); // and S has gone before the resume
			done = eepro100_command(&tested.chip, CU_RESUME, NULL) && eepro100_wait(&tested.blocks[last].head);
		}
	}
	report("rings of 2 to 16 blocks wrap at every position", done);
	begin(&tested);
}

static void check_base(void)
{
	static struct eepro100_block far[2] __attribute__((aligned(16)));
	uint32_t base = 0x40000000; // offsets wrap around
	far[0] = (struct eepro100_block){ .command = CB_NOP, .link = (uint32_t)(uintptr_t)&far[1] - base };
	far[1] = (struct eepro100_block){ .command = CB_NOP | CB_EL };
	(void)eepro100_command_now(&tested.chip, CU_LOAD_BASE, (void *)(uintptr_t)base);
	(void)eepro100_command(&tested.chip, CU_START, (void *)(uintptr_t)((uint32_t)(uintptr_t)&far[0] - base));
	report("the base is added to pointers and links", eepro100_wait(&far[1]) && far[0].status == (CB_C | CB_OK));
	begin(&tested);
}

void check_commands(void)
{
	begin(&tested);
	check_each();
	check_list();
	check_suspend();
	check_ring();
	check_base();
}
