// The EEPROM, a 93C46 of 64 words behind 9346CR, bit by bit.
#include "parts.h"

enum { Read = 2, Write = 1, Extended = 0, EnableWrites = 0x30, DisableWrites = 0x00 };
enum { ValidId = 0x8129, IdWord = 0, AddressWord = 7, ScratchWord = 0x3F };

static void pins(uint8_t value)
{
	rtl8139_write8(device, RTL_9346CR, RTL_EEM_PROGRAM | value);
	(void)rtl8139_read8(device, RTL_9346CR);
}

static void shift_out(uint32_t bits, unsigned count)
{
	for (unsigned i = count; i-- != 0;) {
		uint8_t data = (bits >> i & 1) != 0 ? RTL_EEDI : 0;
		pins(RTL_EECS | data);
		pins(RTL_EECS | data | RTL_EESK);
	}
	pins(RTL_EECS);
}

// The start bit, two of the command, six of the address.
static void command(unsigned code, unsigned address)
{
	pins(0);
	pins(RTL_EECS);
	shift_out(1u << 8 | code << 6 | address, 9);
}

static uint16_t read_word(unsigned address)
{
	uint16_t value = 0;
	command(Read, address);
	for (unsigned i = 0; i < 16; i++) {
		pins(RTL_EECS | RTL_EESK);
		value = (uint16_t)(value << 1 | (rtl8139_read8(device, RTL_9346CR) & RTL_EEDO));
		pins(RTL_EECS);
	}
	pins(0);
	return value;
}

static bool write_word(unsigned address, uint16_t value)
{
	command(Write, address);
	shift_out(value, 16);
	pins(0);
	pins(RTL_EECS); // it holds its pin down until it is done
	bool done = within_deadline((rtl8139_read8(device, RTL_9346CR) & RTL_EEDO) != 0);
	pins(0);
	return done;
}

void check_eeprom(void)
{
	report_equal("EEPROM: the first word tells that it is valid", read_word(IdWord), ValidId);
	bool same = true;
	for (unsigned i = 0; i < 3; i++) {
		same = same && read_word(AddressWord + i) == (uint16_t)(dut.address[i * 2] | dut.address[i * 2 + 1] << 8);
	}
	report("EEPROM: the address", same);

	if (on_qemu()) {
		report_skip("EEPROM: writing", "QEMU's can only be read");
	} else {
		uint16_t before = read_word(ScratchWord), other = before ^ 0xFFFF;
		command(Extended, DisableWrites);
		pins(0);
		write_word(ScratchWord, other);
		bool kept = read_word(ScratchWord) == before;
		command(Extended, EnableWrites);
		pins(0);
		bool written = write_word(ScratchWord, other) && read_word(ScratchWord) == other;
		written = write_word(ScratchWord, before) && read_word(ScratchWord) == before && written;
		command(Extended, DisableWrites);
		pins(0);
		report("EEPROM: writing", kept && written);
	}
	rtl8139_write8(device, RTL_9346CR, 0);
	uint8_t address[NIC_ADDRESS];
	rtl8139_station(device, address);
	report("EEPROM: the address stays where it was loaded to", memcmp(address, dut.address, sizeof address) == 0);
}
