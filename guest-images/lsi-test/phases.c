// Block moves (5.3), in every phase and in every form; what happens when the phase is another one.
#include "nexus.h"

enum { Inquiry = 36, Block = 512, TooMuch = 100 };

static const struct scsi_command inquiry = { { SCSI_INQUIRY, 0, 0, 0, Inquiry }, 6 };
static uint8_t got[256];

static void inquiry_at_once(void) { nexus_move(LSI_DATA_IN, Inquiry, got); }

static void inquiry_in_pieces(void)
{
	nexus_move(LSI_DATA_IN, 8, got);
	nexus_move(LSI_DATA_IN, 1, got + 64);
	nexus_move(LSI_DATA_IN, 7, got + 8 + 1);
	nexus_move(LSI_DATA_IN, Inquiry - 16, got + 128);
}

static void block_out(void) { nexus_move(LSI_DATA_OUT, Block, scratch); }
static void block_in(void) { nexus_move(LSI_DATA_IN, Block, scratch2); }

static void check_forms(void)
{
	static const char *const forms[NexusForms] = { "direct", "indirect", "table indirect", "chained" };
	char name[80];
	for (unsigned form = 0; form < NexusForms; form++) {
		nexus_form = form;
		memset(got, 0xEE, sizeof got);
		bool good = nexus_run(&inquiry, inquiry_at_once) && nexus.status == SCSI_GOOD;
		snprintf(name, sizeof name, "block moves, %s: all phases of a command with data in", forms[form]);
		report(name, good && got[0] == 0 && (got[3] & 15) == 2 && got[4] >= Inquiry - 5 && got[Inquiry] == 0xEE);

		for (unsigned i = 0; i < Block; i++) {
			scratch[i] = (uint8_t)(i * 3 + form + 1);
		}
		struct scsi_command write = scsi_on_blocks(SCSI_WRITE_10, 5 + form, 1, 0), read = scsi_on_blocks(SCSI_READ_10, 5 + form, 1, 0);
		good = nexus_run(&write, block_out) && nexus.status == SCSI_GOOD && nexus_run(&read, block_in) && nexus.status == SCSI_GOOD;
		snprintf(name, sizeof name, "block moves, %s: data out, and in again", forms[form]);
		report(name, good && memcmp(scratch, scratch2, Block) == 0);
	}
	nexus_form = Direct;
	static uint8_t whole[Inquiry];
	(void)nexus_run(&inquiry, inquiry_at_once);
	memcpy(whole, got, sizeof whole);
	report("data in pieces", nexus_run(&inquiry, inquiry_in_pieces) && memcmp(got, whole, 8) == 0 && got[64] == whole[8]
								 && memcmp(got + 9, whole + 9, 7) == 0 && memcmp(got + 128, whole + 16, Inquiry - 16) == 0);
}

static void first_byte(void)
{
	nexus_move(LSI_DATA_IN, Block, scratch2);
	lsi_from_sfbr(&script, LSI_SCRATCHB, LSI_OR, 0);
}

static void check_first_byte(void)
{
	struct scsi_command read = scsi_on_blocks(SCSI_READ_10, 5 + FromTable, 1, 0);
	if (!left_out_by_qemu("SFBR is the first byte of data", "that it is of data as well")) {
		report("SFBR is the first byte of data", nexus_run(&read, first_byte) && lsi_read8(&lsi, LSI_SCRATCHB) == scratch2[0] && scratch2[0] == FromTable + 1);
	}
}

static void wrong_way(void)
{
	nexus_move(LSI_DATA_OUT, Inquiry, got);
	lsi_label(&script, Again);
	nexus_move(LSI_DATA_IN, Inquiry, got);
}

static void too_much(void) { nexus_move(LSI_DATA_IN, TooMuch, got); }

