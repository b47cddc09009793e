// Interrupts in real mode: a table of far pointers at address 0, a frame of FLAGS, CS and IP, no error codes.
#include "reset.h"

extern const char stubs[];
extern volatile uint16_t caught, caught_ip, caught_cs, caught_flags, caught_count, flags_inside, resume;

static void set_vector(uint8_t vector)
{
	__asm__ volatile("movw %w0, %%fs\n\tmovw %w1, %%fs:(%%bx)\n\tmovw %%cs, %%fs:2(%%bx)"
					 : : "r"(0), "r"((uint16_t)((uintptr_t)stubs + vector * 8u)), "b"((uint16_t)(vector * 4u)) : "memory");
}

// Runs an instruction that raises something. `start` is where it begins, `end` where the next one does; a handler
// always goes on at the latter.
#define RAISE(instruction, ...)                                                                              \
	do {                                                                                                     \
		caught = 0xFFFF;                                                                                     \
		__asm__ volatile("movw $772f, resume\n\tmovw $771f, %0\n\tmovw $772f, %1\n"                          \
						 "771:\t" instruction "\n772:\tmovw $0, resume"                                      \
						 : "=m"(start), "=m"(end) : __VA_ARGS__ : "eax", "edx", "cc", "memory");             \
	} while (0)

static uint16_t start, end;

static void check_exceptions(void)
{
	RAISE("movw $1, %%ax; xorw %%dx, %%dx; xorw %%cx, %%cx; 773: divw %%cx", "c"(0));
	report_equal("ivt: a division by zero is interrupt 0", caught, 0);
	report_equal("ivt: with the address of the instruction", caught_ip, end - 2);

	RAISE("aam $0", "c"(0));
	report_equal("ivt: AAM of base 0 is too", caught, 0);

	RAISE("int3", "c"(0));
	report_equal("ivt: INT3 is interrupt 3", caught, 3);
	report_equal("ivt: with the address of the next instruction", caught_ip, end);

	RAISE("movb $0x7F, %%al; addb $1, %%al; into", "c"(0));
	report_equal("ivt: INTO after an overflow is interrupt 4", caught, 4);
	RAISE("xorb %%al, %%al; into", "c"(0));
	report_equal("ivt: INTO without one is nothing", caught, 0xFFFF);

	static const int16_t bounds[2] = { -5, 10 };
	RAISE("boundw %%cx, %3", "c"(11), "m"(bounds));
	report_equal("ivt: BOUND above its bounds is interrupt 5", caught, 5);
	report_equal("ivt: with the address of BOUND", caught_ip, start);
	RAISE("boundw %%cx, %3", "c"(-5), "m"(bounds));
	report_equal("ivt: BOUND within them is nothing", caught, 0xFFFF);

	RAISE("ud2", "c"(0));
	report_equal("ivt: an undefined instruction is interrupt 6", caught, 6);
	report_equal("ivt: with its address", caught_ip, start);
	RAISE("ltrw %%cx", "c"(0));
	report_equal("ivt: LTR is undefined in real mode", caught, 6);

	RAISE("pushfw; orw $0x100, (%%esp); popfw; nop", "c"(0));
	report_equal("ivt: the trap flag is interrupt 1", caught, 1);
	report_equal("ivt: after the next instruction", caught_ip, end);
	report("ivt: with TF in the flags it pushed, and not set inside", (caught_flags & FLAG_TF) != 0 && (flags_inside & FLAG_TF) == 0);
}

static void check_software(void)
{
	uint32_t before, after;
	__asm__ volatile("movl %%esp, %0" : "=r"(before));
	RAISE("sti; stc; int $0x42; cli", "c"(0));
	__asm__ volatile("movl %%esp, %0" : "=r"(after));
	report_equal("ivt: INT 42h goes through its vector", caught, 0x42);
	report_equal("ivt: the frame has our CS", caught_cs, 0x1000);
	report("ivt: and our flags", (caught_flags & (FLAG_IF | FLAG_CF)) == (FLAG_IF | FLAG_CF));
	report_equal("ivt: IF is clear inside", flags_inside & FLAG_IF, 0);
	report_equal("ivt: IRET leaves the stack as it was", after, before);
	cli();
}

// Stores to any address: protected mode gives FS a limit of 4 GiB, which it keeps back in real mode ("unreal mode").
static void store_anywhere(uint32_t address, uint32_t value)
{
	static const uint64_t table[2] = { 0, 0x00CF92000000FFFF };
	struct __attribute__((packed)) { uint16_t limit; uint32_t base; } pointer = { sizeof table - 1, 0x10000 + (uintptr_t)table };
	__asm__ volatile("lgdtl %0\n\tmovl %%cr0, %%eax\n\torl $1, %%eax\n\tmovl %%eax, %%cr0\n\tmovw $8, %%dx\n\tmovw %%dx, %%fs\n\t"
					 "andl $~1, %%eax\n\tmovl %%eax, %%cr0\n\tmovl %2, %%fs:(%1)\n\tmovw %%cs, %%dx\n\tmovw %%dx, %%fs"
					 : : "m"(pointer), "r"(address), "r"(value) : "eax", "edx", "memory");
}

// After reset a local APIC stands between the PIC and the processor with LINT0 masked. Firmware sets up "virtual
// wire" mode, where it lets through what the PIC sends (SDM volume 3, 11.5.1): enabled, LINT0 as ExtINT.
static void set_up_local_apic(void)
{
	if ((cpuid(1, 0).edx & 1u << 9) != 0) {
		store_anywhere(0xFEE000F0, 0x1FF);
		store_anywhere(0xFEE00350, 0x700);
	}
}

static void check_hardware(void)
{
	set_up_local_apic();
	out8(0x20, 0x11); // the PICs to 0x20 and 0x28, only IRQ 0 open
	out8(0xA0, 0x11);
	out8(0x21, 0x20);
	out8(0xA1, 0x28);
	out8(0x21, 0x04);
	out8(0xA1, 0x02);
	out8(0x21, 0x01);
	out8(0xA1, 0x01);
	out8(0x21, 0xFE);
	out8(0xA1, 0xFF);
	out8(0x43, 0x34); // channel 0, mode 2, 100 Hz
	out8(0x40, (uint8_t)11932);
	out8(0x40, 11932 >> 8);
	resume = 0;
	caught = 0xFFFF;
	caught_count = 0;
	while (caught_count < 3) {
		sti_hlt();
		cli();
	}
	out8(0x21, 0xFF);
	report_equal("ivt: ticks of the PIT wake HLT and come by vector 20h", caught, 0x20);
}

void check_interrupts(void)
{
	for (unsigned vector = 0; vector < 0x30; vector++) {
		set_vector((uint8_t)vector);
	}
	set_vector(0x42);
	check_exceptions();
	check_software();
	check_hardware();

	// The table is where IDTR says, also in real mode.
	static uint8_t table[0x43 * 4] __attribute__((aligned(4)));
	struct __attribute__((packed)) { uint16_t limit; uint32_t base; } moved = { sizeof table - 1, 0x10000 + (uintptr_t)table },
																	  usual = { 0x3FF, 0 };
	*(uint16_t *)(table + 0x42 * 4) = (uint16_t)((uintptr_t)stubs + 0x42 * 8);
	*(uint16_t *)(table + 0x42 * 4 + 2) = 0x1000;
	caught_count = 0;
	resume = 0;
	__asm__ volatile("lidtl %0\n\tint $0x42\n\tlidtl %1" : : "m"(moved), "m"(usual) : "memory");
	report_equal("ivt: LIDT moves it", caught_count, 1);
}
