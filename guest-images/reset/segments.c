// Addresses in real mode: segment times 16 plus a 16-bit offset that wraps.
#include "reset.h"

static uint8_t peek(uint16_t segment, uint16_t offset)
{
	uint8_t value;
	__asm__ volatile("movw %1, %%fs\n\tmovb %%fs:(%%bx), %0" : "=q"(value) : "r"(segment), "b"(offset) : "memory");
	return value;
}

static void poke(uint16_t segment, uint16_t offset, uint8_t value)
{
	__asm__ volatile("movw %0, %%fs\n\tmovb %1, %%fs:(%%bx)" : : "r"(segment), "q"(value), "b"(offset) : "memory");
}

void check_segments(void)
{
	uint16_t cs, ss;
	uint32_t cr0;
	__asm__("movw %%cs, %0\n\tmovw %%ss, %1" : "=r"(cs), "=r"(ss));
	__asm__("movl %%cr0, %0" : "=r"(cr0));
	report_equal("real: CS is where we jumped", cs, 0x1000);
	report_equal("real: SS is what we loaded", ss, 0x1000);
	report_equal("real: protection and paging are off", cr0 & 0x80000001, 0);

	poke(0x2000, 0x0000, 0x11);
	poke(0x2000, 0xFFFF, 0x22);
	report_equal("real: segments overlap every 16 bytes", peek(0x1FFF, 0x0010), 0x11);
	report_equal("real: and far ahead", peek(0x2FFF, 0x000F), 0x22);

	uint8_t wrapped;
	uint16_t address;
	__asm__ volatile("movw %2, %%fs\n\tmovb %%fs:(%%bx, %%si), %0\n\tleaw 8(%%bx, %%si), %1"
					 : "=&q"(wrapped), "=&r"(address) : "r"((uint16_t)0x2000), "b"((uint16_t)0xFFFD), "S"((uint16_t)3) : "memory");
	report_equal("real: a 16-bit address wraps within its segment", wrapped, 0x11);
	report_equal("real: LEA wraps too", address, 8);

	// LODSB at the end of a segment goes on at its beginning.
	uint16_t bytes;
	uint32_t si = 0xFFFF;
	__asm__ volatile("pushw %%ds\n\tmovw %2, %%ds\n\tlodsb\n\tmovb %%al, %%ah\n\tlodsb\n\tpopw %%ds"
					 : "=&a"(bytes), "+S"(si) : "r"((uint16_t)0x2000) : "memory");
	report_equal("real: LODSB wraps SI", bytes, 0x2211);
	report_equal("real: and leaves it behind the second byte", si & 0xFFFF, 1);

	// A push at SP 0 goes to FFFE. Interrupts are off, and the stack is only away for these few instructions.
	uint16_t sp;
	__asm__ volatile("movw %%ss, %%cx\n\tmovl %%esp, %%edx\n\tmovw %1, %%ss\n\tmovw $0, %%sp\n\tpushw $0x1234\n\t"
					 "movw %%sp, %%ax\n\tmovw %%cx, %%ss\n\tmovl %%edx, %%esp"
					 : "=&a"(sp) : "b"((uint16_t)0x2000) : "ecx", "edx", "memory");
	report_equal("real: a push at SP 0 wraps to FFFE", sp, 0xFFFE);
	report_equal("real: and stores there", peek(0x2000, 0xFFFE) | peek(0x2000, 0xFFFF) << 8, 0x1234);

	uint16_t far_cs;
	__asm__ volatile("pushw %%cs\n\tpushw $2f\n\tljmp $0x0F00, $1f + 0x1000\n1:\tmovw %%cs, %%ax\n\tlretw\n2:" : "=a"(far_cs) : : "memory");
	report_equal("real: the same code runs under another CS", far_cs, 0x0F00);

	uint8_t saved = peek(0x0000, 0x0600);
	poke(0x0000, 0x0600, 0x33);
	poke(0xFFFF, 0x0610, 0x44);
	report_equal("real: with A20 on, FFFF:0610 is not 0000:0600", peek(0x0000, 0x0600), 0x33);
	report_equal("real: but above 1 MiB", peek(0xFFFF, 0x0610), 0x44);
	poke(0x0000, 0x0600, saved);

	report_equal("rom: the jump at the reset vector is below 1 MiB too", peek(0xF000, 0xFFF0), 0xEA);
	poke(0xF000, 0xFFF0, 0x00);
	report_equal("rom: and cannot be written", peek(0xF000, 0xFFF0), 0xEA);
}
