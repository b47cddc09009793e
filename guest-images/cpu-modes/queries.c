// Instructions that ask about segments and tables.
#include "parts.h"

static int zf(void) { return (s.flags & ZF) != 0; }

static void rights(void)
{
	// type, and whether LAR and LSL accept it in the legacy world and in long mode
	static const struct { u8 type, lar, lsl, lar_long, lsl_long; } types[] = {
		{0, 0, 0, 0, 0}, {1, 1, 1, 0, 0}, {2, 1, 1, 1, 1}, {3, 1, 1, 0, 0}, {4, 1, 0, 0, 0}, {5, 1, 0, 0, 0}, {6, 0, 0, 0, 0}, {7, 0, 0, 0, 0},
		{8, 0, 0, 0, 0}, {9, 1, 1, 1, 1}, {10, 0, 0, 0, 0}, {11, 1, 1, 1, 1}, {12, 1, 0, 1, 0}, {13, 0, 0, 0, 0}, {14, 0, 0, 0, 0}, {15, 0, 0, 0, 0},
		{0x10, 1, 1, 1, 1}, {0x12, 1, 1, 1, 1}, {0x16, 1, 1, 1, 1}, {0x18, 1, 1, 1, 1}, {0x1A, 1, 1, 1, 1}, {0x1C, 1, 1, 1, 1}, {0x1E, 1, 1, 1, 1},
	};
	enum mode m = in_long ? LONG : PM32;
	int good[2] = {1, 1};
	for (u32 i = 0; i < sizeof types / sizeof *types; i++) {
		u64 d = descriptor(0x123456, 0x12345, types[i].type | 0x80, 12);
		set_gdt(T0, d);
		set_gdt(T0 + 8, 0);
		prepare(m);
		s.cx = T0;
		s.flags |= CF;
		run(BYTES(0x0F, 0x02, 0xC1));
		int expected = in_long ? types[i].lar_long : types[i].lar;
		int fine = done() && zf() == expected && (s.flags & CF) && (expected ? (s.ax & ~0xF0000u) == ((u32)(d >> 32) & 0xF0FF00) : s.ax == start.ax);
		good[0] &= fine;
		prepare(m);
		s.cx = T0;
		run(BYTES(0x0F, 0x03, 0xC1));
		expected = in_long ? types[i].lsl_long : types[i].lsl;
		fine = done() && zf() == expected && s.ax == (expected ? 0x12345FFF : start.ax);
		good[1] &= fine;
	}
	(in_long ? hwcheck : check)(good[0], "LAR of every type");
	(in_long ? hwcheck : check)(good[1], "LSL of every type");
	set_gdt(T0, descriptor(0, 0x1234, 0x93, 4));
	prepare(m);
	s.cx = T0;
	run(BYTES(0x0F, 0x03, 0xC1));
	check(done() && zf() && s.ax == 0x1234, "LSL of a limit in bytes");
	prepare(m);
	s.cx = T0;
	run(BYTES(0x66, 0x0F, 0x03, 0xC1));
	check(done() && zf() && (u16)s.ax == 0x1234 && s.ax >> 16 == start.ax >> 16, "LSL into a word");
	for (u32 i = 0; i < 3; i++) {
		static const u16 selectors[3] = {0, 0xFFF8, T0 | 4};
		prepare(m);
		s.cx = selectors[i];
		s.flags |= ZF;
		run(BYTES(0x0F, 0x02, 0xC1));
		int good = done() && !zf() && s.ax == start.ax;
		prepare(m);
		s.cx = selectors[i];
		s.flags |= ZF;
		run(BYTES(0x0F, 0x00, 0xE1));
		check(good && done() && !zf(), "LAR and VERR of selector %x only clear ZF", selectors[i]);
	}
	int matrix = 1, verify = 1;
	for (u32 dpl = 0; dpl < 4; dpl++) {
		for (u32 rpl = 0; rpl < 4; rpl++) {
			for (u32 user = 0; user < 2; user++) {
				u32 cpl = user * 3;
				set_gdt(T0, descriptor(0, 1, 0x92 | dpl << 5, 0));
				prepare(user ? in_long ? LONGU : PM32U : m);
				s.cx = T0 | rpl;
				run(BYTES(0x0F, 0x02, 0xC1));
				int visible = dpl >= rpl && dpl >= cpl;
				matrix &= done() && zf() == visible;
				prepare(user ? in_long ? LONGU : PM32U : m);
				s.cx = T0 | rpl;
				run(BYTES(0x0F, 0x00, 0xE9));
				verify &= done() && zf() == visible;
			}
		}
	}
	check(matrix, "LAR with every CPL, DPL and RPL");
	check(verify, "VERW with every CPL, DPL and RPL");
	static const struct { u8 type, verr, verw; } kinds[] = {
		{0x90, 1, 0}, {0x92, 1, 1}, {0x98, 0, 0}, {0x9A, 1, 0}, {0x9E, 1, 0}, {0x9C, 0, 0}, {0x89, 0, 0}, {0x12, 1, 1},
	};
	int good_kinds = 1;
	for (u32 i = 0; i < sizeof kinds; i += 3) {
		set_gdt(T0, descriptor(0, 1, kinds[i / 3].type, 0));
		prepare(m);
		s.cx = T0;
		run(BYTES(0x0F, 0x00, 0xE1));
		good_kinds &= done() && zf() == kinds[i / 3].verr;
		prepare(m);
		s.cx = T0;
		run(BYTES(0x0F, 0x00, 0xE9));
		good_kinds &= done() && zf() == kinds[i / 3].verw;
	}
	check(good_kinds, "VERR and VERW of every kind, present or not");
}

