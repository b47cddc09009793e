// Loading segment registers and using segments: #GP, #NP, #SS.
#include "parts.h"

enum { PRESENT = 0x80, CODE_R = 0x1A, CODE_X = 0x18, CONFORMING = 0x1E, DATA_RW = 0x12, DATA_RO = 0x10, DATA_DOWN = 0x16 };

static void put(u32 type, u32 dpl) { set_gdt(T0, descriptor(0, 0xFFFFF, type | dpl << 5, 12)); }

/// MOV to DS or SS of this selector.
static void load(int ss, enum mode m, u32 selector)
{
	static const u8 codes[2][2] = {{0x8E, 0xD8}, {0x8E, 0xD0}};
	prepare(m);
	s.ax = selector;
	run(code_of(codes[ss], 2));
}

static void matrix(void)
{
	for (int user = 0; user < 2; user++) {
		enum mode m = user ? w->user : w->kernel;
		u32 cpl = user ? 3 : 0;
		int good[4] = {1, 1, 1, 1};
		for (u32 dpl = 0; dpl < 4; dpl++) {
			for (u32 rpl = 0; rpl < 4; rpl++) {
				u32 selector = T0 | rpl;
				put(PRESENT | DATA_RW, dpl);
				load(0, m, selector);
				good[0] &= dpl >= cpl && dpl >= rpl ? done() && s.ds == selector : FAULTS(GP, T0);
				load(1, m, selector);
				good[1] &= dpl == cpl && rpl == cpl ? done() && s.ss == selector : FAULTS(GP, T0);
				put(PRESENT | CODE_R, dpl);
				load(0, m, selector);
				good[2] &= dpl >= cpl && dpl >= rpl ? done() : FAULTS(GP, T0);
				put(PRESENT | CONFORMING, dpl);
				load(0, m, selector);
				good[3] &= done() && s.ds == selector;
			}
		}
		check(good[0], "every DPL and RPL of data in DS at CPL %u", cpl);
		check(good[1], "every DPL and RPL of data in SS at CPL %u", cpl);
		check(good[2], "every DPL and RPL of readable code in DS at CPL %u", cpl);
		check(good[3], "every DPL and RPL of conforming code in DS at CPL %u", cpl);
	}
}

static void types(void)
{
	static const struct { const char *name; u32 type; int ds, ss; } cases[] = {
		{"writable data", PRESENT | DATA_RW, -1, -1}, {"read-only data", PRESENT | DATA_RO, -1, GP},
		{"expand-down data", PRESENT | DATA_DOWN, -1, -1}, {"readable code", PRESENT | CODE_R, -1, GP},
		{"execute-only code", PRESENT | CODE_X, GP, GP}, {"absent data", DATA_RW, NP, SS}, {"absent read-only data", DATA_RO, NP, GP},
		{"absent execute-only code", CODE_X, GP, GP}, {"a TSS", PRESENT | 9, GP, GP}, {"an LDT", PRESENT | 2, GP, GP},
		{"a call gate", PRESENT | 0xC, GP, GP}, {"nothing", 0, GP, GP},
	};
	for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int ss = 0; ss < 2; ss++) {
			int vector = ss ? cases[i].ss : cases[i].ds;
			put(cases[i].type, 3);
			load(ss, w->user, T0 | 3);
			check(vector < 0 ? done() : FAULTS(vector, T0), "%s in %s", cases[i].name, ss ? "SS" : "DS");
		}
	}
	load(0, w->user, 0xFFFF & ~4);
	check(FAULTS(GP, 0xFFF8), "a selector beyond the GDT in DS");
	load(0, w->user, GDT_ENTRIES * 8 - 8 + 4 + 3);
	check(FAULTS(GP, GDT_ENTRIES * 8 - 8 + 4), "a selector of the LDT that is not there");
	load(1, w->user, 0xF000 | 3);
	check(FAULTS(GP, 0xF000), "a selector beyond the GDT in SS");
	for (u32 null = 0; null < 4; null++) {
		load(0, w->user, null);
		int good = done() && s.ds == null;
		load(1, w->user, null);
		check(good && FAULTS(GP, 0), "null selector %u in DS and SS at CPL 3", null);
	}
	load(1, w->kernel, 0);
	check(w->wide ? done() : FAULTS(GP, 0), "the null selector in SS at CPL 0");
	static const u8 loads[4][2] = {{0x8E, 0xC0}, {0x8E, 0xE0}, {0x8E, 0xE8}, {0x8E, 0xD8}};
	for (u32 i = 0; i < 4; i++) {
		put(DATA_RW, 3);
		prepare(w->user);
		s.ax = T0;
		run(code_of(loads[i], 2));
		int good = FAULTS(NP, T0);
		put(PRESENT | DATA_RW, 3);
		run(code_of(0, 0));
		good &= t.vector == UD && (i == 0 ? s.es : i == 1 ? s.fs : i == 2 ? s.gs : s.ds) == T0;
		check(good, "#NP of segment register %u restarts", i);
	}
	put(PRESENT | DATA_RW, 3);
	load(0, w->user, T0);
	check(descriptors[T0 / 8] >> 40 & 1, "loading a segment sets its accessed bit");
	if (!w->wide) {
		put(DATA_RW, 3);
		prepare(w->user);
		poke32(s.sp, T0 | 3);
		run(BYTES(0x1F));
		check(FAULTS(NP, T0), "POP DS of an absent segment leaves the stack pointer");
		prepare(w->user);
		poke32(s.sp, T0 | 3);
		run(BYTES(0x17));
		check(FAULTS(SS, T0), "POP SS of an absent segment leaves the stack pointer");
		prepare(w->user);
		poke32(DATA + 0x300, 0x12345678);
		poke32(DATA + 0x304, T0 | 3);
		run(BYTES(0xC5, 0x03));
		check(FAULTS(NP, T0), "LDS of an absent segment leaves both registers");
	}
	prepare(w->user);
	poke32(DATA + 0x300, 0x12345678);
	poke32(DATA + 0x304, 0x0FF0);
	run(BYTES(0x0F, 0xB5, 0x03));
	check(FAULTS(GP, 0xFF0), "LGS beyond the GDT leaves both registers");
}

