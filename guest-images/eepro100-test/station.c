// One controller as the checks use it: a list of blocks, a ring of frames, packets whose content is known.
#include "parts.h"

enum { Overhead = 18 }; // of a packet: addresses, a type, the seed

bool begin(struct station *station)
{
	eepro100_reset(&station->chip);
	memcpy(station->configuration, eepro100_configuration, sizeof station->configuration);
	bool done = eepro100_command_now(&station->chip, CU_LOAD_BASE, NULL) && eepro100_command_now(&station->chip, RU_LOAD_BASE, NULL)
				&& set_configuration(station) && perform(station, CB_ADDRESS, station->address, NIC_ADDRESS);
	(void)take_causes(station);
	return done;
}

bool set_configuration(struct station *station)
{
	return perform(station, CB_CONFIGURE, station->configuration, sizeof station->configuration);
}

struct block *make_block(struct station *station, unsigned index, uint16_t command)
{
	struct block *block = &station->blocks[index];
	block->head = (struct eepro100_block){ .command = command, .link = (uint32_t)(uintptr_t)&station->blocks[(index + 1) % Blocks] };
	return block;
}

bool start_list(struct station *station, unsigned index)
{
	return eepro100_command(&station->chip, CU_START, &station->blocks[index]);
}

bool perform(struct station *station, uint16_t command, const void *parameters, unsigned size)
{
	struct block *block = make_block(station, 0, command | CB_EL);
	memcpy(block->bytes, parameters, size);
	return start_list(station, 0) && eepro100_wait(&block->head) && block->head.status == (CB_C | CB_OK) && comes_to(station, CU_IS_IDLE);
}

bool comes_to(struct station *station, enum eepro100_command_unit state)
{
	return within_deadline(E100_CUS(eepro100_read8(&station->chip, E100_STATUS)) == state);
}

bool receiver_comes_to(struct station *station, enum eepro100_receive_unit state)
{
	return within_deadline(E100_RUS(eepro100_read8(&station->chip, E100_STATUS)) == state);
}

void settle(void)
{
	delay_us(20000); // no event says that a frame is lost; a busy host may not have run the hub's thread for some milliseconds
}

uint8_t take_causes(struct station *station)
{
	uint8_t causes = eepro100_read8(&station->chip, E100_ACKNOWLEDGE);
	eepro100_write8(&station->chip, E100_ACKNOWLEDGE, causes);
	return causes;
}

void make_frame(struct station *station, unsigned index, uint16_t command, unsigned size)
{
	struct frame_area *frame = &station->frames[index];
	memset(frame->data, 0xA5, sizeof frame->data);
	frame->head = (struct eepro100_receive){
		.head = { .command = command, .link = (uint32_t)(uintptr_t)&station->frames[(index + 1) % station->frame_count] },
		.buffers = UINT32_MAX,
		.size = (uint16_t)size,
	};
}

bool start_receiving(struct station *station, unsigned count, unsigned size)
{
	station->frame_count = count;
	station->next = 0;
	for (unsigned i = 0; i < count; i++) {
		make_frame(station, i, i == count - 1 ? RFD_EL : 0, size);
	}
	return eepro100_command_now(&station->chip, RU_START, station->frames);
}

struct frame_area *receive(struct station *station)
{
	struct frame_area *frame = &station->frames[station->next];
	bool came = within_deadline((READ_ONCE(frame->head.head.status) & RFD_C) != 0);
	dma_rmb(); // pairs with the controller's: frame, count, status
	return came ? frame : NULL;
}

void give_back(struct station *station)
{
	unsigned before = (station->next + station->frame_count - 1) % station->frame_count;
	make_frame(station, station->next, RFD_EL, station->frames[station->next].head.size);
	dma_wmb(); // it is empty and ends the list before the one in front of it no longer does
	if (before != station->next) {
		WRITE_ONCE(station->frames[before].head.head.command, 0);
	}
	station->next = (station->next + 1) % station->frame_count;
}

