// Bad parity (SCNTL0, EPC and AAP), on a cable that spoils bytes: parity=N says that each N-th is. Recovers as drivers do: a message by MESSAGE
// PARITY ERROR, a status and data by INITIATOR DETECTED ERROR (SCSI-2, 6.6), data by doing the command again.
#include "nexus.h"

enum { Block = 512, Rounds = 40, Tries = 20, Shorts = 5000, MessageParityError = 0x09, InitiatorDetectedError = 0x05, AbortedCommand = 0x0B, DetectedByInitiator = 0x48 };

static uint8_t said, sense[18];
static unsigned errors_in[8];

static void recover(void)
{
	lsi_jump(&script, LSI_ALWAYS, script.labels[Dispatch]);
	lsi_label(&script, Again);
	lsi_clear(&script, LSI_SET_ACK); // of a message that came with bad parity
	nexus_move(LSI_MSG_OUT, 1, &said);
}

static void data_in(void) { nexus_move(LSI_DATA_IN, Block, scratch2); recover(); }
static void data_out(void) { nexus_move(LSI_DATA_OUT, Block, scratch); recover(); }
static void no_data(void) { nexus_no_data(); recover(); }
static void sense_in(void) { nexus_move(LSI_DATA_IN, sizeof sense, sense); recover(); }

// Carries a command out, whatever comes with bad parity. False if it does not come to its end.
static bool carry_out(const struct scsi_command *command, void (*data)(void))
{
	nexus_assemble(command, data);
	struct lsi_causes causes = script_run();
	while ((causes.sist0 & LSI_SIST0_PAR) != 0) {
		unsigned phase = lsi_read(&lsi, LSI_DBC) >> 24 & 7;
		errors_in[phase]++;
		said = phase == LSI_MSG_IN ? MessageParityError : InitiatorDetectedError;
		lsi_start(&lsi, script.labels[Again]);
		causes = wait_for_causes();
	}
	return nexus_ended(&causes);
}

void check_parity(void)
{
	if (multiboot_option("parity", 0) == 0) {
		return;
	}
	lsi_write8(&lsi, LSI_SCNTL0, LSI_SCNTL0_ARB);
	report("without EPC nobody looks at parity", nexus_make_ready());

	struct scsi_command write = scsi_on_blocks(SCSI_WRITE_10, 9, 1, 0), read = scsi_on_blocks(SCSI_READ_10, 9, 1, 0), request = scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, sizeof sense);
	lsi_write8(&lsi, LSI_SCNTL0, LSI_SCNTL0_ARB | LSI_SCNTL0_EPC | LSI_SCNTL0_AAP);
	bool ended = true, right = true, told = true;
	for (unsigned round = 0; round < Rounds && ended && right && told; round++) {
		for (unsigned i = 0; i < Block; i++) {
			scratch[i] = (uint8_t)(i * 7 + round);
		}
		ended = carry_out(&write, data_out) && nexus.status == SCSI_GOOD;
		nexus.status = 0xFF;
		for (unsigned i = 0; i < Tries && ended && told && nexus.status != SCSI_GOOD; i++) {
			unsigned before = errors_in[LSI_DATA_IN];
			memset(scratch2, 0xEE, Block);
			ended = carry_out(&read, data_in);
			if (ended && errors_in[LSI_DATA_IN] != before) {
				told = nexus.status == SCSI_CHECK_CONDITION && carry_out(&request, sense_in) && (sense[2] & 15) == AbortedCommand && sense[12] == DetectedByInitiator;
				nexus.status = 0xFF;
			}
		}
		right = nexus.status == SCSI_GOOD && memcmp(scratch, scratch2, Block) == 0;
	}
	struct scsi_command ready = scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0);
	for (unsigned i = 0; i < Shorts && ended && (errors_in[LSI_STATUS] == 0 || errors_in[LSI_MSG_IN] == 0); i++) {
		ended = carry_out(&ready, no_data) && nexus.status == SCSI_GOOD;
	}
	report("every command comes to its end", ended);
	report("one with bad data ends with ABORTED COMMAND, INITIATOR DETECTED ERROR", told);
	report("and done again it brings what was written", right);
	report("PAR was told of data", errors_in[LSI_DATA_IN] != 0);
	report("and of a status, which was said again", errors_in[LSI_STATUS] != 0);
	report("and of a message, which was said again", errors_in[LSI_MSG_IN] != 0);
	lsi_write8(&lsi, LSI_SCNTL0, LSI_SCNTL0_ARB | LSI_SCNTL0_EPC);
}