static void check_mismatch(void)
{
	for (unsigned form = 0; form < NexusForms; form++) {
		static const char *const names[] = { "M/A: another phase than that of the move", "the same, indirect", "the same, table indirect", "the same, chained" };
		nexus_form = form;
		nexus_assemble(&inquiry, wrong_way);
		memset(got, 0xEE, sizeof got);
		struct lsi_causes causes = script_run();
		report(names[form], causes_are(&causes, 0, LSI_SIST0_MA, 0) && (lsi_read(&lsi, LSI_DBC) & 0xFFFFFF) == Inquiry
								&& (lsi_read8(&lsi, LSI_SSTAT1) & 7) == LSI_DATA_IN && got[0] == 0xEE
								&& nexus_continue(Again) && nexus.status == SCSI_GOOD && got[0] == 0);
	}
	nexus_form = Direct;

	nexus_assemble(&inquiry, too_much);
	struct lsi_causes causes = script_run();
	report("M/A: less than the move is for, and DBC tells how much", causes_are(&causes, 0, LSI_SIST0_MA, 0)
																		 && (lsi_read(&lsi, LSI_DBC) & 0xFFFFFF) == TooMuch - Inquiry
																		 && nexus_continue(Dispatch) && nexus.status == SCSI_GOOD);
}

static uint32_t rest[2] __attribute__((aligned(8)));

static void too_much_and_rest(void)
{
	too_much();
	lsi_jump(&script, LSI_ALWAYS, script.labels[Dispatch]);
	lsi_label(&script, Again);
	lsi_store(&script, LSI_RBC, 4, BUS(&rest[0]));
	lsi_store(&script, LSI_UA, 4, BUS(&rest[1]));
}

// Instead of the interrupt it jumps, if it is told where (CCNTL0.ENPMJ).
static void check_jumps(void)
{
	for (unsigned by_direction = 0; by_direction < 2; by_direction++) {
		nexus_assemble(&inquiry, too_much_and_rest);
		uint32_t right = script.labels[Again], wrong = script.labels[Lost];
		lsi_write8(&lsi, LSI_CCNTL0, LSI_CCNTL0_ENPMJ | (by_direction ? LSI_CCNTL0_PMJCTL : 0));
		lsi_write(&lsi, LSI_PMJAD1, by_direction ? wrong : right); // of data out
		lsi_write(&lsi, LSI_PMJAD2, by_direction ? right : wrong);
		report(by_direction ? "ENPMJ: data in jumps to PMJAD2, if it goes by direction" : "ENPMJ: a mismatch jumps to PMJAD1", script_stops_at(End));
	}
	if (!left_out_by_qemu("ENPMJ: RBC and UA tell how much is left, and for where", "the sense of RBC and UA")) {
		report("ENPMJ: RBC and UA tell how much is left, and for where", (rest[0] & 0xFFFFFF) == TooMuch - Inquiry && rest[1] == BUS(got) + Inquiry);
	}
	lsi_write8(&lsi, LSI_CCNTL0, 0);
}

static void nothing(void) { nexus_move(LSI_DATA_IN, 0, got); }

static void check_nothing(void)
{
	if (!left_out_by_qemu("a block move of nothing is illegal", "this")) {
		nexus_assemble(&inquiry, nothing);
		struct lsi_causes causes = script_run();
		report("a block move of nothing is illegal", causes_are(&causes, LSI_DSTAT_IID, 0, 0));
		lsi_reset(&lsi);
		lsi_reset_bus(&lsi);
		(void)nexus_make_ready();
	}
}

