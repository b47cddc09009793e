// The processor's side of lsi53c895a_queue.h.
#include "lsi53c895a_queue.h"

#define BUS(place) ((uint32_t)(uintptr_t)(place))

enum { Present = 1 }; // in the lowest bit of a request's address

static void begin(struct lsi_queue *queue)
{
	memset(queue->start, 0, sizeof queue->start);
	memset(queue->done, 0, sizeof queue->done);
	memset(queue->targets, 0, sizeof queue->targets);
	for (unsigned i = 0; i < LSI_TARGETS; i++) {
		queue->target_addresses[i] = BUS(&queue->targets[i]);
	}
	queue->submit_next = queue->finish_next = queue->in_flight = 0;
	lsi_queue_load(queue);
	lsi_write8(&queue->lsi, LSI_SIEN0, LSI_SIST0_MA | LSI_SIST0_SGE | LSI_SIST0_UDC | LSI_SIST0_RST | LSI_SIST0_PAR);
	lsi_write8(&queue->lsi, LSI_SIEN1, LSI_SIST1_STO);
	lsi_write8(&queue->lsi, LSI_DIEN, LSI_DSTAT_MDPE | LSI_DSTAT_BF | LSI_DSTAT_ABRT | LSI_DSTAT_SSI | LSI_DSTAT_SIR | LSI_DSTAT_IID);
	lsi_start(&queue->lsi, queue->program.labels[LSI_AT_START]);
}

bool lsi_queue_open(unsigned index, struct lsi_queue *queue)
{
	memset(queue, 0, sizeof *queue);
	if (!lsi_open(index, &queue->lsi)) {
		return false;
	}
	lsi_reset_bus(&queue->lsi);
	begin(queue);
	return true;
}

void lsi_command(struct lsi_request *request, unsigned target, unsigned lun, const uint8_t *command, unsigned length)
{
	memset(request, 0, sizeof *request);
	request->select = target << 16;
	request->command = (struct lsi_segment){ length, BUS(request->command_bytes) };
	request->status_segment = (struct lsi_segment){ 1, BUS(&request->status) };
	request->target = (uint8_t)target;
	request->lun = (uint8_t)lun;
	request->status = LSI_NO_STATUS;
	memcpy(request->command_bytes, command, length);
}

void lsi_messages(struct lsi_request *request, unsigned target, const uint8_t *messages, unsigned length)
{
	memset(request, 0, sizeof *request);
	request->select = target << 16;
	request->message = (struct lsi_segment){ length, BUS(request->message_bytes) };
	request->target = (uint8_t)target;
	memcpy(request->message_bytes, messages, length);
}

void lsi_data(struct lsi_request *request, bool write, const void *at, uint32_t count)
{
	memmove(request->data, request->data + 1, sizeof request->data - sizeof *request->data);
	request->data[LSI_SEGMENTS - 1] = (struct lsi_segment){ count, BUS(at) };
	request->write = write;
	request->segments++;
}

// Bytes from the block move at this address on.
static uint32_t remaining(const struct lsi_queue *queue, const struct lsi_request *request, uint32_t pointer)
{
	const uint32_t *labels = queue->program.labels;
	uint32_t list = labels[request->write ? LSI_AT_DATA_OUT : LSI_AT_DATA_IN], partial = labels[request->write ? LSI_AT_PARTIAL_OUT : LSI_AT_PARTIAL_IN];
	uint32_t count = 0;
	for (unsigned i = 0; i < 2; i++) {
		if (pointer == partial + i * LSI_PARTIAL_WORDS * 4) {
			count = request->partial[i].count;
			pointer = request->partial_return[i];
			break;
		}
	}
	for (unsigned i = (pointer - list) / 8; pointer >= list && i < LSI_SEGMENTS; i++) {
		count += request->data[i].count;
	}
	return count;
}

uint32_t lsi_residue(const struct lsi_queue *queue, const struct lsi_request *request) { return remaining(queue, request, request->pointer); }

static unsigned free_tag(const struct lsi_target *target)
{
	unsigned tag = 0;
	while (tag < LSI_TAGS && target->requests[tag] != 0) {
		tag++;
	}
	return tag;
}

