// A stream of frames. The second processor receives: when C shows, count and payload are there. The first sends: when C shows the
// buffer is its own again, and it spoils it at once, which the receiver must never see.
#include "parts.h"

enum { Window = 40, Frames = 64, RingPoison = 0x5A5A5A5A, BufferPoison = 0x3C3C3C3C, Shortest = 15, Longest = 60 }; // words

static const char received[] = "eepro100.rfd.payload-count-status", sent[] = "eepro100.cb.work-before-status",
				  begun[] = "eepro100.command-before-block", resumed[] = "eepro100.suspend-recheck";

static struct frame_area { struct eepro100_receive head; uint32_t data[Room / 4]; } frames[Frames] __attribute__((aligned(CACHE_LINE)));

// What the receiving processor tells.
static struct {
	volatile uint32_t came;
	uint32_t wanted, early_counts, early_payloads, spoiled, strange, undone;
	bool lost;
} OWN_CACHE_LINE tally;

static unsigned words_of(uint32_t round) { return Shortest + round * 7 % (Longest - Shortest); }

static uint32_t word_of(uint32_t round, unsigned index) { return (round << 8 ^ 0x80000000) + index; }

static void make_descriptor(unsigned index, uint16_t command)
{
	struct frame_area *frame = &frames[index];
	for (unsigned i = 0; i < Longest; i++) {
		frame->data[i] = RingPoison;
	}
	frame->head.count = 0;
	frame->head.size = Room;
	frame->head.buffers = UINT32_MAX;
	frame->head.head.link = (uint32_t)(uintptr_t)&frames[(index + 1) % Frames];
	WRITE_ONCE(frame->head.head.command, command);
	WRITE_ONCE(frame->head.head.status, 0);
}

// Looks from the end, which is what a late write would leave last.
static void look_at(const struct frame_area *frame, uint32_t round)
{
	unsigned words = words_of(round);
	bool early = false, spoiled = false, strange = false;
	uint16_t count = READ_ONCE(frame->head.count);
	for (unsigned i = words; i-- != 4;) { // behind the addresses and the type
		uint32_t word = READ_ONCE(frame->data[i]);
		if (word != word_of(round, i)) {
			uint32_t another = ((word - i) ^ 0x80000000) >> 8;
			bool of_another = word_of(another, i) == word && round - another < 2 * Ring;
			strange = strange || of_another;
			spoiled = spoiled || word == BufferPoison;
			early = early || (!of_another && word != BufferPoison); // the ring's poison, or a part of it
		}
	}
	tally.early_counts += count != (words * 4 | RFD_EOF | RFD_F);
	tally.early_payloads += early;
	tally.spoiled += spoiled;
	tally.strange += strange;
	tally.undone += READ_ONCE(frame->head.head.command) != 0;
}

static void receive_all(void *unused)
{
	(void)unused;
	for (uint32_t round = 0; round < tally.wanted; round++) {
		struct frame_area *frame = &frames[round % Frames];
		if (!comes((READ_ONCE(frame->head.head.status) & RFD_C) != 0)) {
			tally.lost = true;
			break;
		}
		dma_rmb(); // pairs with the controller's: payload, count, status
		look_at(frame, round);
		make_descriptor(round % Frames, RFD_EL);
		dma_wmb(); // it ends the list before the one in front of it no longer does
		WRITE_ONCE(frames[(round + Frames - 1) % Frames].head.head.command, 0);
		tally.came = round + 1;
	}
}

static void fill(struct block *block, uint32_t round)
{
	unsigned words = words_of(round);
	block->transmit.buffers = (uint32_t)TCB_NO_BUFFERS;
	block->transmit.count = (uint16_t)(words * 4 | TCB_EOF);
	block->transmit.threshold = 0xE0;
	block->transmit.buffer_count = 0;
	memcpy(block->transmit.frame, receiver_address, NIC_ADDRESS);
	block->transmit.frame[3] = 0x0000B588;
	for (unsigned i = 4; i < words; i++) {
		block->transmit.frame[i] = word_of(round, i);
	}
}

// Takes back what is done, and spoils it.
static uint32_t take_back(uint32_t oldest, uint32_t next)
{
	while (oldest != next && (READ_ONCE(blocks[oldest % Ring].head.status) & CB_C) != 0) {
		struct block *block = &blocks[oldest++ % Ring];
		dma_rmb(); // pairs with the controller's: it has read the frame, then it sets C
		for (unsigned i = 4; i < Longest; i++) {
			WRITE_ONCE(block->transmit.frame[i], BufferPoison);
		}
	}
	return oldest;
}

static bool send_all(uint32_t rounds)
{
	uint32_t oldest = 0;
	for (uint32_t round = 0; round < rounds; round++) {
		struct block *block = &blocks[round % Ring];
		if (!comes((oldest = take_back(oldest, round)) + Window > round && tally.came + Window > round)) {
			return false;
		}
		fill(block, round);
		if (round == 0) {
			block->head.status = 0;
			block->head.command = CB_TRANSMIT | CB_S;
			(void)eepro100_command(&sender, CU_START, block);
		} else {
			append(round % Ring, CB_TRANSMIT, round % 3 == 0);
		}
		// Now and then it waits for the last, so that the unit suspends, and its end is looked at as closely as can be.
		if (round % 4 == 0 && !comes((oldest = take_back(oldest, round + 1)) == round + 1)) {
			return false;
		}
	}
	return comes(take_back(oldest, rounds) == rounds);
}

void check_stream(uint32_t rounds)
{
	memset(&tally, 0, sizeof tally);
	tally.wanted = rounds;
	make_ring();
	for (unsigned i = 0; i < Frames; i++) {
		make_descriptor(i, i == Frames - 1 ? RFD_EL : 0);
	}
	(void)eepro100_command_now(&receiver, RU_START, frames);
	processor_run(1, receive_all, NULL);
	bool all = send_all(rounds);
	processor_wait(1);
	printf("NOTE %u frames\n", tally.came);
	if (tally.early_counts + tally.early_payloads + tally.undone != 0) {
		report_fail(received, "complete without count %u times, without payload %u times, commands overwritten %u times, in %u frames", tally.early_counts,
					tally.early_payloads, tally.undone, tally.came);
	} else {
		report(received, true);
	}
	if (tally.spoiled != 0) {
		report_fail(sent, "%u frames in %u read after their block was complete", tally.spoiled, tally.came);
	} else {
		report("eepro100.cb.work-before-status: frames", true);
	}
	if (tally.strange != 0) {
		report_fail(begun, "%u frames in %u with what a block was before", tally.strange, tally.came);
	} else if (!all) {
		report_fail(resumed, "a block that was appended is not carried out, behind %u frames", tally.came);
	} else if (tally.lost || tally.came != rounds) {
		report_fail(received, "%u frames of %u came", tally.came, rounds);
	} else {
		report("every frame comes", true);
	}
	(void)eepro100_command_now(&receiver, RU_ABORT, NULL);
	eepro100_port(&sender, PORT_SELECTIVE_RESET, NULL);
	eepro100_write8(&sender, E100_MASK, MASK_ALL);
}
