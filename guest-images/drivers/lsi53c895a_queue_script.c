// The program that the chip runs for lsi53c895a_queue.h. DSA is the request that it works on; what it keeps between two of them is in
// script RAM. TEMP is where RETURN goes.
#include "lsi53c895a_queue.h"

enum message { CommandComplete = 0x00, SaveDataPointers = 0x02, RestorePointers = 0x03, Disconnect = 0x04, Noop = 0x08, SimpleQueueTag = 0x20, Identify = 0x80 };

enum label {
	Idle = LSI_AT_PRIVATE, Look, Data, Status, MessageIn, Complete, Save, Restore, Gone, Finish, Untagged, Reconnected, Acknowledge, OverrunIn, OverrunMark,
};

#define OFFSET(member) ((int32_t)offsetof(struct lsi_request, member))
#define AT(label) (s->labels[label])
#define VARIABLE(name) (queue->lsi.ram_bus + (name))
#define BUS(place) ((uint32_t)(uintptr_t)(place))

// Jumps to where a dword of the request says.
static void go_to(struct lsi_script *s, int32_t offset)
{
	lsi_load_from(s, LSI_TEMP, 4, offset);
	lsi_return(s);
}

// Copies a dword of the request to another.
static void copy(struct lsi_script *s, int32_t from, int32_t to)
{
	lsi_load_from(s, LSI_SCRATCHA, 4, from);
	lsi_store_to(s, LSI_SCRATCHA, 4, to);
}

// Goes on to the next entry of a ring: four bytes further, modulo 1024.
static void advance(const struct lsi_queue *queue, struct lsi_script *s, enum lsi_variable position)
{
	_Static_assert(LSI_ENTRIES * sizeof(uint32_t) == 1024, "bit 10 is to be masked");
	lsi_load(s, LSI_SCRATCHA, 4, VARIABLE(position));
	lsi_modify(s, LSI_SCRATCHA, LSI_ADD, 4);
	lsi_modify(s, LSI_SCRATCHA + 1, LSI_ADDC, 0);
	lsi_modify(s, LSI_SCRATCHA + 1, LSI_AND, 0xFB);
	lsi_store(s, LSI_SCRATCHA, 4, VARIABLE(position));
}

// Takes requests from the start queue until there is none, and then waits for a target or the processor.
static void start(const struct lsi_queue *queue, struct lsi_script *s)
{
	lsi_label(s, LSI_AT_START);
	lsi_load(s, LSI_DSA, 4, VARIABLE(LSI_START_POSITION));
	lsi_label(s, Look);
	lsi_to_sfbr(s, LSI_CTEST2, LSI_OR, 0); // clears SIGP, ahead of the queue: lsi.sigp-before-queue
	lsi_load_from(s, LSI_SCRATCHB, 4, 0);
	lsi_to_sfbr(s, LSI_SCRATCHB, LSI_AND, 1);
	lsi_jump(s, LSI_IF_BYTE(0), AT(Idle));
	lsi_modify(s, LSI_SCRATCHB, LSI_AND, 0xFE);
	lsi_store(s, LSI_SCRATCHB, 4, VARIABLE(LSI_SAVED_DSA));
	lsi_load(s, LSI_DSA, 4, VARIABLE(LSI_SAVED_DSA));
	lsi_select_from(s, OFFSET(select), AT(LSI_AT_RESELECTED)); // and then the entry is taken later
	advance(queue, s, LSI_START_POSITION);
	lsi_int(s, LSI_WHEN_NOT_PHASE(LSI_MSG_OUT), LSI_NO_MESSAGE_OUT);
	go_to(s, OFFSET(go));

	lsi_label(s, LSI_AT_COMMAND);
	lsi_move_from(s, LSI_MSG_OUT, OFFSET(message));
	lsi_jump(s, LSI_WHEN_NOT_PHASE(LSI_COMMAND), AT(LSI_AT_DISPATCH));
	lsi_move_from(s, LSI_COMMAND, OFFSET(command));

	lsi_label(s, LSI_AT_DISPATCH);
	lsi_jump(s, LSI_WHEN_PHASE(LSI_MSG_IN), AT(MessageIn));
	lsi_jump(s, LSI_IF_PHASE(LSI_DATA_IN), AT(Data));
	lsi_jump(s, LSI_IF_PHASE(LSI_DATA_OUT), AT(Data));
	lsi_jump(s, LSI_IF_PHASE(LSI_STATUS), AT(Status));
	lsi_int(s, LSI_ALWAYS, LSI_BAD_PHASE);

	lsi_label(s, LSI_AT_MESSAGES);
	lsi_modify(s, LSI_SCNTL2, LSI_AND, 0x7F); // SDU: the target is about to let go
	lsi_move_from(s, LSI_MSG_OUT, OFFSET(message));
	lsi_wait_disconnect(s);
	lsi_jump(s, LSI_ALWAYS, AT(Finish));
}