static void with_ds(u32 type, u32 base, u32 limit, u32 flags)
{
	set_gdt(T0, descriptor(base, limit, type | 0x60, flags));
	prepare(w->user);
	s.ds = T0 | 3;
}

static void use(void)
{
	if (w->wide) {
		prepare(w->user);
		s.ds = s.es = 0;
		run(BYTES(0x8B, 0x03, 0xA5));
		check(done(), "null segments are fine in 64-bit code");
		return;
	}
	static const u8 read[2] = {0x8B, 0x03}, write[2] = {0x89, 0x03};
	prepare(w->user);
	s.ds = 0;
	run(code_of(read, 2));
	hwcheck(FAULTS(GP, 0), "a read through a null DS");
	prepare(w->user);
	s.es = 0;
	run(BYTES(0xAB));
	hwcheck(FAULTS(GP, 0), "STOSD through a null ES");
	with_ds(PRESENT | DATA_RO, 0, 0xFFFFF, 12);
	run(code_of(read, 2));
	check(done(), "a read from a read-only segment");
	with_ds(PRESENT | DATA_RO, 0, 0xFFFFF, 12);
	run(code_of(write, 2));
	hwcheck(FAULTS(GP, 0), "a write to a read-only segment");
	with_ds(PRESENT | CODE_R, 0, 0xFFFFF, 12);
	run(code_of(write, 2));
	hwcheck(FAULTS(GP, 0), "a write to a code segment");
	prepare(w->user);
	run(BYTES(0x2E, 0x89, 0x03));
	hwcheck(FAULTS(GP, 0), "a write through CS");
	prepare(w->user);
	run(BYTES(0x2E, 0x8B, 0x03));
	check(done(), "a read through a readable CS");
	set_gdt(T0, descriptor(0, 0xFFFFF, PRESENT | CODE_X | 0x60, 12));
	prepare(w->user);
	s.cs = T0 | 3;
	run(BYTES(0x2E, 0x8B, 0x03));
	hwcheck(FAULTS(GP, 0), "a read through an execute-only CS");

	static const struct { u32 type, limit, flags, at; u8 size, faults; } limits[] = {
		{DATA_RW, 0xFFF, 4, 0xFFC, 4, 0}, {DATA_RW, 0xFFF, 4, 0xFFD, 4, 1}, {DATA_RW, 0xFFF, 4, 0xFFF, 1, 0}, {DATA_RW, 0xFFF, 4, 0x1000, 1, 1},
		{DATA_RW, 0xFFF, 4, 0xFFFFFFFF, 4, 1}, {DATA_RW, 0, 4, 0, 1, 0}, {DATA_RW, 0, 4, 0, 2, 1}, {DATA_RW, 1, 12, 0x1FFF, 1, 0},
		{DATA_RW, 1, 12, 0x2000, 1, 1}, {DATA_RW, 0, 12, 0xFFF, 2, 1}, {DATA_DOWN, 0xFFF, 4, 0x1000, 4, 0}, {DATA_DOWN, 0xFFF, 4, 0xFFF, 1, 1},
		{DATA_DOWN, 0xFFF, 4, 0xFFD, 4, 1}, {DATA_DOWN, 0xFFF, 0, 0x1000, 4, 0}, {DATA_DOWN, 0xFFF, 0, 0xFFFC, 4, 0},
		{DATA_DOWN, 0xFFF, 0, 0xFFFD, 4, 1}, {DATA_DOWN, 0xFFF, 0, 0x10000, 1, 1}, {DATA_DOWN, 0xFFFF, 0, 0xFFFF, 1, 1},
	};
	for (u32 i = 0; i < sizeof limits / sizeof *limits; i++) {
		static const u8 codes[5][3] = {{0}, {0x8A, 0x03}, {0x66, 0x8B, 0x03}, {0}, {0x8B, 0x03}};
		u32 size = limits[i].size;
		with_ds(PRESENT | limits[i].type, DATA, limits[i].limit, limits[i].flags);
		s.bx = limits[i].at;
		run(code_of(codes[size], size == 2 ? 3 : 2));
		if (limits[i].faults) {
			hwcheck(FAULTS(GP, 0), "a read of %u at 0x%x is outside limit 0x%x, type %x, flags %x", size, limits[i].at, limits[i].limit, limits[i].type, limits[i].flags);
		} else {
			check(done(), "a read of %u at 0x%x is inside limit 0x%x, type %x, flags %x", size, limits[i].at, limits[i].limit, limits[i].type, limits[i].flags);
		}
	}
	// the stack: #SS
	set_gdt(T0, descriptor(STACK, 0xFFF, PRESENT | DATA_RW | 0x60, 4));
	prepare(w->user);
	s.ss = T0 | 3;
	s.sp = 0x1000;
	run(BYTES(0x50));
	check(done() && s.sp == 0xFFC, "PUSH just inside the limit of SS");
	prepare(w->user);
	s.ss = T0 | 3;
	s.sp = 0x1002;
	run(BYTES(0x50));
	hwcheck(FAULTS(SS, 0), "PUSH across the limit of SS raises #SS");
	prepare(w->user);
	s.ss = T0 | 3;
	s.sp = 0;
	run(BYTES(0x50));
	hwcheck(FAULTS(SS, 0), "PUSH below 0 raises #SS");
	prepare(w->user);
	s.ss = T0 | 3;
	s.bp = 0x1000;
	run(BYTES(0x8B, 0x45, 0x00));
	hwcheck(FAULTS(SS, 0), "a read by EBP beyond the limit of SS raises #SS");
	prepare(w->user);
	s.ss = T0 | 3;
	s.sp = 0xFFD;
	run(BYTES(0x58));
	hwcheck(FAULTS(SS, 0), "POP across the limit of SS raises #SS");
	// code: running and jumping out of the segment
	set_gdt(T0, descriptor(CODE, 0xFF, PRESENT | CODE_R | 0x60, 4));
	prepare(w->user);
	s.cs = T0 | 3;
	s.ip = 0;
	run(BYTES(0xE9, 0xFB, 0x00, 0x00, 0x00));
	hwcheck(fault(GP, 0, 0) && unchanged(), "a jump beyond the limit of CS faults at the jump");
	prepare(w->user);
	s.cs = T0 | 3;
	s.ip = 0;
	run(BYTES(0xE9, 0xFA, 0x00, 0x00, 0x00));
	hwcheck(t.vector == GP && t.error == 0 && (s.ip == 0xFF || s.ip == 0x100), "code that runs over the limit of CS");
	prepare(w->user);
	s.cs = T0 | 3;
	s.ip = 0xFE;
	*(u32 *)(CODE + 0xFE) = 0x9090C031;
	run(code_of(0, 0));
	hwcheck(t.vector == GP && t.error == 0 && s.ip == 0x100 && (u32)s.ax == 0, "an instruction that ends at the limit runs, the next one faults");
	prepare(w->user);
	s.cs = T0 | 3;
	s.ip = 0xFE;
	*(u32 *)(CODE + 0xFE) = 0x9000C083;
	run(code_of(0, 0));
	hwcheck(FAULTS(GP, 0), "an instruction across the limit of CS does not run");
}

