// Memory moves, loads and stores (5.7, 5.8).
#include "parts.h"

static void fill(uint8_t *at, unsigned count, unsigned seed)
{
	for (unsigned i = 0; i < count; i++) {
		at[i] = (uint8_t)(i * 13 + (i >> 8) + seed);
	}
}

static void check_moves(void)
{
	static const struct { unsigned count, from, to; } moves[] = {
		{ 1, 0, 0 }, { 4, 0, 0 }, { 3, 1, 1 }, { 5, 3, 3 }, { 256, 0, 0 }, { 4096, 0, 0 }, { 4097, 2, 2 }, { 40000, 8, 8 },
	};
	char name[64];
	for (unsigned i = 0; i < sizeof moves / sizeof *moves; i++) {
		unsigned count = moves[i].count, to = moves[i].to;
		fill(scratch, ScratchSize, i);
		memset(scratch2, 0xEE, ScratchSize);
		script_begin();
		lsi_memory_move(&script, count, BUS(scratch + moves[i].from), BUS(scratch2 + to));
		lsi_int(&script, LSI_ALWAYS, End);
		bool ends = script_stops_at(End), edges = (to == 0 || scratch2[to - 1] == 0xEE) && scratch2[to + count] == 0xEE;
		snprintf(name, sizeof name, "a memory move of %u bytes", count);
		report(name, ends && edges && memcmp(scratch2 + to, scratch + moves[i].from, count) == 0);
	}

	fill(scratch, 512, 77);
	script_begin();
	lsi_memory_move(&script, 512, BUS(scratch), lsi.ram_bus + 0x400);
	lsi_memory_move(&script, 512, lsi.ram_bus + 0x400, lsi.ram_bus + 0x800);
	lsi_memory_move(&script, 512, lsi.ram_bus + 0x800, BUS(scratch2));
	lsi_int(&script, LSI_ALWAYS, End);
	report("to script RAM, within it, and back", script_stops_at(End) && memcmp(scratch, scratch2, 512) == 0
												   && memcmp((const void *)((uintptr_t)lsi.ram + 0x400), scratch, 512) == 0);

	uint32_t registers = BUS(lsi.registers);
	scratch[0] = 0x10, scratch[1] = 0x20, scratch[2] = 0x30, scratch[3] = 0x40;
	script_begin();
	lsi_memory_move(&script, 4, BUS(scratch), registers + LSI_SCRATCHA);
	lsi_modify(&script, LSI_SCRATCHA + 1, LSI_ADD, 2);
	lsi_memory_move(&script, 4, registers + LSI_SCRATCHA, BUS(scratch2));
	lsi_int(&script, LSI_ALWAYS, End);
	report("to its own registers, and from them", script_stops_at(End) && lsi_read(&lsi, LSI_SCRATCHA) == 0x40302210 && *(uint32_t *)scratch2 == 0x40302210);
}

static void check_loads(void)
{
	bool right = true;
	for (unsigned count = 1; count <= 4; count++) {
		for (unsigned at = 0; at + count <= 4; at++) {
			*(uint32_t *)scratch = 0x44332211;
			*(uint32_t *)scratch2 = 0xEEEEEEEE;
			lsi_write(&lsi, LSI_SCRATCHA, 0x99999999);
			script_begin();
			lsi_load(&script, LSI_SCRATCHA + at, count, BUS(scratch) + at);
			lsi_store(&script, LSI_SCRATCHA + at, count, BUS(scratch2) + at);
			lsi_int(&script, LSI_ALWAYS, End);
			uint32_t mask = (count == 4 ? UINT32_MAX : (1u << count * 8) - 1) << at * 8;
			right = script_stops_at(End) && lsi_read(&lsi, LSI_SCRATCHA) == ((0x44332211 & mask) | (0x99999999 & ~mask))
					&& *(uint32_t *)scratch2 == ((0x44332211 & mask) | (0xEEEEEEEE & ~mask)) && right;
		}
	}
	report("LOAD and STORE: one to four bytes, wherever they are in a dword", right);

	uint32_t *table = (uint32_t *)(scratch + 4096);
	table[-1] = 0x11111111;
	table[2] = 0x22222222;
	lsi_write(&lsi, LSI_DSA, BUS(table));
	script_begin();
	lsi_load_from(&script, LSI_SCRATCHA, 4, -4);
	lsi_load_from(&script, LSI_SCRATCHB, 4, 8);
	lsi_store_to(&script, LSI_SCRATCHA, 4, 12);
	lsi_store_to(&script, LSI_SCRATCHB, 4, -8);
	lsi_int(&script, LSI_ALWAYS, End);
	report("LOAD and STORE relative to DSA, on either side", script_stops_at(End) && table[3] == 0x11111111 && table[-2] == 0x22222222);

	script_begin();
	lsi_load(&script, LSI_DSA, 4, BUS(&table[-1]));
	lsi_store(&script, LSI_DSA, 4, lsi.ram_bus + 64);
	lsi_load(&script, LSI_TEMP, 4, lsi.ram_bus + 64);
	lsi_int(&script, LSI_ALWAYS, End);
	report("LOAD and STORE: DSA, TEMP, and script RAM", script_stops_at(End) && lsi_read(&lsi, LSI_DSA) == 0x11111111 && lsi_read(&lsi, LSI_TEMP) == 0x11111111
															 && lsi.ram[16] == 0x11111111);

	lsi_write(&lsi, LSI_SCRATCHA, 0x01020304);
	lsi_write(&lsi, LSI_PMJAD2, 0);
	*(uint32_t *)scratch = 0xCAFEF00D;
	script_begin();
	lsi_load(&script, LSI_PMJAD2, 4, BUS(scratch));
	lsi_int(&script, LSI_ALWAYS, End);
	report("LOAD: a register from 0x80 on", script_stops_at(End) && lsi_read(&lsi, LSI_PMJAD2) == 0xCAFEF00D);
}

// What may not be: the count, the places in a dword, the chip's own registers (5.8).
static void check_illegal_loads(void)
{
	static const struct { const char *what; unsigned register_, count, offset; } loads[] = {
		{ "of five bytes", LSI_SCRATCHA, 5, 0 }, { "of no byte", LSI_SCRATCHA, 0, 0 }, { "across a dword", LSI_SCRATCHA + 2, 3, 2 },
		{ "that is not alike in its low bits", LSI_SCRATCHA, 2, 1 },
	};
	if (left_out_by_qemu("LOAD: what is illegal", "that it looks")) {
		return;
	}
	char name[64];
	for (unsigned i = 0; i < sizeof loads / sizeof *loads; i++) {
		script_begin();
		lsi_load(&script, loads[i].register_, loads[i].count, BUS(scratch) + loads[i].offset);
		lsi_int(&script, LSI_ALWAYS, End);
		struct lsi_causes causes = script_run();
		snprintf(name, sizeof name, "LOAD %s is illegal", loads[i].what);
		report(name, causes_are(&causes, LSI_DSTAT_IID, 0, 0));
	}
}

void check_memory(void)
{
	lsi_reset(&lsi);
	check_moves();
	check_loads();
	check_illegal_loads();
}
