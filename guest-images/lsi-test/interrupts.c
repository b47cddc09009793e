// Interrupts (2, "Interrupt Handling"): what stops a script, what is stacked, what reaches the pin.
#include "parts.h"

static volatile uint32_t taken;
static volatile struct lsi_causes seen;

static void on_line(struct frame *frame)
{
	(void)frame;
	struct lsi_causes causes = lsi_take(&lsi);
	seen.istat |= causes.istat, seen.dstat |= causes.dstat, seen.sist0 |= causes.sist0, seen.sist1 |= causes.sist1;
	(void)lsi_read8(&lsi, LSI_ISTAT0); // the line is down before the end of interrupt
	taken++;
}

static void put_int(void)
{
	script_begin();
	lsi_int(&script, LSI_ALWAYS, End);
}

static void check_stopping(void)
{
	put_int();
	lsi_start(&lsi, script.bus);
	bool told = within_deadline(lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_DIP);
	report("INT: DIP in ISTAT0, and nothing else", told && lsi_read8(&lsi, LSI_ISTAT0) == LSI_ISTAT0_DIP);
	report("INT: the script does not run", (lsi_read8(&lsi, LSI_ISTAT1) & LSI_ISTAT1_SRUN) == 0);
	report_equal("INT: DSTAT says SIR", lsi_read8(&lsi, LSI_DSTAT), LSI_DSTAT_DFE | LSI_DSTAT_SIR);
	report_equal("reading DSTAT takes that back", lsi_read8(&lsi, LSI_DSTAT), LSI_DSTAT_DFE);
	report_equal("and DIP", lsi_read8(&lsi, LSI_ISTAT0), 0);

	static const uint32_t illegal[] = { 0xA0080000u, 0xA8080000u, 0xB8080000u }; // transfer control's codes 4 and on
	bool all = true;
	for (unsigned i = 0; i < sizeof illegal / sizeof *illegal; i++) {
		script_begin();
		lsi_instruction(&script, illegal[i], 0);
		struct lsi_causes causes = script_run();
		all = causes_are(&causes, LSI_DSTAT_IID, 0, 0) && all;
	}
	report("illegal instructions: IID", all);
}

static void check_abort(void)
{
	script_begin();
	lsi_wait_reselect(&script, 0);
	lsi_start(&lsi, script.bus);
	delay_us(1000);
	bool waits = !lsi_interrupts(&lsi);
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_ABRT);
	bool told = within_deadline(lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_DIP);
	lsi_write8(&lsi, LSI_ISTAT0, 0); // ahead of DSTAT, which would say it again (4, ISTAT0)
	report("ABRT stops a script that waits", waits && told && (lsi_read8(&lsi, LSI_DSTAT) & ~LSI_DSTAT_DFE) == LSI_DSTAT_ABRT);
	report("and then it does not run", (lsi_read8(&lsi, LSI_ISTAT1) & LSI_ISTAT1_SRUN) == 0);
	lsi_reset(&lsi);
	put_int();
	report("the next one does", script_stops_at(End));
}

static void check_single_step(void)
{
	script_begin();
	lsi_modify(&script, LSI_SCRATCHA, LSI_DATA, 1);
	lsi_modify(&script, LSI_SCRATCHA, LSI_DATA, 2);
	lsi_modify(&script, LSI_SCRATCHA, LSI_DATA, 3);
	lsi_write8(&lsi, LSI_SCRATCHA, 0);
	lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM | LSI_DCNTL_SSM);
	struct lsi_causes causes = script_run();
	bool steps = true;
	for (unsigned i = 1; i <= 3; i++) {
		steps = steps && causes_are(&causes, LSI_DSTAT_SSI, 0, 0) && lsi_read8(&lsi, LSI_SCRATCHA) == i && lsi_read(&lsi, LSI_DSP) == script.bus + i * 8;
		if (i < 3) {
			lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM | LSI_DCNTL_SSM | LSI_DCNTL_STD);
			causes = wait_for_causes();
		}
	}
	report("SSM: an interrupt behind each instruction, and STD for the next", steps);
	lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM);
}

static void check_flying(void)
{
	script_begin();
	lsi_intfly(&script);
	lsi_modify(&script, LSI_SCRATCHA, LSI_DATA, 0x42);
	lsi_wait_reselect(&script, 0);
	lsi_write8(&lsi, LSI_SCRATCHA, 0);
	lsi_start(&lsi, script.bus);
	bool flies = within_deadline(lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_INTF) && within_deadline(lsi_read8(&lsi, LSI_SCRATCHA) == 0x42);
	report("INTFLY: INTF in ISTAT0, and the script goes on", flies && lsi_read8(&lsi, LSI_ISTAT0) == LSI_ISTAT0_INTF);
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_INTF);
	report_equal("writing 1 to INTF takes it back", lsi_read8(&lsi, LSI_ISTAT0), 0);
	lsi_reset(&lsi);
}

