// The runtime itself, and what a Multiboot loader passes: command line, modules, memory map.
//
// Run with -append "one two=2 three=0x30" -initrd first.txt,second.txt.
#include "guest.h"

static void check_printf(void)
{
	static const struct { const char *format; long long value; const char *expected; } numbers[] = {
		{ "%lld", -42, "-42" }, { "%5lld|", 42, "   42|" }, { "%-5lld|", 42, "42   |" }, { "%05lld", -42, "-0042" },
		{ "%llx", 0x123456789abcdef0, "123456789abcdef0" }, { "%08llX", 0xBEEF, "0000BEEF" },
		{ "%llu", -1, "18446744073709551615" }, { "%lld", INT64_MIN, "-9223372036854775808" }, { "%llu", 0, "0" },
	};
	char text[64];
	bool good = true;
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof text, numbers[i].format, numbers[i].value);
#pragma GCC diagnostic pop
		good &= strcmp(text, numbers[i].expected) == 0;
	}
	report("printf: numbers", good);
	int length = snprintf(text, 8, "%s-%c-%%-%s", "long", 'x', "enough");
	report("printf: what does not fit is cut off and counted", length == 15 && strcmp(text, "long-x-") == 0);
}

static void check_faults(void)
{
	uint32_t value = 7;
	__asm__ volatile(TRY("movl $8, %0") : "=r"(value) : : "memory");
	report("faults: none is caught where there is none", last_fault.vector == -1 && value == 8);
	__asm__ volatile(TRY("ud2") : : : "memory");
	report_equal("faults: #UD is caught", (uint32_t)last_fault.vector, UD);
	__asm__ volatile(TRY("int3") : : : "memory");
	report_equal("faults: #BP is caught", (uint32_t)last_fault.vector, BP);
	__asm__ volatile(TRY("movw %w0, %%fs") : : "r"(0xFFF8) : "memory");
	report("faults: #GP is caught, with its error code", last_fault.vector == GP && last_fault.error == 0xFFF8);
#ifdef __x86_64__
	__asm__ volatile(TRY("movl (%0), %%eax") : : "r"(0x123456789AB8) : "eax", "memory");
	report("faults: #PF is caught, with its address", last_fault.vector == PF && last_fault.address == 0x123456789AB8);
#endif
}

static volatile unsigned came;
static volatile reg_t came_error;

static void note(struct frame *frame)
{
	came = (unsigned)frame->vector;
	came_error = frame->error;
	frame->ax = 0x55;
}

static void check_interrupts(void)
{
	static const uint8_t vectors[] = { 0, 3, 8, 13, 14, 31, 0x21, 0x80, 0xFF };
	bool good = true;
	for (unsigned i = 0; i < sizeof vectors; i++) {
		vector_handle(vectors[i], note);
		came = 0x100;
		came_error = 1;
		software_interrupt(vectors[i]);
		good &= came == vectors[i] && came_error == 0;
		vector_handle(vectors[i], NULL);
	}
	report("interrupts: INT n reaches its handler, without an error code", good);
	vector_handle(0x77, note);
	reg_t ax = 1;
	__asm__ volatile("int $0x77" : "+a"(ax) : : "memory");
	report_equal("interrupts: a handler can change registers", ax, 0x55);
}

static void check_timing(void)
{
	uint64_t begin = rdtsc();
	delay_us(10000);
	uint64_t us = tsc_to_us(rdtsc() - begin);
	report("timing: a delay of 10 ms is not a short one", us >= 5000);
	struct date_time t = cmos_time();
	report("timing: the clock has a date", t.year >= 2000 && t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 && t.hour < 24);
}

static bool module_is(unsigned index, const char *contents)
{
	const struct multiboot_module *module = multiboot_module(index);
	return module != NULL && module->end - module->start == strlen(contents)
		   && memcmp((const void *)(uintptr_t)module->start, contents, strlen(contents)) == 0;
}

static void check_loader(void)
{
	if (!report("loader: it is a Multiboot loader", multiboot != NULL)) {
		return;
	}
	report_equal("loader: an option in decimal", multiboot_option("two", 0), 2);
	report_equal("loader: an option in hexadecimal", multiboot_option("three", 0), 0x30);
	report_equal("loader: an option that is not there", multiboot_option("four", 44), 44);

	report("loader: the first module", module_is(0, "The first module.\n"));
	report("loader: the second module", module_is(1, "second"));
	report("loader: there is no third", multiboot_module(2) == NULL);
	const struct multiboot_module *module = multiboot_module(0);
	report("loader: modules start on a page", module != NULL && (module->start & 0xFFF) == 0);
	extern char image_end[];
	report("loader: and behind the image", module != NULL && module->start >= (uintptr_t)image_end);

	bool ours = false, vga = false;
	uint64_t above = 0;
	for (const struct multiboot_memory *m = NULL; (m = multiboot_next_memory(m)) != NULL;) {
		uint64_t last = m->base + m->length - 1;
		if (m->type == 1) {
			ours |= m->base <= 0x100000 && last >= (uintptr_t)image_end - 1;
			vga |= m->base < 0x100000 && last >= 0xA0000;
			above += m->base >= 0x100000 ? m->length : 0;
		}
	}
	report("loader: the memory map has where we are", ours);
	report("loader: and not the video memory", !vga);
	report("loader: lower memory is 512 to 640 KiB", multiboot->mem_lower >= 512 && multiboot->mem_lower <= 640);
	report("loader: upper memory agrees with the map", ((uint64_t)multiboot->mem_upper << 10) <= above
														   && above <= ((uint64_t)multiboot->mem_upper << 10) + (1 << 20));
}

#ifndef __x86_64__
// AX += BX, DX = CS, ES = F000.
extern const char real_code[], real_code_end[];
__asm__(".pushsection .rodata\n.code16\nreal_code: addl %ebx, %eax\n\tmovw $0xF000, %cx\n\tmovw %cx, %es\n\tmovw %cs, %dx\n\t"
		"int $0x60\n\tlret\nreal_code_end:\n.code32\n.popsection");

static void check_real_mode(void)
{
	// Vector 60h: an IRET at 0000:0600, which sets SI first.
	static const uint8_t handler[] = { 0xBE, 0x34, 0x12, 0xCF };
	memcpy((void *)0x600, handler, sizeof handler);
	*(volatile uint32_t *)(0x60 * 4) = 0x600;
	struct real_registers r = { .eax = 0x10000, .ebx = 0x20002, .esi = 0x56780000, .ds = 0x1234 };
	real_call(real_code, (size_t)(real_code_end - real_code), &r);
	report_equal("real mode: registers go there and come back", r.eax, 0x30002);
	report_equal("real mode: segments too", (uint32_t)r.ds << 16 | r.es, 0x1234F000);
	report_equal("real mode: the code is where it should be", r.edx & 0xFFFF, REAL_CODE_SEGMENT);
	report_equal("real mode: interrupts go through the vector table", r.esi, 0x56781234);
	__asm__ volatile(TRY("ud2") : : : "memory");
	report_equal("real mode: and we are back in our own", (uint32_t)last_fault.vector, UD);
}
#endif

int main(void)
{
	check_printf();
	check_faults();
	check_interrupts();
	check_timing();
	check_loader();
#ifndef __x86_64__
	check_real_mode();
#endif
	return report_summary();
}
