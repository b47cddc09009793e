// Selection, reselection, and the signals that a script sets (5.4).
#include "nexus.h"

static void check_timeout(void)
{
	static uint8_t identify = 0xC0;
	static const struct { const char *name; uint8_t time; unsigned us; } times[] = {
		{ "selection: nobody at that ID, and STO tells it 12.8 ms later, not before", LSI_STIME_SEL_12MS, 12800 },
		{ "selection: the shortest time-out", 1, 0 },
	};
	for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
		script_begin();
		lsi_select(&script, 5, 0);
		lsi_move(&script, LSI_MSG_OUT, 1, BUS(&identify));
		lsi_write8(&lsi, LSI_STIME0, times[i].time);
		uint64_t begin = rdtsc();
		struct lsi_causes causes = script_run();
		bool enough = tsc_to_us(rdtsc() - begin) >= times[i].us * 99 / 100 || on_qemu(); // which tells it at once
		report(times[i].name, causes_are(&causes, 0, 0, LSI_SIST1_STO) && enough);
	}
	lsi_write8(&lsi, LSI_STIME0, LSI_STIME_SEL_12MS);
	report("then the bus is free", (lsi_read8(&lsi, LSI_SCNTL1) & LSI_SCNTL1_CON) == 0);
	report("and target 0 is there as before", nexus_make_ready());
}

static void check_table(void)
{
	static uint8_t identify = 0xC0, abort = 0x06;
	static uint32_t table[8];
	table[6] = 0; // ID 0
	script_begin();
	lsi_instruction(&script, 0x47000000u | 24, 8); // SELECT ATN FROM 24, REL 8
	lsi_jump(&script, LSI_ALWAYS | LSI_RELATIVE, 8);
	lsi_int(&script, LSI_ALWAYS, BadTarget);
	lsi_move(&script, LSI_MSG_OUT, 1, BUS(&identify));
	lsi_set(&script, LSI_SET_ATN);
	lsi_modify(&script, LSI_SCNTL2, LSI_AND, 0x7F);
	lsi_move(&script, LSI_MSG_OUT, 1, BUS(&abort));
	lsi_wait_disconnect(&script);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_write(&lsi, LSI_DSA, BUS(table));
	report("SELECT with table indirect and relative addressing", script_stops_at(End));
	report_equal("and SDID is the target", lsi_read8(&lsi, LSI_SDID) & 15, 0);
}

static void check_sigp(void)
{
	script_begin();
	lsi_wait_reselect(&script, script.bus + 16);
	lsi_int(&script, LSI_ALWAYS, BadTarget);
	lsi_to_sfbr(&script, LSI_CTEST2, LSI_AND, LSI_CTEST2_SIGP);
	lsi_from_sfbr(&script, LSI_SCRATCHA, LSI_OR, 0);
	lsi_to_sfbr(&script, LSI_CTEST2, LSI_AND, LSI_CTEST2_SIGP);
	lsi_from_sfbr(&script, LSI_SCRATCHA + 1, LSI_OR, 0);
	lsi_int(&script, LSI_ALWAYS, End);

	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_SIGP);
	report("WAIT RESELECT: with SIGP set it does not wait", script_stops_at(End));
	report("CTEST2 tells SIGP, and reading it takes it back", lsi_read8(&lsi, LSI_SCRATCHA) == LSI_CTEST2_SIGP && lsi_read8(&lsi, LSI_SCRATCHA + 1) == 0
																&& (lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SIGP) == 0);
	lsi_start(&lsi, script.bus);
	delay_us(2000);
	report("WAIT RESELECT: without it waits", !lsi_interrupts(&lsi) && (lsi_read8(&lsi, LSI_ISTAT1) & LSI_ISTAT1_SRUN) != 0);
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_SIGP);
	struct lsi_causes causes = wait_for_causes();
	report("and SIGP ends that", is_int(&causes, End) && lsi_read8(&lsi, LSI_SCRATCHA) == LSI_CTEST2_SIGP);

	script_begin();
	lsi_instruction(&script, 0x54000000u, 8); // WAIT RESELECT REL 8
	lsi_int(&script, LSI_ALWAYS, BadTarget);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_SIGP);
	bool ends = script_stops_at(End);
	report("WAIT RESELECT REL; and SIGP stays until CTEST2 is read", ends && (lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SIGP) != 0
																		&& (lsi_read8(&lsi, LSI_CTEST2) & LSI_CTEST2_SIGP) != 0
																		&& (lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SIGP) == 0);
	lsi_write8(&lsi, LSI_ISTAT0, LSI_ISTAT0_SEM);
	report("SEM is a semaphore to write and read", lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SEM);
	lsi_write8(&lsi, LSI_ISTAT0, 0);
	report_equal("and to clear", lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_SEM, 0);
}

static void data_in(void) { nexus_move(LSI_DATA_IN, ScratchSize / 2, scratch); }

static void check_reselection(void)
{
	struct scsi_command read = scsi_on_blocks(SCSI_READ_10, 0, ScratchSize / 2 / 512, 0);
	unsigned disconnects = 0;
	bool good = true;
	for (unsigned i = 0; i < 16 && good; i++) {
		good = nexus_run(&read, data_in) && nexus.status == SCSI_GOOD;
		disconnects += nexus.disconnects;
	}
	report("a target that lets go of the bus comes back", good);
	if (disconnects != 0) {
		report_equal("and SSID says who it is", nexus.ssid, LSI_SSID_VAL | 0);
	} else {
		report_skip("and SSID says who it is", "it never lets go");
	}
}

static void check_signals(void)
{
	script_begin();
	lsi_set(&script, LSI_SET_CARRY);
	lsi_int(&script, LSI_CARRY, BadTarget);
	lsi_clear(&script, LSI_SET_CARRY);
	lsi_int(&script, LSI_TRUE | LSI_CARRY, BadTarget);
	lsi_wait_disconnect(&script);
	lsi_int(&script, LSI_ALWAYS, End);
	report("SET and CLEAR CARRY; WAIT DISCONNECT goes on if nothing is connected", script_stops_at(End));
	if (!left_out_by_qemu("SET and CLEAR ACK, in SOCL", "ACK in SOCL, and the target role")) {
		script_begin();
		lsi_set(&script, LSI_SET_ACK | LSI_SET_TARGET);
		lsi_int(&script, LSI_ALWAYS, 1);
		lsi_clear(&script, LSI_SET_ACK | LSI_SET_TARGET);
		lsi_int(&script, LSI_ALWAYS, 2);
		bool set = script_stops_at(1) && (lsi_read8(&lsi, LSI_SOCL) & LSI_ACK) != 0 && (lsi_read8(&lsi, LSI_SCNTL0) & LSI_SCNTL0_TRG) != 0;
		lsi_start(&lsi, script.bus + 16);
		struct lsi_causes causes = wait_for_causes();
		report("SET and CLEAR ACK, in SOCL", set && is_int(&causes, 2) && (lsi_read8(&lsi, LSI_SOCL) & LSI_ACK) == 0
												 && (lsi_read8(&lsi, LSI_SCNTL0) & LSI_SCNTL0_TRG) == 0);
	}
}

void check_selection(void)
{
	lsi_reset(&lsi);
	check_sigp();
	check_signals();
	if (!report("target 0 is ready", nexus_make_ready())) {
		return;
	}
	check_table();
	check_reselection();
	check_timeout();
	lsi_reset_bus(&lsi);
}