// What comes while something is to be told waits behind it, and shows when that has been read.
static void check_stacking(void)
{
	put_int();
	lsi_start(&lsi, script.bus);
	bool told = within_deadline(lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_DIP);
	lsi_write8(&lsi, LSI_SCNTL1, LSI_SCNTL1_RST);
	report("SSTAT0 shows the signal of a bus reset", told && within_deadline(lsi_read8(&lsi, LSI_SSTAT0) & 2));
	delay_us(25);
	lsi_write8(&lsi, LSI_SCNTL1, 0);
	report("and that it is gone", within_deadline((lsi_read8(&lsi, LSI_SSTAT0) & 2) == 0));
	report("the INT is told first", lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_DIP);
	report_equal("reading DSTAT", lsi_read8(&lsi, LSI_DSTAT), LSI_DSTAT_DFE | LSI_DSTAT_SIR);
	report("leaves SIP alone", within_deadline(lsi_read8(&lsi, LSI_ISTAT0) == LSI_ISTAT0_SIP));

	lsi_write8(&lsi, LSI_SIEN1, LSI_SIST1_GEN);
	lsi_write8(&lsi, LSI_STIME1, 1);
	struct lsi_causes all = { 0 };
	(void)within_deadline(({
		struct lsi_causes causes = lsi_take(&lsi);
		all.sist0 |= causes.sist0, all.sist1 |= causes.sist1, all.dstat |= causes.dstat;
		all.sist1 != 0;
	}));
	lsi_write8(&lsi, LSI_STIME1, 0);
	report("the timer behind it is not lost", causes_are(&all, 0, LSI_SIST0_RST, LSI_SIST1_GEN) && !lsi_interrupts(&lsi));
	lsi_write8(&lsi, LSI_SIEN1, 0);
}

// Starts a script that ends in INT, and waits long enough for the line.
static bool line_comes(void)
{
	put_int();
	taken = 0;
	memset((void *)&seen, 0, sizeof seen);
	lsi_start(&lsi, script.bus);
	(void)within_deadline(taken != 0 || lsi_interrupts(&lsi));
	delay_us(2000);
	bool came = taken != 0;
	(void)lsi_take(&lsi);
	return came;
}

static void check_line(void)
{
	if (!take_interrupts(&lsi, on_line)) {
		report_skip("INTA", "the firmware gave it no interrupt line");
		return;
	}
	lsi_write8(&lsi, LSI_DIEN, 0);
	report("INTA: not without DIEN", !line_comes());
	lsi_write8(&lsi, LSI_DIEN, LSI_DSTAT_SIR);
	report("INTA: with DIEN", line_comes() && (seen.dstat & LSI_DSTAT_SIR) != 0);
	if (!left_out_by_qemu("INTA: not with DCNTL.IRQD", "IRQD")) {
		lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM | LSI_DCNTL_IRQD);
		report("INTA: not with DCNTL.IRQD", !line_comes());
		lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM);
	}

	cli();
	lsi_write8(&lsi, LSI_DIEN, 0);
	put_int();
	lsi_start(&lsi, script.bus);
	(void)within_deadline(lsi_interrupts(&lsi));
	taken = 0;
	sti();
	delay_us(1000);
	bool before = taken != 0;
	lsi_write8(&lsi, LSI_DIEN, LSI_DSTAT_SIR);
	report("INTA: what is enabled late comes then", !before && within_deadline(taken != 0));

	taken = 0;
	memset((void *)&seen, 0, sizeof seen);
	lsi_write8(&lsi, LSI_SIEN0, LSI_SIST0_RST);
	lsi_write8(&lsi, LSI_SCNTL1, LSI_SCNTL1_RST);
	report("INTA: by SIEN0", within_deadline(taken != 0) && (seen.sist0 & LSI_SIST0_RST) != 0);
	delay_us(25);
	lsi_write8(&lsi, LSI_SCNTL1, 0);
	(void)lsi_take(&lsi);
	lsi_write8(&lsi, LSI_SIEN0, 0);

	taken = 0;
	memset((void *)&seen, 0, sizeof seen);
	script_begin();
	lsi_intfly(&script);
	lsi_intfly(&script);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_write8(&lsi, LSI_DIEN, 0);
	lsi_start(&lsi, script.bus);
	report("INTA: INTFLY needs no enable", within_deadline(taken != 0) && (seen.istat & LSI_ISTAT0_INTF) != 0);
	take_interrupts(&lsi, NULL);
	lsi_reset(&lsi);
}

void check_interrupts(void)
{
	lsi_reset(&lsi);
	check_stopping();
	check_abort();
	check_single_step();
	check_flying();
	check_stacking();
	check_line();
}
