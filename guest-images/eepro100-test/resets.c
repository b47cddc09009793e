// Resets by PORT: what they leave, and under load.
#include "parts.h"

enum { Whole = NIC_LONGEST_FRAME + 6, Rounds = 20 };

static const uint8_t stranger[] = { 0x02, 0x00, 0x00, 0x12, 0x34, 0x56 };

static bool is_clear(void)
{
	return eepro100_read32(&tested.chip, 0) == 0 && eepro100_read32(&tested.chip, E100_POINTER) == 0;
}

static bool takes_strangers(void)
{
	(void)eepro100_command_now(&tested.chip, CU_LOAD_BASE, NULL);
	(void)eepro100_command_now(&tested.chip, RU_LOAD_BASE, NULL);
	(void)start_receiving(&tested, 4, Whole);
	(void)send_packet(&peer, stranger, 60, 1);
	(void)send_packet(&peer, (const uint8_t[]){ 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, 60, 2);
	const struct frame_area *frame = receive(&tested);
	return frame != NULL && seed_of(frame->data) == 1;
}

static void check_what_is_left(void)
{
	tested.configuration[15] |= C15_PROMISCUOUS;
	(void)set_configuration(&tested);
	eepro100_write32(&tested.chip, E100_POINTER, 0x1234);
	eepro100_port(&tested.chip, PORT_SELECTIVE_RESET, NULL);
	report("selective reset: the registers are clear, nothing is masked", is_clear());
	eepro100_write8(&tested.chip, E100_MASK, MASK_ALL);
	report("selective reset: the configuration stays", takes_strangers());
	eepro100_port(&tested.chip, PORT_RESET, NULL);
	report("software reset: the registers are clear, nothing is masked", is_clear());
	eepro100_write8(&tested.chip, E100_MASK, MASK_ALL);
	if (!qemu_departs("software reset: the configuration goes", "keeps it (6.4.2.3)")) {
		report("software reset: the configuration goes", !takes_strangers());
	}
	begin(&tested);
}

static uint32_t sum_of_frames(void)
{
	uint32_t sum = 0;
	for (const volatile uint32_t *word = (const volatile uint32_t *)tested.frames; word < (const volatile uint32_t *)(tested.frames + Frames); word++) {
		sum = sum * 31 + *word;
	}
	return sum;
}

static void start_sending(struct station *station, const uint8_t *destination, uint16_t last)
{
	for (unsigned i = 0; i < Blocks; i++) {
		struct block *block = make_block(station, i, CB_TRANSMIT | (i == Blocks - 1 ? last : 0));
		block->transmit.buffers = (uint32_t)TCB_NO_BUFFERS;
		block->transmit.count = (60 + 40) | TCB_EOF;
		block->transmit.threshold = 0xE0;
		block->transmit.buffer_count = 0;
		make_packet(block->transmit.frame, destination, station, 100, i);
	}
	(void)start_list(station, 0);
}

// It sends without end and receives; the reset comes in the middle. Nothing is written after it, and it can be used again.
static void check_under_load(void)
{
	bool silent = true, clear = true, works = true;
	for (unsigned round = 0; round < Rounds && silent && clear && works; round++) {
		works = begin(&tested) && begin(&peer);
		(void)start_receiving(&tested, Frames, Whole);
		start_sending(&peer, tested.address, CB_EL);
		start_sending(&tested, peer.address, 0);
		delay_us(round * 7 % 60);
		eepro100_port(&tested.chip, round % 2 == 0 ? PORT_RESET : PORT_SELECTIVE_RESET, NULL);
		clear = is_clear();
		uint32_t sum = sum_of_frames();
		for (unsigned i = 0; i < Blocks; i++) {
			tested.blocks[i].head.status = 0;
		}
		settle();
		silent = sum == sum_of_frames();
		for (unsigned i = 0; i < Blocks; i++) {
			silent = silent && tested.blocks[i].head.status == 0;
		}
		works = works && begin(&tested) && begin(&peer) && start_receiving(&tested, Frames, Whole) && send_packet(&peer, tested.address, 90, 1000 + round) && receives_at_last(1000 + round);
	}
	report("reset under load, 20 times: the registers are clear", clear);
	report("nothing is written after it", silent);
	report("and it works again", works);
}

void check_resets(void)
{
	begin(&tested);
	begin(&peer);
	check_what_is_left();
	check_under_load();
	begin(&tested);
	begin(&peer);
}
