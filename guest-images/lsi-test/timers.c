// The general purpose timer and the handshake-to-handshake timer (4, STIME0 and STIME1).
#include "parts.h"

static bool has_passed(uint64_t begin, unsigned us)
{
	return tsc_to_us(rdtsc() - begin) >= us * 99 / 100;
}

static void check_general(void)
{
	lsi_write8(&lsi, LSI_SIEN1, LSI_SIST1_GEN);
	uint64_t begin = rdtsc();
	lsi_write8(&lsi, LSI_STIME1, 8);
	bool told = within_deadline(lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SIP), enough = has_passed(begin, 12800) || on_qemu(); // which tells it at once
	report("GEN comes after 12.8 ms, not before", told && enough && lsi_read8(&lsi, LSI_SIST1) == LSI_SIST1_GEN);
	lsi_write8(&lsi, LSI_STIME1, 0);

	lsi_write8(&lsi, LSI_STIME1, 10);
	if (!left_out_by_qemu("GEN does not come if it is turned off", "that it takes time")) {
		lsi_write8(&lsi, LSI_STIME1, 0);
		delay_us(60000);
		report("GEN does not come if it is turned off", !lsi_interrupts(&lsi));
	}
	(void)lsi_take(&lsi);
}

// Not enabled, it stops no script and does not show in ISTAT0; SIST1 has it all the same (2, "Masking").
static void check_masked(void)
{
	lsi_write8(&lsi, LSI_SIEN1, 0);
	script_begin();
	lsi_wait_reselect(&script, script.bus + 8);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_start(&lsi, script.bus);
	lsi_write8(&lsi, LSI_STIME1, 1);
	uint8_t istat = 0;
	bool comes = within_deadline((istat |= lsi_read8(&lsi, LSI_ISTAT0), lsi_read8(&lsi, LSI_SIST1) & LSI_SIST1_GEN));
	lsi_write8(&lsi, LSI_STIME1, 0);
	report("GEN, not enabled, is in SIST1", comes);
	report("and leaves a script running", lsi_read8(&lsi, LSI_ISTAT1) & LSI_ISTAT1_SRUN);
	if (!left_out_by_qemu("and ISTAT0 quiet", "this: SIP shows whatever SIST0 and SIST1 have")) {
		report("and ISTAT0 quiet", (istat & LSI_ISTAT0_SIP) == 0);
	}
	(void)lsi_take(&lsi);
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_SIGP);
	struct lsi_causes causes = wait_for_causes();
	report("and the script goes on", is_int(&causes, End));
	(void)lsi_read8(&lsi, LSI_CTEST2);
}

// A target that has been selected, and whose request nobody answers.
static void check_handshake(void)
{
	static uint8_t identify = 0xC0;
	if (left_out_by_qemu("HTH comes when nobody answers a request", "this timer")) {
		return;
	}
	script_begin();
	lsi_select(&script, 0, 0);
	lsi_move(&script, LSI_MSG_OUT, 1, BUS(&identify));
	lsi_int(&script, LSI_ALWAYS, End);
	uint64_t begin = rdtsc();
	lsi_write8(&lsi, LSI_SIEN1, LSI_SIST1_HTH);
	lsi_write8(&lsi, LSI_STIME0, 8 << 4 | LSI_STIME_SEL_12MS);
	bool selected = script_stops_at(End), told = within_deadline(lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SIP);
	report("HTH comes when nobody answers a request", selected && told && has_passed(begin, 12800) && (lsi_read8(&lsi, LSI_SIST1) & LSI_SIST1_HTH) != 0);
	lsi_reset(&lsi);
	lsi_reset_bus(&lsi);
}

void check_timers(void)
{
	lsi_reset(&lsi);
	check_general();
	check_masked();
	check_handshake();
	lsi_reset(&lsi);
}