// The block moves, in at that which the data pointer names.
static void data(const struct lsi_queue *queue, struct lsi_script *s)
{
	lsi_label(s, Data);
	go_to(s, OFFSET(pointer));

	for (unsigned out = 0; out < 2; out++) {
		enum lsi_phase phase = out ? LSI_DATA_OUT : LSI_DATA_IN;
		lsi_label(s, out ? LSI_AT_DATA_OUT : LSI_AT_DATA_IN);
		for (unsigned i = 0; i < LSI_SEGMENTS; i++) {
			lsi_move_from(s, phase, OFFSET(data[i]));
		}
		lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_END_OF_DATA));
		lsi_label(s, out ? LSI_AT_PARTIAL_OUT : LSI_AT_PARTIAL_IN);
		for (unsigned i = 0; i < 2; i++) {
			lsi_move_from(s, phase, OFFSET(partial[i]));
			go_to(s, OFFSET(partial_return[i]));
		}
	}

	lsi_label(s, LSI_AT_END_OF_DATA);
	lsi_load(s, LSI_SCRATCHA, 4, VARIABLE(LSI_OVERRUN_AT));
	lsi_store_to(s, LSI_SCRATCHA, 4, OFFSET(pointer));
	lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_DISPATCH));

	// What is too much goes nowhere, or comes from nowhere.
	lsi_label(s, LSI_AT_OVERRUN);
	lsi_jump(s, LSI_IF_PHASE(LSI_DATA_OUT), AT(LSI_AT_OVERRUN_OUT));
	lsi_label(s, OverrunIn);
	lsi_move(s, LSI_DATA_IN, LSI_SINK, BUS(queue->sink));
	lsi_jump(s, LSI_ALWAYS, AT(OverrunMark));
	lsi_label(s, LSI_AT_OVERRUN_OUT);
	lsi_move(s, LSI_DATA_OUT, LSI_SINK, BUS(queue->sink));
	lsi_label(s, OverrunMark);
	lsi_modify(s, LSI_SCRATCHA, LSI_DATA, 1);
	lsi_store_to(s, LSI_SCRATCHA, 1, OFFSET(overrun));
	lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_DISPATCH));
}

static void status_and_messages(const struct lsi_queue *queue, struct lsi_script *s)
{
	lsi_label(s, Status);
	lsi_move_from(s, LSI_STATUS, OFFSET(status_segment));
	lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_DISPATCH));

	lsi_label(s, MessageIn);
	lsi_move(s, LSI_MSG_IN, 1, BUS(queue->message_in));
	lsi_jump(s, LSI_IF_BYTE(CommandComplete), AT(Complete));
	lsi_jump(s, LSI_IF_BYTE(SaveDataPointers), AT(Save));
	lsi_jump(s, LSI_IF_BYTE(Disconnect), AT(Gone));
	lsi_jump(s, LSI_IF_BYTE(RestorePointers), AT(Restore));
	lsi_int(s, LSI_IF_NOT_BYTE(Noop), LSI_BAD_MESSAGE);
	lsi_label(s, Acknowledge);
	lsi_clear(s, LSI_SET_ACK);
	lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_DISPATCH));

	lsi_label(s, Save);
	copy(s, OFFSET(pointer), OFFSET(saved_pointer));
	lsi_jump(s, LSI_ALWAYS, AT(Acknowledge));
	lsi_label(s, Restore);
	copy(s, OFFSET(saved_pointer), OFFSET(pointer));
	lsi_jump(s, LSI_ALWAYS, AT(Acknowledge));

	lsi_label(s, Gone);
	lsi_modify(s, LSI_SCNTL2, LSI_AND, 0x7F);
	lsi_clear(s, LSI_SET_ACK);
	lsi_wait_disconnect(s);
	lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_START));

	lsi_label(s, Complete);
	lsi_modify(s, LSI_SCNTL2, LSI_AND, 0x7F);
	lsi_clear(s, LSI_SET_ACK);
	lsi_wait_disconnect(s);
	// To the done queue, behind its data and its status; then the interrupt: lsi.data-status-interrupt.
	lsi_label(s, Finish);
	lsi_store(s, LSI_DSA, 4, VARIABLE(LSI_SAVED_DSA));
	lsi_load(s, LSI_SCRATCHA, 4, VARIABLE(LSI_SAVED_DSA));
	lsi_load(s, LSI_DSA, 4, VARIABLE(LSI_DONE_POSITION));
	lsi_store_to(s, LSI_SCRATCHA, 4, 0);
	advance(queue, s, LSI_DONE_POSITION);
	lsi_intfly(s);
	lsi_jump(s, LSI_ALWAYS, AT(LSI_AT_START));
}

