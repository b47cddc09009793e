// Words of memory: every size at every alignment.
#include "parts.h"

enum { Around = 128 };

// Offsets are from 8 bytes below a page boundary: every alignment, inside a line, across lines, across pages.
static uint8_t *const around = arena + 4096 - 64;
static uint8_t *const base = arena + 4096 - 8;

// What a store of `size` bytes leaves, and nothing beside it.
static bool is_stored(unsigned offset, unsigned size, uint64_t value)
{
	for (uint8_t *at = around; at < around + Around; at++) {
		unsigned byte = (unsigned)(at - base - offset);
		if (*(volatile uint8_t *)at != (byte < size ? (uint8_t)(value >> 8 * byte) : 0xEE)) {
			return false;
		}
	}
	return true;
}

static bool stores(uint8_t opcode, unsigned log2_size, unsigned offset, uint8_t flags)
{
	uint64_t value = 0x8182838485868788ull + offset;
	memset(around, 0xEE, Around);
	begin_script();
	ADD(SET, .a = 6, .value = value);
	ADD(SET, .a = 7, .value = (uintptr_t)base);
	dma_test_add(&script, (struct dma_test_instruction){ .opcode = opcode, .flags = (uint8_t)(log2_size | F_REGISTER | F_BASE | flags), .b = 7, .c = 6,
														 .value = offset });
	ADD(END);
	return run_script() && is_stored(offset, 1u << log2_size, value);
}

static bool loads(unsigned log2_size, unsigned offset, uint8_t flags)
{
	const uint8_t *at = base + offset;
	uint64_t expected = 0;
	fill_pattern(around, Around, (uint8_t)offset);
	memcpy(&expected, at, 1u << log2_size);
	begin_script();
	ADD(SET, .a = 5, .value = UINT64_MAX);
	ADD(READ, .flags = (uint8_t)(log2_size | flags), .a = 5, .value = (uintptr_t)at);
	ADD(END);
	return run_script() && dma_test_get(&device, 5) == expected;
}

static void check_words(void)
{
	static const struct { const char *name; uint8_t opcode, flags; } kinds[] = {
		{ "WRITE: every size at every alignment, across pages", OP_WRITE, 0 },
		{ "WRITE, relaxed: the same", OP_WRITE, F_RELAXED },
		{ "PUBLISH: every size at every alignment, across pages", OP_PUBLISH, 0 },
		{ "PUBLISH, relaxed: the same", OP_PUBLISH, F_RELAXED },
	};
	for (unsigned kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
		bool ok = true;
		for (unsigned size = 0; size < 4; size++) {
			for (unsigned offset = 0; offset < 16; offset++) {
				ok = ok && stores(kinds[kind].opcode, size, offset, kinds[kind].flags);
			}
		}
		report(kinds[kind].name, ok);
	}
	bool plain = true, relaxed = true;
	for (unsigned size = 0; size < 4; size++) {
		for (unsigned offset = 0; offset < 16; offset++) {
			plain = plain && loads(size, offset, 0);
			relaxed = relaxed && loads(size, offset, F_RELAXED);
		}
	}
	report("READ: every size at every alignment, across pages", plain);
	report("READ, relaxed: the same", relaxed);
}

static void check_immediates(void)
{
	uint64_t *place = (uint64_t *)arena;
	*place = 0;
	begin_script();
	ADD(WRITE, .flags = 3, .immediate = -2, .value = (uintptr_t)place);
	ADD(END);
	report("WRITE: an immediate is sign-extended", run_script() && READ_ONCE(*place) == (uint64_t)-2);
	begin_script();
	ADD(SET, .a = 1, .value = (uintptr_t)place + 0x100);
	ADD(WRITE, .flags = 3 | F_BASE, .b = 1, .immediate = 5, .value = (uint64_t)-0x100);
	ADD(END);
	report("WRITE: addresses wrap around", run_script() && READ_ONCE(*place) == 5);
}

static volatile uint32_t flag OWN_CACHE_LINE;

static void check_wait(void)
{
	bool ok = true;
	for (unsigned size = 0; size < 4; size++) {
		// Of the sizes, signed: only the part that is compared counts.
		uint64_t value = 0xFFFFFFFFFFFFFF80;
		memcpy(arena, &value, sizeof value);
		begin_script();
		ADD(WAIT, .flags = (uint8_t)(size | F_CONDITION(size == 0 ? IF_LESS : IF_NOT_EQUAL)), .a = 3, .immediate = 0, .value = (uintptr_t)arena);
		ADD(END);
		uint64_t cut = size == 3 ? value : value & ((1ull << (8u << size)) - 1);
		ok = ok && run_script() && dma_test_get(&device, 3) == cut;
	}
	report("WAIT: sizes and signs", ok);

	flag = 0;
	begin_script();
	ADD(SET, .a = 1, .value = 1);
	ADD(WAIT, .flags = F_REGISTER | 2 | F_CONDITION(IF_AT_LEAST), .a = 2, .c = 1, .value = (uintptr_t)&flag);
	ADD(PUBLISH, .flags = F_REGISTER | 2, .c = 1, .value = (uintptr_t)arena);
	ADD(ADD, .a = 1, .b = 1, .value = 1);
	ADD(BRANCH, .flags = F_CONDITION(IF_BELOW), .a = 1, .immediate = 1, .value = 10001);
	ADD(END);
	dma_test_load(&device, &script);
	memset(arena, 0, 4);
	dma_test_start(&device, 0);
	bool answered = true;
	for (uint32_t i = 1; i <= 10000 && answered; i++) {
		flag = i;
		answered = within_deadline(*(volatile uint32_t *)arena == i);
	}
	report("WAIT and PUBLISH: ten thousand turns with the processor", answered && DT_STATE(dma_test_wait(&device)) == DT_WAS_DONE);

	uint32_t *counters = (uint32_t *)arena;
	memset(counters, 0, 16);
	begin_script();
	for (unsigned i = 0; i < 6; i++) {
		ADD(SET, .a = 1, .value = i);
		ADD(RECORD, .flags = 2, .c = 1, .immediate = 4, .value = (uintptr_t)counters);
	}
	ADD(END);
	report("RECORD: one counter of several, the last for what is past it", run_script() && counters[0] == 1 && counters[1] == 1 && counters[2] == 1 && counters[3] == 3);
	begin_script();
	ADD(RECORD, .flags = 2, .c = 1, .immediate = 0, .value = (uintptr_t)counters);
	report("RECORD: none is wrong", fails(DT_OPERAND, 0));
}

void check_accesses(void)
{
	check_words();
	check_immediates();
	check_wait();
	dma_test_reset(&device);
}