static void far_target(const char *name, u32 selector, u32 ip, int vector, u32 error)
{
	static const u8 codes[2][2] = {{0xFF, 0x2B}, {0xFF, 0x1B}};
	for (int call = 0; call < 2; call++) {
		prepare(w->user);
		poke32(DATA + 0x300, ip);
		poke32(DATA + 0x304, selector);
		poke32(CODE + 0x200, 0x0B0F);
		run(code_of(codes[call], 2));
		if (vector < 0) {
			check(t.vector == UD && s.ip == CODE + 0x200 && (s.cs & ~3u) == (selector & ~3u) && (s.cs & 3) == 3, "far %s to %s", call ? "CALL" : "JMP", name);
		} else {
			// TCG names the segment when the offset is too large
			// and takes L with D
			int differs = vector == GP && selector == (T0 | 3) && (error ? w->go == go_long && descriptors[T0 / 8] >> 53 & 1 : call);
			(differs ? hwcheck : check)(FAULTS(vector, error), "far %s to %s", call ? "CALL" : "JMP", name);
		}
	}
}

static void far(void)
{
	u32 to = CODE + 0x200, flags = w->wide ? 10 : 12;
	far_target("its own segment", w->wide ? UC64 : UC32, to, -1, 0);
	far_target("a null selector", 3, to, GP, 0);
	far_target("a selector beyond the GDT", 0xFF3, to, GP, 0xFF0);
	far_target("a data segment", UD32, to, GP, UD32 & ~3);
	far_target("a segment of DPL 0", C32 | 3, to, GP, C32);
	set_gdt(T0, descriptor(0, 0xFFFFF, CODE_R | 0x60, flags));
	far_target("an absent segment", T0 | 3, to, NP, T0);
	set_gdt(T0, descriptor(0, 0xFFFFF, PRESENT | CONFORMING, flags));
	far_target("a conforming segment of DPL 0", T0, to, -1, 0);
	set_gdt(T0, descriptor(0, 0xFFFFF, PRESENT | CODE_R | 0x60, flags));
	far_target("a segment of DPL 3 by RPL 0", T0, to, -1, 0);
	set_gdt(T0, descriptor(0, 0xFFFFF, PRESENT | CONFORMING | 0x60, flags));
	far_target("a conforming segment of DPL 3", T0 | 3, to, -1, 0);
	set_gdt(T0, descriptor(0, 0xFFFFF, PRESENT | 1, 0));
	far_target("an unknown system segment", T0 | 3, to, GP, T0);
	if (w->go == go_long) {
		set_gdt(T0, descriptor(0, 0xFFFFF, PRESENT | CODE_R | 0x60, 14));
		far_target("a code segment with both L and D", T0 | 3, to, GP, T0);
	}
	if (!w->wide) {
		set_gdt(T0, descriptor(0, 0xFFF, PRESENT | CODE_R | 0x60, 4));
		far_target("an offset beyond the limit", T0 | 3, to, GP, 0);
	}
	// RETF and IRET to places that are not allowed
	static const struct { const char *name; u32 cs; int vector; u32 error; } returns[] = {
		{"an inner ring", C32, GP, C32}, {"a null selector", 0, GP, 0}, {"a data segment", UD32, GP, UD32 & ~3}, {"beyond the GDT", 0xFF3, GP, 0xFF0},
		{"an absent segment", T0 | 3, NP, T0},
	};
	set_gdt(T0, descriptor(0, 0xFFFFF, CODE_R | 0x60, flags));
	for (u32 i = 0; i < sizeof returns / sizeof *returns; i++) {
		prepare(w->user);
		poke32(s.sp, CODE);
		poke32(s.sp + 4, returns[i].cs);
		run(BYTES(0xCB));
		check(FAULTS(returns[i].vector, returns[i].error), "RETF to %s", returns[i].name);
		prepare(w->user);
		poke32(s.sp, CODE);
		poke32(s.sp + 4, returns[i].cs);
		poke32(s.sp + 8, 2);
		poke32(s.sp + 12, (u32)s.sp);
		poke32(s.sp + 16, UD32);
		run(BYTES(0xCF));
		check(FAULTS(returns[i].vector, returns[i].error), "IRET to %s", returns[i].name);
	}
	// a return to an outer ring checks SS
	for (u32 i = 0; i < 3; i++) {
		u32 ss = i == 0 ? 0 : i == 1 ? D32 : (T0 | 3);
		set_gdt(T0, descriptor(0, 0xFFFFF, DATA_RW | 0x60, 12));
		prepare(w->kernel);
		poke32(s.sp, CODE + 0x200);
		poke32(s.sp + 4, UC32);
		poke32(s.sp + 8, (u32)s.sp);
		poke32(s.sp + 12, ss);
		run(BYTES(0xCB));
		(i == 2 ? hwcheck : check)(FAULTS(i == 2 ? SS : GP, i == 0 ? 0 : ss & ~3u), "RETF to ring 3 with a bad SS, %u", i);
	}
}

void segments(void)
{
	matrix();
	types();
	use();
	far();
	set_gdt(T0, 0);
}
