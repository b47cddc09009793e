#include "crc.h"

struct table { bool filled; uint32_t of[256]; };

static uint32_t add(struct table *table, uint32_t polynomial, uint32_t crc, const uint8_t *data, size_t count)
{
	for (unsigned byte = 0; !table->filled && byte < 256; byte++) {
		uint32_t value = byte;
		for (unsigned bit = 0; bit < 8; bit++) {
			value = value >> 1 ^ ((value & 1) != 0 ? polynomial : 0);
		}
		table->of[byte] = value;
	}
	table->filled = true;
	while (count-- != 0) {
		crc = crc >> 8 ^ table->of[(crc ^ *data++) & 0xFF];
	}
	return crc;
}

uint32_t crc32(uint32_t before, const void *data, size_t count)
{
	static struct table table;
	return ~add(&table, 0xEDB88320, ~before, data, count); // both polynomials with their bits reversed
}

uint32_t crc32c(uint32_t before, const void *data, size_t count)
{
	static struct table table;
	return add(&table, 0x82F63B78, before, data, count);
}