static void tables(void)
{
	enum mode m = in_long ? LONG : PM32, u = in_long ? LONGU : PM32U;
	u32 n = in_long ? 8 : 4;
	prepare(u);
	run(BYTES(0x0F, 0x00, 0xC9));
	check(done() && s.cx == TSS, "STR into a register clears its upper part");
	prepare(u);
	run(BYTES(0x66, 0x0F, 0x00, 0xC9));
	check(done() && (u16)s.cx == TSS && s.cx >> 16 == start.cx >> 16, "STR into a word register");
	prepare(u);
	poke32(DATA + 0x300, 0xFFFFFFFF);
	run(BYTES(0x0F, 0x00, 0x0B));
	check(done() && peek32(DATA + 0x300) == (0xFFFF0000 | TSS), "STR to memory writes a word");
	set_gdt(T0, descriptor(DATA2, 0xFF, 0x82, 0));
	set_gdt(T0 + 8, 0);
	*(u64 *)DATA2 = 0;
	*(u64 *)(DATA2 + 8) = descriptor(DATA, 0xFFF, 0xF2, 4);
	prepare(m);
	s.ax = T0;
	s.cx = 0x0F;
	run(BYTES(0x0F, 0x00, 0xD0, 0x8E, 0xE1, 0x0F, 0x00, 0xC2));
	check(done() && s.fs == 0xF && (u32)s.dx == T0, "LLDT, a segment of the LDT, SLDT");
	prepare(m);
	s.ax = 0;
	run(BYTES(0x0F, 0x00, 0xD0));
	prepare(u);
	fill(DATA + 0x300, 0xEE, 16);
	run(BYTES(0x0F, 0x01, 0x03));
	check(done() && *(u16 *)(DATA + 0x300) == sizeof descriptors - 1 && *(u32 *)(DATA + 0x302) == (u32)descriptors &&
		*(u8 *)(DATA + 0x302 + n) == 0xEE && (n == 4 || *(u32 *)(DATA + 0x306) == 0), "SGDT writes %u bytes", n + 2);
	prepare(u);
	fill(DATA + 0x300, 0xEE, 16);
	run(BYTES(0x0F, 0x01, 0x0B));
	check(done() && *(u16 *)(DATA + 0x300) == 64 * n * 2 - 1 && *(u32 *)(DATA + 0x302) == (u32)gates, "SIDT");
	prepare(u);
	run(BYTES(0x0F, 0x01, 0xE1));
	check(done() && (u32)s.cx == rd_cr0(), "SMSW into a register gives all of CR0");
	prepare(u);
	poke32(DATA + 0x300, 0x12345678);
	run(BYTES(0x0F, 0x01, 0x23));
	check(done() && peek32(DATA + 0x300) == (0x12340000 | (u16)rd_cr0()), "SMSW to memory writes a word");
	u32 cr0 = rd_cr0();
	prepare(m);
	s.ax = 0;
	run(BYTES(0x0F, 0x01, 0xF0));
	check(done() && (rd_cr0() & 0xF) == 1, "LMSW does not clear PE");
	prepare(m);
	s.ax = 0xFFFE;
	run(BYTES(0x0F, 0x01, 0xF0));
	check(done() && (rd_cr0() & ~0xFu) == (cr0 & ~0xFu) && (rd_cr0() & 0xF) == 0xF, "LMSW changes four bits");
	wr_cr0(cr0);
	if (!in_long) {
		int good = 1;
		for (u32 i = 0; i < 16; i++) {
			prepare(PM32U);
			s.ax = 0x12340 | (i & 3);
			s.cx = 0x5550 | i >> 2;
			run(BYTES(0x63, 0xC8));
			u32 a = i & 3, c = i >> 2;
			good &= done() && s.ax == (0x12340 | (a < c ? c : a)) && zf() == (a < c);
		}
		check(good, "ARPL with every pair of RPLs");
	}
}

void queries(void)
{
	rights();
	tables();
	set_gdt(T0, 0);
}
