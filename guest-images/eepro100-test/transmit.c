// Transmit blocks in every mode: the frame behind the block, in buffers, in both.
#include "parts.h"

enum { MostBuffers = 8 };

static struct eepro100_buffer buffers[MostBuffers + 1] __attribute__((aligned(16)));
static uint8_t packet[LongestFrame + 16], last_byte; // of the frame that arrived last

// Sends what the block says; the peer must get this packet, padded to the shortest.
static bool arrives(const struct block *block, unsigned length, uint32_t seed)
{
	if (!start_list(&tested, 0) || !eepro100_wait(&block->head) || block->head.status != (CB_C | CB_OK)) {
		return false;
	}
	struct frame_area *frame = receive(&peer);
	if (frame == NULL) {
		return false;
	}
	unsigned expected = length < NIC_SHORTEST_FRAME ? NIC_SHORTEST_FRAME : length;
	bool whole = (frame->head.count & RFD_COUNT) == expected && is_packet(frame->data, length, seed);
	last_byte = frame->data[expected - 1];
	give_back(&peer);
	return whole && comes_to(&tested, CU_IS_IDLE);
}

// A block whose first `inside` bytes stand behind it and whose others are in `count` buffers, `skew` bytes off alignment.
static struct block *make_flexible(unsigned inside, unsigned length, unsigned count, unsigned skew, uint32_t seed)
{
	struct block *block = make_block(&tested, 0, CB_TRANSMIT | CB_SF | CB_EL);
	uint8_t *bytes = packet + skew;
	make_packet(bytes, peer.address, &tested, length, seed);
	memcpy(block->transmit.frame, bytes, inside);
	block->transmit.buffers = (uint32_t)(uintptr_t)buffers;
	block->transmit.count = (uint16_t)(inside | (inside != 0 ? TCB_EOF : 0));
	block->transmit.threshold = 0xE0;
	block->transmit.buffer_count = (uint8_t)count;
	for (unsigned i = 0, at = inside; i < count; i++) {
		unsigned left = length - at, part = i == count - 1 ? left : (left * (i + 1) / count + i) % (left + 1);
		buffers[i] = (struct eepro100_buffer){ (uint32_t)(uintptr_t)(bytes + at), (uint16_t)part, 0 };
		at += part;
	}
	return block;
}

static struct block *make_simplified(unsigned length, uint32_t seed)
{
	struct block *block = make_block(&tested, 0, CB_TRANSMIT | CB_EL);
	block->transmit.buffers = (uint32_t)TCB_NO_BUFFERS;
	block->transmit.count = (uint16_t)(length | TCB_EOF);
	block->transmit.threshold = 0xE0;
	block->transmit.buffer_count = 0;
	make_packet(block->transmit.frame, peer.address, &tested, length, seed);
	return block;
}

static void check_simplified(void)
{
	bool all = true;
	for (unsigned length = 19; length <= NIC_LONGEST_FRAME && all; length += length < 80 || length > 1500 ? 1 : 13) {
		all = arrives(make_simplified(length, length), length, length);
	}
	report("simplified: lengths from 19 to 1514, short ones made longer", all);
	struct block *block = make_simplified(40, 1);
	bool padded = arrives(block, 40, 1);
	if (is_82558 || !qemu_departs("simplified: padded with 7Eh", "pads with zeros at the receiver (6.4.2.3, byte 18)")) {
		report("simplified: padded with zeros, by an 82557 with 7Eh", padded && last_byte == (is_82558 ? 0x00 : 0x7E));
	}
}