bool lsi_enqueue(struct lsi_queue *queue, struct lsi_request *request, unsigned tag)
{
	const uint32_t *labels = queue->program.labels;
	struct lsi_target *target = &queue->targets[request->target];
	bool messages = request->command.count == 0;
	tag = tag == LSI_TAG_ANY ? free_tag(target) : tag;
	if (queue->in_flight == LSI_IN_FLIGHT || target->requests[tag] != 0) {
		return false;
	}
	request->tag = (uint8_t)tag;
	request->outcome = LSI_DONE;
	request->next = NULL;
	request->go = labels[messages ? LSI_AT_MESSAGES : LSI_AT_COMMAND];
	if (!messages) {
		const uint8_t bytes[] = { (uint8_t)(0xC0 | request->lun), 0x20, (uint8_t)tag }; // IDENTIFY, with the privilege to disconnect; SIMPLE QUEUE TAG
		memcpy(request->message_bytes, bytes, sizeof bytes);
		request->message = (struct lsi_segment){ tag == LSI_UNTAGGED ? 1 : 3, BUS(request->message_bytes) };
	}
	request->pointer = request->segments == 0 ? labels[LSI_AT_OVERRUN]
											  : labels[request->write ? LSI_AT_DATA_OUT : LSI_AT_DATA_IN] + (LSI_SEGMENTS - request->segments) * 8u;
	request->saved_pointer = request->pointer;
	target->requests[tag] = BUS(request) | Present;

	uint32_t *entry = &queue->start[queue->submit_next];
	queue->submit_next = (queue->submit_next + 1) % LSI_ENTRIES;
	queue->in_flight++;
	WRITE_ONCE(queue->start[queue->submit_next], 0);
	dma_wmb(); // the end of the queue, and the request, are in memory before the entry is: the program may be looking already
	WRITE_ONCE(*entry, BUS(request) | Present);
	return true;
}

void lsi_signal(const struct lsi_queue *queue)
{
	wmb(); // the entry is in memory before SIGP is set; pairs with CTEST2, then the entry, in the program
	lsi_write8(&queue->lsi, LSI_ISTAT0, LSI_ISTAT0_SIGP);
}

bool lsi_submit(struct lsi_queue *queue, struct lsi_request *request, unsigned tag)
{
	bool room = lsi_enqueue(queue, request, tag);
	if (room) {
		lsi_signal(queue);
	}
	return room;
}

void lsi_abandon(struct lsi_queue *queue, struct lsi_request *request)
{
	queue->targets[request->target].requests[request->tag] = 0;
	queue->in_flight--;
}

static void fail(struct lsi_queue *queue, struct lsi_request *request, enum lsi_outcome outcome)
{
	lsi_abandon(queue, request);
	request->outcome = outcome;
	request->next = queue->failed;
	queue->failed = request;
}

static void fail_all(struct lsi_queue *queue, enum lsi_outcome outcome)
{
	for (unsigned i = 0; i < LSI_TARGETS; i++) {
		for (unsigned tag = 0; tag <= LSI_TAGS; tag++) {
			uint32_t address = queue->targets[i].requests[tag];
			if (address != 0) {
				fail(queue, (struct lsi_request *)(uintptr_t)(address & ~(uint32_t)Present), outcome);
			}
		}
	}
}

// Resets the chip. Nothing more is started meanwhile: requests that targets get while they are reset are lost without a word.
static void reset_chip(struct lsi_queue *queue)
{
	for (unsigned i = 0; i < LSI_ENTRIES; i++) {
		WRITE_ONCE(queue->start[i], 0);
	}
	mb(); // pairs with the program's look at the queue
	lsi_reset(&queue->lsi);
}

void lsi_queue_reset(struct lsi_queue *queue)
{
	reset_chip(queue);
	lsi_reset_bus(&queue->lsi);
	fail_all(queue, LSI_RESET);
	begin(queue);
}

// The request that DSA points to, if it is one that is in flight.
static struct lsi_request *current(const struct lsi_queue *queue)
{
	uint32_t address = lsi_read(&queue->lsi, LSI_DSA) & ~(uint32_t)Present;
	for (unsigned i = 0; i < LSI_TARGETS; i++) {
		for (unsigned tag = 0; tag <= LSI_TAGS; tag++) {
			if (queue->targets[i].requests[tag] == (address | Present)) {
				return (struct lsi_request *)(uintptr_t)address;
			}
		}
	}
	return NULL;
}

// A request that was being selected: its entry is taken, if the program had not come that far.
static void take_entry(const struct lsi_queue *queue, const struct lsi_request *request)
{
	unsigned at = (queue->lsi.ram[LSI_START_POSITION / 4] - BUS(queue->start)) / sizeof(uint32_t);
	if (queue->start[at] == (BUS(request) | Present)) {
		queue->lsi.ram[LSI_START_POSITION / 4] = BUS(&queue->start[(at + 1) % LSI_ENTRIES]);
	}
}

