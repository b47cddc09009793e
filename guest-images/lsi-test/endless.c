// Scripts that never end: the processor goes on, can stop them, and finds the chip as good as before. Those that wait for the processor
// are legal, and must be left in peace.
#include "nexus.h"

enum { Rounds = 12 };

// Waits a while, in which the chip answers; then ABRT. True if that, or the chip's own complaint, ended it.
static bool stop(unsigned us)
{
	uint64_t begin = rdtsc();
	unsigned mailbox = 0, wrong = 0;
	while (tsc_to_us(rdtsc() - begin) < us && !lsi_interrupts(&lsi)) {
		lsi_write8(&lsi, LSI_MBOX0, (uint8_t)++mailbox);
		wrong += lsi_read8(&lsi, LSI_MBOX0) != (uint8_t)mailbox;
	}
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_ABRT);
	bool told = within_deadline(lsi_interrupts(&lsi));
	lsi_write8(&lsi, LSI_ISTAT0, 0);
	(void)lsi_take(&lsi);
	return told && wrong == 0 && within_deadline((lsi_read8(&lsi, LSI_ISTAT1) & LSI_ISTAT1_SRUN) == 0);
}

static void check_stopping(void)
{
	bool stopped = true, works = true;
	for (unsigned i = 0; i < Rounds && stopped && works; i++) {
		script_begin();
		lsi_jump(&script, LSI_ALWAYS, script.bus);
		lsi_start(&lsi, script.bus);
		stopped = stop(3000);
		lsi_reset(&lsi);
		works = nexus_make_ready();
	}
	report("a script that jumps to itself is stopped by ABRT", stopped);
	report("and commands work behind it, however often", works);

	memset(scratch, 0, ScratchSize);
	lsi_start(&lsi, BUS(scratch));
	stopped = stop(3000);
	lsi_reset(&lsi);
	report("memory full of zeros is no script that cannot be stopped", stopped);
	for (unsigned i = 0; i < ScratchSize; i += 8) {
		*(uint32_t *)(scratch + i) = 0x80000000; // JUMP never
	}
	lsi_start(&lsi, BUS(scratch));
	stopped = stop(3000);
	lsi_reset(&lsi);
	report("nor is one of instructions that do nothing", stopped && nexus_make_ready());
}

static void check_polling(void)
{
	static volatile uint32_t word;
	word = 0;
	if (left_out_by_qemu("a script that polls memory is left in peace", "this: it takes it for one without end, and disconnects")) {
		return;
	}
	script_begin();
	lsi_load(&script, LSI_SCRATCHA, 4, BUS(&word));
	lsi_to_sfbr(&script, LSI_SCRATCHA, LSI_OR, 0);
	lsi_jump(&script, LSI_IF_BYTE(0), script.bus);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_start(&lsi, script.bus);
	delay_us(50000);
	bool quiet = !lsi_interrupts(&lsi);
	word = 1;
	struct lsi_causes causes = wait_for_causes();
	report("a script that polls memory is left in peace", quiet && is_int(&causes, End));
}

static void check_nowhere(void)
{
	enum { Nowhere = 0xE0000000 };
	if (left_out_by_qemu("what is not there: a bus fault", "bus faults")) {
		return;
	}
	script_begin();
	lsi_memory_move(&script, 64, Nowhere, BUS(scratch));
	lsi_int(&script, LSI_ALWAYS, End);
	struct lsi_causes causes = script_run();
	report("what is not there: a bus fault", causes_are(&causes, LSI_DSTAT_BF, 0, 0));
	lsi_start(&lsi, Nowhere);
	causes = wait_for_causes();
	report("nor is a script there", causes_are(&causes, LSI_DSTAT_BF, 0, 0));
}

void check_endless(void)
{
	lsi_reset(&lsi);
	check_stopping();
	check_polling();
	check_nowhere();
	lsi_reset(&lsi);
}
