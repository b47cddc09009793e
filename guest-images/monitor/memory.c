// Commands that look at memory and ports.
#include "monitor.h"

static const char *memory_type(uint32_t type)
{
	static const char *const names[] = { "?", "usable", "reserved", "ACPI tables", "ACPI NVS", "bad" };
	return type < sizeof names / sizeof *names ? names[type] : "reserved";
}

void command_mem(int count, char **words)
{
	(void)count;
	(void)words;
	uint64_t usable = 0;
	bool any = false;
	for (const struct multiboot_memory *m = NULL; (m = multiboot_next_memory(m)) != NULL; any = true) {
		printf("  %016llx-%016llx  %10llu KiB  %s\n", (unsigned long long)m->base,
			   (unsigned long long)(m->base + m->length - 1), (unsigned long long)(m->length >> 10), memory_type(m->type));
		usable += m->type == 1 ? m->length : 0;
	}
	if (!any) {
		printf("The loader left no memory map.\n");
		return;
	}
	printf("  %llu MiB usable\n", (unsigned long long)(usable >> 20));
}

// Returns the size in bytes that a letter stands for; 0, with a message, if it is none or above `widest`.
static unsigned parse_size(const char *text, unsigned widest)
{
	static const char letters[] = "bw d   q";
	for (unsigned i = 0; i < widest; i++) {
		if (letters[i] == text[0] && text[0] != ' ' && text[1] == 0) {
			return i + 1;
		}
	}
	printf("\"%s\" is not a size: b, w, d%s are 1, 2, 4%s bytes.\n", text, widest == 8 ? ", q" : "", widest == 8 ? ", 8" : "");
	return 0;
}

static bool fault_seen(uintptr_t address)
{
	if (last_fault.vector < 0) {
		return false;
	}
	printf("0x%llx: %s, error 0x%x\n", (unsigned long long)address, exception_name((unsigned)last_fault.vector),
		   last_fault.error);
	return true;
}

static uint64_t load(uintptr_t address, unsigned size)
{
	uintptr_t value = 0;
	switch (size) {
	case 1: __asm__ volatile(TRY("movzbl (%1), %k0") : "+r"(value) : "r"(address) : "memory"); break;
	case 2: __asm__ volatile(TRY("movzwl (%1), %k0") : "+r"(value) : "r"(address) : "memory"); break;
	case 4: __asm__ volatile(TRY("movl (%1), %k0") : "+r"(value) : "r"(address) : "memory"); break;
	default:
#ifdef __x86_64__
		__asm__ volatile(TRY("movq (%1), %0") : "+r"(value) : "r"(address) : "memory");
#else
		value = (uintptr_t)load(address, 4);
		return last_fault.vector >= 0 ? 0 : load(address + 4, 4) << 32 | value;
#endif
	}
	return value;
}

static void store(uintptr_t address, uint64_t value, unsigned size)
{
	switch (size) {
	case 1: __asm__ volatile(TRY("movb %b1, (%0)") : : "r"(address), "q"((uintptr_t)value) : "memory"); break;
	case 2: __asm__ volatile(TRY("movw %w1, (%0)") : : "r"(address), "r"((uintptr_t)value) : "memory"); break;
	case 4: __asm__ volatile(TRY("movl %k1, (%0)") : : "r"(address), "r"((uintptr_t)value) : "memory"); break;
	default:
#ifdef __x86_64__
		__asm__ volatile(TRY("movq %1, (%0)") : : "r"(address), "r"(value) : "memory");
#else
		store(address, value, 4);
		if (last_fault.vector < 0) {
			store(address + 4, value >> 32, 4);
		}
#endif
	}
}

void command_peek(int count, char **words)
{
	uint64_t address, items = 1;
	unsigned size = 4;
	if (count < 2) {
		printf("peek ADDRESS [b|w|d|q] [COUNT]\n");
		return;
	}
	if (!parse_number(words[1], UINTPTR_MAX, &address) || (count > 2 && (size = parse_size(words[2], 8)) == 0)
		|| (count > 3 && !parse_number(words[3], 65536, &items))) {
		return;
	}
	char text[17];
	unsigned row = 16 / size;
	for (uint64_t i = 0; i < items; i++) {
		uintptr_t at = (uintptr_t)(address + i * size);
		uint64_t value = load(at, size);
		if (fault_seen(at)) {
			return;
		}
		if (i % row == 0) {
			printf("%08llx:", (unsigned long long)at);
		}
		printf(" %0*llx", (int)size * 2, (unsigned long long)value);
		for (unsigned b = 0; b < size; b++) {
			char c = (char)(value >> (8 * b));
			text[i % row * size + b] = c >= ' ' && c < 0x7F ? c : '.';
		}
		if (i % row == row - 1 || i == items - 1) {
			text[(i % row + 1) * size] = 0;
			printf("%*s  %s\n", (int)((row - 1 - i % row) * (size * 2 + 1)), "", text);
		}
	}
}

void command_poke(int count, char **words)
{
	uint64_t address, value;
	unsigned size = 4;
	if (count < 3) {
		printf("poke ADDRESS VALUE [b|w|d|q]\n");
		return;
	}
	if ((count > 3 && (size = parse_size(words[3], 8)) == 0) || !parse_number(words[1], UINTPTR_MAX, &address)
		|| !parse_number(words[2], UINT64_MAX >> (64 - 8 * size), &value)) {
		return;
	}
	store((uintptr_t)address, value, size);
	fault_seen((uintptr_t)address);
}

void command_in(int count, char **words)
{
	uint64_t port;
	unsigned size = 1;
	if (count < 2) {
		printf("in PORT [b|w|d]\n");
		return;
	}
	if (!parse_number(words[1], 0xFFFF, &port) || (count > 2 && (size = parse_size(words[2], 4)) == 0)) {
		return;
	}
	uint32_t value = size == 1 ? in8((uint16_t)port) : size == 2 ? in16((uint16_t)port) : in32((uint16_t)port);
	printf("0x%0*x\n", (int)size * 2, value);
}

void command_out(int count, char **words)
{
	uint64_t port, value;
	unsigned size = 1;
	if (count < 3) {
		printf("out PORT VALUE [b|w|d]\n");
		return;
	}
	if ((count > 3 && (size = parse_size(words[3], 4)) == 0) || !parse_number(words[1], 0xFFFF, &port)
		|| !parse_number(words[2], 0xFFFFFFFFu >> (32 - 8 * size), &value)) {
		return;
	}
	if (size == 1) {
		out8((uint16_t)port, (uint8_t)value);
	} else if (size == 2) {
		out16((uint16_t)port, (uint16_t)value);
	} else {
		out32((uint16_t)port, (uint32_t)value);
	}
}
