// Frames whose words tell which frame they are of.
#include "load.h"

enum { Poisoned = 0x80, Types = 0x88B5 };

static uint32_t crc_table[256];
static uint8_t header[Header];

void frame_setup(const uint8_t *destination, const uint8_t *source)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t value = i;
		for (unsigned bit = 0; bit < 8; bit++) {
			value = value >> 1 ^ ((value & 1) != 0 ? 0xEDB88320 : 0);
		}
		crc_table[i] = value;
	}
	memcpy(header, destination, NIC_ADDRESS);
	memcpy(header + 6, source, NIC_ADDRESS);
	header[12] = Types >> 8;
	header[13] = Types & 0xFF;
}

// The number above, below it the place.
static uint32_t word_of(uint32_t number, unsigned offset)
{
	return number << 8 | (offset / 4 & 0x7F);
}

void frame_fill(uint8_t *to, uint32_t number)
{
	unsigned length = frame_length(number);
	memcpy(to, header, Header);
	for (unsigned at = Header; at < length; at += 4) {
		*(volatile uint32_t *)(to + at) = word_of(number, at);
	}
}

void frame_poison(uint8_t *buffer, uint32_t number, unsigned from, unsigned to)
{
	for (unsigned at = from < Header ? Header : from; at < to; at += 4) {
		*(volatile uint32_t *)(buffer + at) = word_of(number, at) | Poisoned;
	}
}

static enum verdict judge_word(uint32_t word, uint32_t number, unsigned offset)
{
	uint32_t whose = word >> 8;
	return word == word_of(number, offset) ? Whole
		   : (word & 0x7F) != (offset / 4 & 0x7F) ? Garbled
		   : whose > number || (whose == number && (word & Poisoned) != 0) ? TooNew
		   : TooOld;
}

enum verdict frame_judge(const struct view *view, uint32_t number, unsigned length, uint32_t *detail)
{
	enum verdict verdict = Whole;
	uint32_t crc = UINT32_MAX;
	for (unsigned at = 0; at < length; at += 4) {
		uint32_t word = *view_word(view, at);
		crc ^= word;
		for (unsigned i = 0; i < 4; i++) {
			crc = crc >> 8 ^ crc_table[crc & 0xFF];
		}
		if (at >= Header && verdict == Whole && (verdict = judge_word(word, number, at)) != Whole) {
			*detail = word;
		}
	}
	return ~crc != *view_word(view, length) ? Incomplete : verdict;
}

void view_clear(const struct view *view, unsigned count)
{
	for (unsigned at = 0; at < count; at += 4) {
		*view_word(view, at) = 0;
	}
}