// The phase was not that of the block move, from its beginning or in the midst of it: the data pointer gets there, and the program goes
// on with what the target wants. Null if that is no answer.
static uint32_t serve_mismatch(const struct lsi_queue *queue, struct lsi_request *request, const struct lsi_causes *causes)
{
	const uint32_t *labels = queue->program.labels;
	uint32_t at = lsi_read(&queue->lsi, LSI_DSP) - 8, rest = lsi_read(&queue->lsi, LSI_DBC) & 0xFFFFFF;
	uint32_t list = labels[request->write ? LSI_AT_DATA_OUT : LSI_AT_DATA_IN], partial = labels[request->write ? LSI_AT_PARTIAL_OUT : LSI_AT_PARTIAL_IN];
	enum lsi_phase phase = lsi_read8(&queue->lsi, LSI_SSTAT1) & 7, wanted = request->write ? LSI_DATA_OUT : LSI_DATA_IN;
	if (at >= labels[LSI_AT_OVERRUN] && at <= labels[LSI_AT_OVERRUN_OUT]) {
		request->overrun |= rest != LSI_SINK;
		return labels[LSI_AT_DISPATCH];
	}
	if (phase != wanted && (phase == LSI_DATA_IN || phase == LSI_DATA_OUT)) { // the other direction
		return labels[LSI_AT_OVERRUN];
	}
	if ((causes->dstat & LSI_DSTAT_DFE) == 0) { // what left memory and not the chip would have to be counted
		return 0;
	}
	const struct lsi_segment *segment;
	uint32_t after;
	if (at >= list && at < list + LSI_SEGMENTS * 8u) {
		segment = &request->data[(at - list) / 8];
		after = at + 8;
	} else if (at == partial || at == partial + LSI_PARTIAL_WORDS * 4) {
		unsigned index = at != partial;
		segment = &request->partial[index];
		after = request->partial_return[index];
	} else {
		return 0;
	}
	request->pointer = at;
	if (rest != segment->count) {
		unsigned index = request->saved_pointer == partial; // not the one that the saved pointer has
		request->partial[index] = (struct lsi_segment){ rest, segment->address + segment->count - rest };
		request->partial_return[index] = after;
		request->pointer = partial + index * LSI_PARTIAL_WORDS * 4;
	}
	return labels[LSI_AT_DISPATCH];
}

void lsi_serve(struct lsi_queue *queue)
{
	const uint32_t start = queue->program.labels[LSI_AT_START];
	struct lsi_causes causes = lsi_take(&queue->lsi);
	struct lsi_request *request = current(queue);
	if (((causes.dstat & ~(unsigned)LSI_DSTAT_DFE) | causes.sist0 | causes.sist1) == 0) {
		return;
	}
	queue->interrupts++;
	queue->last = causes;
	queue->last_code = lsi_read(&queue->lsi, LSI_DSPS);
	uint32_t next = 0;
	if (causes.sist0 & LSI_SIST0_RST) {
		reset_chip(queue);
		fail_all(queue, LSI_RESET);
		begin(queue);
		return;
	}
	if (request != NULL && causes.sist1 & LSI_SIST1_STO) {
		take_entry(queue, request);
		fail(queue, request, LSI_NOBODY);
		next = start;
	} else if (request != NULL && causes.sist0 & LSI_SIST0_UDC) {
		fail(queue, request, LSI_DROPPED);
		next = start;
	} else if (request != NULL && causes.sist0 & LSI_SIST0_MA) {
		next = serve_mismatch(queue, request, &causes);
	}
	if (next != 0) {
		lsi_start(&queue->lsi, next);
		return;
	}
	if (request != NULL) {
		fail(queue, request, LSI_DROPPED);
	}
	lsi_queue_reset(queue);
}

struct lsi_request *lsi_done(struct lsi_queue *queue)
{
	uint32_t *entry = &queue->done[queue->finish_next];
	struct lsi_request *request = (struct lsi_request *)(uintptr_t)READ_ONCE(*entry);
	if (request != NULL) {
		dma_rmb(); // the entry, then the request; pairs with data, status, then the entry in the program
		WRITE_ONCE(*entry, 0);
		queue->finish_next = (queue->finish_next + 1) % LSI_ENTRIES;
		lsi_abandon(queue, request);
	}
	return request;
}

struct lsi_request *lsi_finished(struct lsi_queue *queue)
{
	struct lsi_request *request = lsi_done(queue);
	if (request != NULL) {
		return request;
	}
	if (lsi_interrupts(&queue->lsi)) {
		lsi_serve(queue);
	}
	request = queue->failed;
	queue->failed = request != NULL ? request->next : NULL;
	return request;
}

bool lsi_execute(struct lsi_queue *queue, struct lsi_request *request, unsigned tag)
{
	return lsi_submit(queue, request, tag) && within_deadline(lsi_finished(queue) != NULL);
}