// DSA0 |= SCRATCHA0 * 4: an index into a table of dwords at DSA, of at most 64.
static void index_dsa(struct lsi_script *s)
{
	lsi_clear(s, LSI_SET_CARRY);
	lsi_modify(s, LSI_SCRATCHA, LSI_SHL, 0);
	lsi_modify(s, LSI_SCRATCHA, LSI_SHL, 0);
	lsi_to_sfbr(s, LSI_SCRATCHA, LSI_OR, 0);
	lsi_modify_by_sfbr(s, LSI_DSA, LSI_OR);
}

// Finds the request that a target comes back for, by the target's ID and the tag.
static void reselected(const struct lsi_queue *queue, struct lsi_script *s)
{
	lsi_label(s, Idle);
	lsi_wait_reselect(s, AT(Look)); // DSA is still where in the queue it has looked

	lsi_label(s, LSI_AT_RESELECTED);
	lsi_to_sfbr(s, LSI_SSID, LSI_AND, LSI_TARGETS - 1);
	lsi_from_sfbr(s, LSI_SCRATCHA, LSI_OR, 0);
	lsi_load(s, LSI_DSA, 4, VARIABLE(LSI_TARGETS_AT));
	index_dsa(s);
	lsi_load_from(s, LSI_DSA, 4, 0);
	lsi_move(s, LSI_MSG_IN, 1, BUS(queue->message_in));
	lsi_int(s, LSI_IF_NOT_BYTE(Identify) | LSI_MASK(0x7F), LSI_BAD_RESELECTION);
	lsi_clear(s, LSI_SET_ACK);
	lsi_jump(s, LSI_WHEN_NOT_PHASE(LSI_MSG_IN), AT(Untagged));
	lsi_move(s, LSI_MSG_IN, 1, BUS(queue->message_in));
	lsi_int(s, LSI_IF_NOT_BYTE(SimpleQueueTag), LSI_BAD_RESELECTION);
	lsi_clear(s, LSI_SET_ACK);
	lsi_move(s, LSI_MSG_IN, 1, BUS(queue->message_in));
	lsi_from_sfbr(s, LSI_SCRATCHA, LSI_AND, LSI_TAGS - 1);
	index_dsa(s);
	lsi_load_from(s, LSI_DSA, 4, 0);
	lsi_jump(s, LSI_ALWAYS, AT(Reconnected));

	lsi_label(s, Untagged);
	lsi_load_from(s, LSI_DSA, 4, LSI_UNTAGGED * 4);
	lsi_label(s, Reconnected);
	lsi_to_sfbr(s, LSI_DSA, LSI_AND, 1);
	lsi_int(s, LSI_IF_BYTE(0), LSI_BAD_RESELECTION);
	lsi_modify(s, LSI_DSA, LSI_AND, 0xFE);
	lsi_jump(s, LSI_ALWAYS, AT(Restore)); // reselection restores the pointers (SCSI-2, 6.6.20)
}

void lsi_queue_load(struct lsi_queue *queue)
{
	static uint32_t words[LSI_START_POSITION / 4];
	struct lsi_script *s = &queue->program;
	for (unsigned pass = 0; pass < 2; pass++) {
		lsi_begin(s, words, queue->lsi.ram_bus);
		start(queue, s);
		data(queue, s);
		status_and_messages(queue, s);
		reselected(queue, s);
	}
	lsi_copy_to_ram(&queue->lsi, 0, words, s->count);
	const uint32_t variables[] = { BUS(queue->start), BUS(queue->done), BUS(queue->target_addresses), s->labels[LSI_AT_OVERRUN] };
	lsi_copy_to_ram(&queue->lsi, LSI_START_POSITION, variables, sizeof variables / sizeof *variables);
}