void make_packet(void *packet, const uint8_t *destination, const struct station *from, unsigned length, uint32_t seed)
{
	uint8_t *bytes = packet;
	memcpy(bytes, destination, NIC_ADDRESS);
	memcpy(bytes + 6, from->address, NIC_ADDRESS);
	bytes[12] = 0x88; // a type for experiments (IEEE 802, 88B5)
	bytes[13] = 0xB5;
	for (unsigned i = 14; i < length; i++) {
		bytes[i] = i < Overhead ? (uint8_t)(seed >> (i - 14) * 8) : (uint8_t)(seed * 31 + i * 7 + (i >> 8));
	}
}

uint32_t seed_of(const void *data)
{
	uint32_t seed;
	memcpy(&seed, (const uint8_t *)data + 14, sizeof seed);
	return seed;
}

bool is_packet(const void *data, unsigned length, uint32_t seed)
{
	const uint8_t *bytes = data;
	for (unsigned i = 14; i < length; i++) {
		if (bytes[i] != (i < Overhead ? (uint8_t)(seed >> (i - 14) * 8) : (uint8_t)(seed * 31 + i * 7 + (i >> 8)))) {
			return false;
		}
	}
	return bytes[12] == 0x88 && bytes[13] == 0xB5;
}

bool send_packet(struct station *station, const uint8_t *destination, unsigned length, uint32_t seed)
{
	struct block *block = make_block(station, 0, CB_TRANSMIT | CB_EL);
	block->transmit.buffers = (uint32_t)TCB_NO_BUFFERS;
	block->transmit.count = (uint16_t)(length | TCB_EOF);
	block->transmit.threshold = 0xE0;
	block->transmit.buffer_count = 0;
	make_packet(block->transmit.frame, destination, station, length, seed);
	return start_list(station, 0) && eepro100_wait(&block->head) && (block->head.status & CB_OK) != 0 && comes_to(station, CU_IS_IDLE);
}

bool receives_packet(struct station *station, unsigned length, uint32_t seed)
{
	struct frame_area *frame = receive(station);
	if (frame == NULL) {
		return false;
	}
	bool whole = (frame->head.head.status & RFD_OK) != 0 && (frame->head.count & RFD_COUNT) == length && is_packet(frame->data, length, seed);
	give_back(station);
	return whole;
}

// The frame check sequence's polynomial, the most significant bit first: what the multicast hash is made of too.
uint32_t crc_of(const uint8_t *bytes, unsigned count)
{
	uint32_t crc = UINT32_MAX;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			crc = crc << 1 ^ ((crc >> 31 ^ bytes[i] >> bit) & 1 ? 0x04C11DB7 : 0);
		}
	}
	return crc;
}

bool receives_at_last(uint32_t seed)
{
	for (unsigned i = 0; i < 4 * Blocks; i++) {
		const struct eepro100_block *head = &tested.frames[tested.next].head.head;
		(void)within_deadline((READ_ONCE(head->status) & RFD_C) != 0 || E100_RUS(eepro100_read8(&tested.chip, E100_STATUS)) == RU_IS_WITHOUT_RESOURCES);
		rmb(); // it stops behind its last frame: if that is this one, it has come by now
		if ((READ_ONCE(head->status) & RFD_C) == 0) {
			(void)eepro100_command_now(&tested.chip, RU_START, head);
		}
		const struct frame_area *frame = receive(&tested);
		if (frame == NULL) {
			return false;
		}
		bool this_one = seed_of(frame->data) == seed;
		give_back(&tested);
		if (this_one) {
			return true;
		}
	}
	return false;
}

bool begin_alone(void)
{
	enum { Marker = 999, Whole = NIC_LONGEST_FRAME + 6 };
	return begin(&tested) && start_receiving(&tested, 4, Whole) && send_packet(&peer, tested.address, 60, Marker) && receives_at_last(Marker) &&
		   begin(&tested);
}