// Connected, and asked for a command: what conditions on the phase see, and what the registers show.
static void check_connected(void)
{
	static const uint32_t not_taken[] = {
		LSI_IF_NOT_PHASE(LSI_COMMAND), LSI_IF_PHASE(LSI_STATUS), LSI_WHEN_PHASE(LSI_MSG_IN), LSI_WHEN_NOT_PHASE(LSI_COMMAND),
		LSI_IF_PHASE(LSI_COMMAND) | LSI_BYTE | 0xC1, LSI_IF_PHASE(LSI_STATUS) | LSI_BYTE | 0xC0,
	};
	static const uint32_t taken[] = {
		LSI_IF_PHASE(LSI_COMMAND), LSI_WHEN_PHASE(LSI_COMMAND), LSI_IF_NOT_PHASE(LSI_DATA_IN), LSI_WHEN_NOT_PHASE(LSI_MSG_OUT),
		LSI_IF_PHASE(LSI_COMMAND) | LSI_BYTE | 0xC0, LSI_IF_NOT_PHASE(LSI_STATUS) | LSI_BYTE | 0xC1,
	};
	static uint8_t identify = 0xC0, abort = 0x06;
	script_begin();
	lsi_select(&script, 0, 0);
	lsi_move(&script, LSI_MSG_OUT, 1, BUS(&identify));
	lsi_int(&script, LSI_WHEN_PHASE(LSI_COMMAND), 1);
	uint32_t conditions = lsi_here(&script);
	for (unsigned i = 0; i < sizeof not_taken / sizeof *not_taken; i++) {
		lsi_to_sfbr(&script, LSI_SCRATCHA, LSI_DATA, 0xC0);
		lsi_int(&script, not_taken[i], BadTarget);
	}
	for (unsigned i = 0; i < sizeof taken / sizeof *taken; i++) {
		lsi_to_sfbr(&script, LSI_SCRATCHA, LSI_DATA, 0xC0);
		lsi_jump(&script, taken[i] | LSI_RELATIVE, 8);
		lsi_int(&script, LSI_ALWAYS, BadTarget);
	}
	lsi_int(&script, LSI_ALWAYS, End);
	uint32_t end = lsi_here(&script);
	lsi_set(&script, LSI_SET_ATN);
	lsi_modify(&script, LSI_SCNTL2, LSI_AND, 0x7F);
	lsi_move(&script, LSI_MSG_OUT, 1, BUS(&abort));
	lsi_wait_disconnect(&script);
	lsi_int(&script, LSI_ALWAYS, End);

	bool connects = script_stops_at(1);
	report("selected, a target asks for a command", connects);
	report("connected: SCNTL1 says so", lsi_read8(&lsi, LSI_SCNTL1) & LSI_SCNTL1_CON);
	if (!left_out_by_qemu("connected: ISTAT0 says so", "CON in ISTAT0")) {
		report("connected: ISTAT0 says so", lsi_read8(&lsi, LSI_ISTAT0) & LSI_ISTAT0_CON);
	}
	report("connected: SSTAT2 does not say disconnected", (lsi_read8(&lsi, LSI_SSTAT2) & 2) == 0);
	report_equal("connected: SBCL has BSY, REQ and the phase", lsi_read8(&lsi, LSI_SBCL) & (LSI_BSY | LSI_REQ | 7), LSI_BSY | LSI_REQ | LSI_COMMAND);
	report_equal("connected: SSTAT1 has the phase", lsi_read8(&lsi, LSI_SSTAT1) & 7, LSI_COMMAND);
	lsi_start(&lsi, conditions);
	struct lsi_causes causes = wait_for_causes();
	report("conditions on the phase", is_int(&causes, End));
	lsi_start(&lsi, end);
	causes = wait_for_causes();
	report("ATN has the target take a message, and ABORT has it let go", is_int(&causes, End));
	report("then nothing is connected", (lsi_read8(&lsi, LSI_SCNTL1) & LSI_SCNTL1_CON) == 0 && (lsi_read8(&lsi, LSI_SSTAT2) & 2) != 0);
}

void check_phases(void)
{
	lsi_reset(&lsi);
	if (!report("a target answers, and is ready", nexus_make_ready())) {
		return;
	}
	check_forms();
	check_first_byte();
	check_mismatch();
	check_jumps();
	check_nothing();
	check_connected();
}
