// A command by a script of this guest's own.
#include "nexus.h"

enum nexus_form nexus_form;
struct nexus nexus;

static struct { uint8_t identify, status, message, ssid; uint8_t command[16]; uint32_t disconnects; } memory __attribute__((aligned(64)));

// What indirect moves find their data by; DSA is at the beginning.
enum { Cells = 32 };
static struct lsi_segment cells[Cells];
static unsigned cells_used;

void nexus_move(enum lsi_phase phase, uint32_t count, const void *at)
{
	struct lsi_segment *cell = &cells[cells_used++ % Cells];
	*cell = (struct lsi_segment){ count, BUS(at) };
	switch (nexus_form) {
	case Direct: lsi_move(&script, phase, count, BUS(at)); break;
	case Indirect: lsi_move_indirect(&script, phase, count, BUS(&cell->address)); break;
	case FromTable: lsi_move_from(&script, phase, (int32_t)((uint8_t *)cell - (uint8_t *)cells)); break;
	default: lsi_instruction(&script, (uint32_t)phase << 24 | count, BUS(at)); break; // CHMOV: bit 27 is 0
	}
}

void nexus_no_data(void) { lsi_int(&script, LSI_ALWAYS, BadTarget); }

static void let_go(void)
{
	lsi_modify(&script, LSI_SCNTL2, LSI_AND, 0x7F);
	lsi_clear(&script, LSI_SET_ACK);
	lsi_wait_disconnect(&script);
}

void nexus_assemble(const struct scsi_command *command, void (*data)(void))
{
	const uint32_t *labels = script.labels;
	memory.identify = 0xC0;
	memory.disconnects = 0;
	memory.status = 0xFF;
	memcpy(memory.command, command->bytes, command->length);
	for (unsigned pass = 0; pass < 2; pass++) {
		cells_used = 0;
		script_begin();
		lsi_select(&script, 0, labels[Lost]);
		nexus_move(LSI_MSG_OUT, 1, &memory.identify);
		nexus_move(LSI_COMMAND, command->length, memory.command);
		lsi_label(&script, Dispatch);
		lsi_jump(&script, LSI_WHEN_PHASE(LSI_MSG_IN), labels[Message]);
		lsi_jump(&script, LSI_IF_PHASE(LSI_STATUS), labels[StatusPhase]);
		data();
		lsi_jump(&script, LSI_ALWAYS, labels[Dispatch]);
		lsi_label(&script, StatusPhase);
		nexus_move(LSI_STATUS, 1, &memory.status);
		lsi_jump(&script, LSI_ALWAYS, labels[Dispatch]);
		lsi_label(&script, Message);
		nexus_move(LSI_MSG_IN, 1, &memory.message);
		lsi_jump(&script, LSI_IF_BYTE(0), labels[Completed]);
		lsi_jump(&script, LSI_IF_BYTE(4), labels[Disconnected]);
		lsi_clear(&script, LSI_SET_ACK);
		lsi_jump(&script, LSI_ALWAYS, labels[Dispatch]);
		lsi_label(&script, Completed);
		let_go();
		lsi_int(&script, LSI_ALWAYS, End);
		lsi_label(&script, Disconnected);
		let_go();
		lsi_load(&script, LSI_SCRATCHA, 4, BUS(&memory.disconnects));
		lsi_modify(&script, LSI_SCRATCHA, LSI_ADD, 1);
		lsi_store(&script, LSI_SCRATCHA, 4, BUS(&memory.disconnects));
		lsi_wait_reselect(&script, labels[Lost]);
		lsi_to_sfbr(&script, LSI_SSID, LSI_OR, 0);
		lsi_from_sfbr(&script, LSI_SCRATCHA + 3, LSI_OR, 0);
		lsi_store(&script, LSI_SCRATCHA + 3, 1, BUS(&memory.ssid));
		nexus_move(LSI_MSG_IN, 1, &memory.message);
		lsi_clear(&script, LSI_SET_ACK);
		lsi_jump(&script, LSI_ALWAYS, labels[Dispatch]);
		lsi_label(&script, Lost);
		lsi_int(&script, LSI_ALWAYS, BadTarget);
	}
	lsi_write(&lsi, LSI_DSA, BUS(cells));
}

static bool came_to_its_end(bool end)
{
	nexus = (struct nexus){ memory.status, memory.ssid, memory.disconnects };
	return end;
}

bool nexus_run(const struct scsi_command *command, void (*data)(void))
{
	nexus_assemble(command, data);
	return came_to_its_end(script_stops_at(End));
}

bool nexus_continue(enum nexus_label label)
{
	lsi_start(&lsi, script.labels[label]);
	struct lsi_causes causes = wait_for_causes();
	return nexus_ended(&causes);
}

bool nexus_ended(const struct lsi_causes *causes) { return came_to_its_end(is_int(causes, End)); }

static void sense_data(void) { nexus_move(LSI_DATA_IN, 18, scratch); }

bool nexus_make_ready(void)
{
	struct scsi_command ready = scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0), sense = scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, 18);
	enum nexus_form before = nexus_form;
	bool runs = true;
	nexus_form = Direct;
	nexus.status = 0xFF;
	for (unsigned i = 0; i < 8 && runs && nexus.status != SCSI_GOOD; i++) {
		runs = nexus_run(&sense, sense_data) && nexus_run(&ready, nexus_no_data);
	}
	nexus_form = before;
	return nexus.status == SCSI_GOOD;
}