static void check_flexible(void)
{
	bool all = true;
	uint32_t seed = 0;
	for (unsigned count = 1; count <= MostBuffers && all; count++) {
		for (unsigned skew = 0; skew < 4 && all; skew++) {
			seed += 977;
			unsigned length = 60 + seed % 1455;
			all = arrives(make_flexible(0, length, count, skew, seed), length, seed);
		}
	}
	report("flexible: 1 to 8 buffers of any length and alignment", all);

	struct block *block = make_flexible(0, 600, 3, 0, 7);
	buffers[1].el = 1;
	unsigned length = buffers[0].size + buffers[1].size;
	report("flexible: EL in a buffer ends the frame", arrives(block, length, 7));

	for (unsigned inside = 1; inside <= 1000 && all; inside = inside * 3 + 1) {
		all = arrives(make_flexible(inside, 1000 + inside % 7, 2, 1, inside), 1000 + inside % 7, inside);
	}
	report("flexible: a part behind the block, the others in buffers", all);

	block = make_flexible(0, 700, 2, 0, 9);
	block->transmit.buffer_count = 3;
	buffers[2] = buffers[1];
	buffers[1] = (struct eepro100_buffer){ (uint32_t)(uintptr_t)packet, 0, 0 };
	report("flexible: an empty buffer adds nothing", arrives(block, 700, 9));
}

static struct block *make_extended(unsigned length, unsigned count, uint32_t seed)
{
	struct block *block = make_flexible(0, length, count, 2, seed);
	buffers[count] = (struct eepro100_buffer){ (uint32_t)(uintptr_t)packet, 0, 0 };
	memcpy(block->transmit.frame, buffers, 2 * sizeof *buffers);
	memmove(buffers, buffers + 2, (MostBuffers - 1) * sizeof *buffers);
	return block;
}

// The first two buffers' descriptors stand behind the block (6.4.2.5, extended TCB).
static void check_extended(void)
{
	static const char name[] = "extended: two descriptors behind the block, the others in the array";
	if (!is_82558) {
		report_skip(name, "an 82557 has no extended blocks");
		return;
	}
	tested.configuration[6] &= (uint8_t)~C6_STANDARD_TCB;
	bool all = set_configuration(&tested);
	for (unsigned count = 1; count <= 6 && all; count++) {
		all = arrives(make_extended(400 + count, count, count), 400 + count, count);
	}
	report(name, all);
	if (!qemu_departs("extended: EL in the first ends the frame", "goes on in the array all the same")) {
		struct block *block = make_extended(400, 4, 7);
		struct eepro100_buffer *first = (struct eepro100_buffer *)block->transmit.frame;
		first->el = 1;
		report("extended: EL in the first ends the frame", arrives(block, first->size, 7));
	}
	tested.configuration[6] |= C6_STANDARD_TCB;
	(void)set_configuration(&tested);
}

// A list of frames leaves in order, among other commands.
static void check_list(void)
{
	(void)start_receiving(&peer, Frames, NIC_LONGEST_FRAME + 6);
	for (unsigned i = 0; i < 20; i++) {
		struct block *block = make_block(&tested, i, (i % 3 == 2 ? CB_NOP : CB_TRANSMIT) | (i == 19 ? CB_EL : 0));
		block->transmit.buffers = (uint32_t)TCB_NO_BUFFERS;
		block->transmit.count = (uint16_t)((100 + i) | TCB_EOF);
		block->transmit.threshold = 0xE0;
		block->transmit.buffer_count = 0;
		make_packet(block->transmit.frame, peer.address, &tested, 100 + i, i);
	}
	// QEMU's model puts an end to a list after 16 blocks; a list is taken up again where it was.
	bool all = start_list(&tested, 0) && eepro100_wait(&tested.blocks[15].head);
	if ((READ_ONCE(tested.blocks[19].head.status) & CB_C) == 0 && qemu_departs("a list of 20", "stops behind 16 blocks")) {
		all = start_list(&tested, 16);
	}
	all = all && eepro100_wait(&tested.blocks[19].head);
	for (unsigned i = 0; i < 20 && all; i++) {
		all = i % 3 == 2 || receives_packet(&peer, 100 + i, i);
	}
	report("a list of frames leaves in order", all && comes_to(&tested, CU_IS_IDLE));
}

void check_transmit(void)
{
	begin(&tested);
	begin(&peer);
	(void)start_receiving(&peer, 4, NIC_LONGEST_FRAME + 6);
	check_simplified();
	check_flexible();
	check_extended();
	check_list();
	begin(&tested);
	begin(&peer);
}
