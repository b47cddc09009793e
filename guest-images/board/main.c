// The board of a PC: PCI configuration space (pci.c), the serial port (uart.c), the tables firmware leaves (tables.c),
// power management (power.c), and here the small things: CMOS RAM, the keyboard controller, ports 0x61 and 0x92, ELCR,
// ports where nothing is, the debug console.
#include "board.h"

static void check_cmos_ram(void)
{
	// 0x40 to 0x6F are plain RAM on every machine; what was there is put back.
	bool good = true;
	uint8_t saved[0x30];
	for (unsigned i = 0; i < sizeof saved; i++) {
		saved[i] = cmos_read((uint8_t)(0x40 + i));
		cmos_write((uint8_t)(0x40 + i), (uint8_t)(i * 37 + 11));
	}
	for (unsigned i = 0; i < sizeof saved; i++) {
		good &= cmos_read((uint8_t)(0x40 + i)) == (uint8_t)(i * 37 + 11);
		cmos_write((uint8_t)(0x40 + i), saved[i]);
	}
	report("cmos: RAM keeps what is written", good);

	cmos_write(0x40, 0x5A);
	report_equal("cmos: bit 7 of the index is the NMI mask, not part of the address", cmos_read(0xC0), 0x5A);
	cmos_write(0x40, saved[0]);
}

static bool keyboard_wait(uint8_t mask, uint8_t value)
{
	for (unsigned i = 0; i < 1000000; i++) {
		if ((in8(0x64) & mask) == value) {
			return true;
		}
	}
	return false;
}

static int keyboard_command(uint8_t command)
{
	keyboard_wait(2, 0);
	out8(0x64, command);
	return keyboard_wait(1, 1) ? in8(0x60) : -1;
}

static void check_keyboard_controller(void)
{
	if (in8(0x64) == 0xFF) {
		report_skip("8042", "there is none");
		return;
	}
	while ((in8(0x64) & 1) != 0) {
		in8(0x60); // whatever the firmware left
	}
	report_equal("8042: the self-test answers 0x55", (unsigned)keyboard_command(0xAA), 0x55);
	report_equal("8042: the interface test answers 0", (unsigned)keyboard_command(0xAB), 0);
	int mode = keyboard_command(0x20);
	report("8042: the command byte can be read", mode >= 0);
	keyboard_wait(2, 0);
	out8(0x64, 0x60);
	keyboard_wait(2, 0);
	out8(0x60, (uint8_t)((mode & ~3) | 0x30)); // both interfaces off, no interrupts
	report_equal("8042: and written", (unsigned)keyboard_command(0x20) & 0x33, 0x30);
	keyboard_wait(2, 0);
	out8(0x64, 0x60);
	keyboard_wait(2, 0);
	out8(0x60, (uint8_t)mode);
	report_equal("8042: the output port says A20 and no reset", (unsigned)keyboard_command(0xD0) & 3, 3);
	report("8042: reading empties the output buffer", keyboard_wait(1, 0));
}

static void check_port_92(void)
{
	// Bit 0 would reset, so it is only ever written as 0.
	uint8_t old = in8(0x92) & 0xFE;
	out8(0x92, old | 2);
	report_equal("port 92: A20 is on", in8(0x92) & 3, 2);
	volatile uint32_t *low = (volatile uint32_t *)0x7000, *high = (volatile uint32_t *)0x107000;
	uint32_t saved = *high;
	*low = 0x11111111;
	*high = 0x22222222;
	report("port 92: with it 1 MiB apart is not the same", *low == 0x11111111 && *high == 0x22222222);
	*high = saved;
}

static void check_elcr(void)
{
	uint8_t one = in8(0x4D0), two = in8(0x4D1);
	report_equal("elcr: IRQ 0, 1, 2, 8 and 13 are edge triggered", (one & 0x07) | (two & 0x21), 0);
	out8(0x4D0, 0xFF);
	out8(0x4D1, 0xFF);
	report_equal("elcr: and cannot be made otherwise (0 to 7)", in8(0x4D0), 0xF8);
	report_equal("elcr: and cannot be made otherwise (8 to 15)", in8(0x4D1), 0xDE);
	out8(0x4D0, 0);
	out8(0x4D1, 0);
	report_equal("elcr: all can be edge triggered", in8(0x4D0) | in8(0x4D1), 0);
	out8(0x4D0, one);
	out8(0x4D1, two);
}

static void check_unassigned(void)
{
	report_equal("ports: a byte from nowhere is all ones", in8(0x0310), 0xFF);
	report_equal("ports: a word from nowhere is all ones", in16(0x0310), 0xFFFF);
	report_equal("ports: a doubleword from nowhere is all ones", in32(0x0310), 0xFFFFFFFF);
	out8(0x0310, 0x12);
	out32(0x0310, 0x12345678);
	report_equal("ports: writes to nowhere are lost", in32(0x0310), 0xFFFFFFFF);
}

static void check_debug_console(void)
{
	// isa-debugcon reads as 0xE9, so that a guest can tell.
	if (in8(0xE9) != 0xE9) {
		report_skip("debugcon", "there is none at 0xE9");
		return;
	}
	for (const char *p = "debugcon: hello\n"; *p != 0; p++) {
		out8(0xE9, (uint8_t)*p);
	}
	report("debugcon: is there and takes bytes", true);
}

int main(void)
{
	check_pci();
	check_uart();
	check_cmos_ram();
	check_keyboard_controller();
	check_port_92();
	check_elcr();
	check_unassigned();
	check_debug_console();
	check_tables();
	check_power();
	return report_summary();
}
