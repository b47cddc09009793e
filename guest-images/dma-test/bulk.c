// The buffer, copies and lists.
#include "parts.h"

#define PART(start, length) (int32_t)((start) << 16 | (length))
#define FAR ((uint8_t *)(uintptr_t)0x2000000) // RAM that nobody uses: 1 MiB here, 1 MiB behind it

static bool moves(unsigned from, unsigned to, unsigned length, uint8_t flags)
{
	uint8_t *source = arena, *target = arena + 3 * 4096;
	memset(target, 0xEE, 2 * 4096);
	begin_script();
	ADD(LOAD, .flags = flags, .immediate = PART(0, length), .value = (uintptr_t)source + from);
	ADD(STORE, .flags = flags, .immediate = PART(0, length), .value = (uintptr_t)target + to);
	ADD(END);
	bool ok = run_script();
	for (unsigned i = 0; i < 2 * 4096 && ok; i++) {
		ok = target[i] == (i - to < length ? source[from + i - to] : 0xEE);
	}
	return ok;
}

static void check_buffer(void)
{
	fill_pattern(arena, 2 * 4096, 3);
	bool small = true, large = true;
	for (unsigned length = 0; length <= 70 && small; length++) {
		small = moves(length % 9, length % 7, length, length & 1 ? F_RELAXED : 0);
	}
	static const unsigned lengths[] = { 127, 128, 129, 1500, 4095, 4096 };
	for (unsigned i = 0; i < 6; i++) {
		large = large && moves(i, 8 - i, lengths[i], 0) && moves(4000, 4090, lengths[i], F_RELAXED);
	}
	report("LOAD and STORE: 0 to 70 bytes at any alignment", small);
	report("LOAD and STORE: up to 4096 bytes, across pages", large);

	begin_script();
	ADD(FILL, .immediate = PART(16, 100), .value = 0x1122334455667788);
	ADD(COMPARE, .a = 1, .immediate = PART(16, 100), .value = 0x1122334455667788);
	ADD(STORE, .immediate = PART(16, 16), .value = (uintptr_t)arena);
	ADD(WRITE, .flags = 0, .immediate = 0, .value = (uintptr_t)arena + 5);
	ADD(LOAD, .immediate = PART(16, 16), .value = (uintptr_t)arena);
	ADD(COMPARE, .a = 2, .immediate = PART(16, 100), .value = 0x1122334455667788);
	ADD(TORN, .flags = 3, .a = 3, .immediate = PART(16, 100));
	ADD(FILL, .immediate = PART(16, 100), .value = 0x5555555555555555);
	ADD(TORN, .flags = 3, .a = 4, .immediate = PART(16, 100));
	ADD(END);
	report("FILL, COMPARE and TORN", run_script() && dma_test_get(&device, 1) == 100 && dma_test_get(&device, 2) == 5
										  && dma_test_get(&device, 3) == 12 && dma_test_get(&device, 4) == 0);

	fill_pattern(arena, 4096, 9);
	uint64_t hash = 0xCBF29CE484222325;
	for (unsigned i = 0; i < 1000; i++) {
		hash = (hash ^ arena[i]) * 0x100000001B3;
	}
	begin_script();
	ADD(LOAD, .immediate = PART(7, 1000), .value = (uintptr_t)arena);
	ADD(CHECKSUM, .a = 1, .immediate = PART(7, 1000));
	ADD(END);
	report("CHECKSUM: FNV-1a", run_script() && dma_test_get(&device, 1) == hash);
	begin_script();
	ADD(LOAD, .immediate = PART(4095, 2), .value = (uintptr_t)arena);
	report("LOAD: a part that leaves the buffer is wrong", fails(DT_OPERAND, 0));
}

static bool copies(unsigned length, unsigned from, unsigned to)
{
	uint8_t *source = FAR + from, *target = FAR + 0x180000 + to;
	memset(FAR + 0x180000, 0, length + to + 8);
	begin_script();
	ADD(SET, .a = 1, .value = (uintptr_t)source);
	ADD(COPY, .c = 1, .immediate = (int32_t)length, .value = (uintptr_t)target);
	ADD(END);
	return run_script() && memcmp(source, target, length) == 0 && target[length] == 0;
}

static void check_copy(void)
{
	fill_pattern(FAR, 0x100010, 1);
	report("COPY: small and odd", copies(0, 0, 0) && copies(1, 3, 5) && copies(4097, 1, 2));
	report("COPY: 1 MiB", copies(0x100000, 0, 0) && copies(0xFFFFF, 3, 1));
	begin_script();
	ADD(COPY, .c = 1, .immediate = 0x100001, .value = (uintptr_t)FAR);
	report("COPY: more is wrong", fails(DT_OPERAND, 0));
}

struct element { uint64_t address; uint32_t length, zero; };

static void check_lists(void)
{
	static struct element list[17] __attribute__((aligned(16)));
	static const uint16_t lengths[16] = { 64, 1, 0, 300, 4, 8, 1000, 63, 65, 2, 512, 7, 128, 16, 900, 5 };
	uint32_t total = 0;
	fill_pattern(arena, 8192, 0);
	for (unsigned i = 0; i < 16; i++) { // not in order, and some across pages
		list[i] = (struct element){ (uintptr_t)arena + (15 - i) * 1024u + i, lengths[i], 0 };
		fill_pattern(arena + (15 - i) * 1024u + i, lengths[i], (uint8_t)i);
		total += lengths[i];
	}
	begin_script();
	ADD(GATHER, .a = 1, .immediate = 16, .value = (uintptr_t)list);
	ADD(STORE, .immediate = PART(0, total), .value = (uintptr_t)arena + 0x8000);
	ADD(END);
	bool ok = run_script() && dma_test_get(&device, 1) == total;
	const uint8_t *at = arena + 0x8000;
	for (unsigned i = 0; i < 16; i++) {
		ok = ok && is_pattern(at, lengths[i], (uint8_t)i);
		at += lengths[i];
	}
	report("GATHER: sixteen pieces, one behind the other", ok);

	memset(arena, 0xEE, 0x4000);
	begin_script();
	ADD(LOAD, .immediate = PART(0, total), .value = (uintptr_t)arena + 0x8000);
	ADD(SCATTER, .a = 1, .immediate = 16, .value = (uintptr_t)list);
	ADD(END);
	ok = run_script() && dma_test_get(&device, 1) == total;
	for (unsigned i = 0; i < 16; i++) {
		const uint8_t *piece = arena + (15 - i) * 1024u + i;
		ok = ok && is_pattern(piece, lengths[i], (uint8_t)i) && piece[lengths[i]] == 0xEE && (i == 15 || piece[-1] == 0xEE);
	}
	report("SCATTER: into the same, and nothing beside them", ok);

	begin_script();
	ADD(GATHER, .a = 1, .immediate = 17, .value = (uintptr_t)list);
	bool many = fails(DT_OPERAND, 0);
	begin_script();
	ADD(SCATTER, .a = 1, .immediate = 0, .value = (uintptr_t)list);
	report("lists: of none and of seventeen are wrong", fails(DT_OPERAND, 0) && many);
	list[3].length = 4096;
	begin_script();
	ADD(GATHER, .a = 1, .immediate = 16, .value = (uintptr_t)list);
	report("lists: of more than 4096 bytes are wrong", fails(DT_OPERAND, 0));
}

void check_bulk(void)
{
	check_buffer();
	check_copy();
	check_lists();
	dma_test_reset(&device);
}
