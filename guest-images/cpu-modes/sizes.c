// What a mode's code size, address size and stack size are, and what prefixes make of them.
#include "parts.h"

static int wide(enum mode m) { return m == LONG || m == LONGU; }

static int ax_is(u64 value) { return done() && s.ax == value; }

static void operands(enum mode m)
{
	u64 old;
	prepare(m);
	old = s.ax;
	if (is_small(m)) {
		run(BYTES(0xB8, 0x22, 0x11));
		int good = ax_is((old & ~0xFFFFull) | 0x1122);
		prepare(m);
		run(BYTES(0x66, 0xB8, 0x44, 0x33, 0x22, 0x11));
		check(good && ax_is(0x11223344), "operands are 16 bits, 32 with a prefix");
	} else {
		run(BYTES(0xB8, 0x44, 0x33, 0x22, 0x11));
		int good = ax_is(0x11223344);
		prepare(m);
		run(BYTES(0x66, 0xB8, 0x22, 0x11));
		check(good && ax_is((old & ~0xFFFFull) | 0x1122), "operands are 32 bits, 16 with a prefix");
	}
	if (wide(m)) {
		prepare(m);
		run(BYTES(0x48, 0xB8, 8, 7, 6, 5, 4, 3, 2, 1));
		int good = ax_is(0x0102030405060708);
		prepare(m);
		run(BYTES(0x66, 0x48, 0xB8, 8, 7, 6, 5, 4, 3, 2, 1));
		check(good && ax_is(0x0102030405060708), "REX.W gives 64 bits and wins over the operand prefix");
		prepare(m);
		s.ax = ~0ull;
		run(BYTES(0x48, 0x66, 0xB8, 0x22, 0x11));
		hwcheck(ax_is(0xFFFFFFFFFFFF1122), "REX before another prefix is ignored");
		prepare(m);
		run(BYTES(0x40, 0xB4, 0x5A));
		check(done() && (s.sp & 0xFF) == 0x5A, "REX makes AH SPL");
		prepare(m);
		s.r9 = 0x123456789ABCDEF0;
		run(BYTES(0x4C, 0x89, 0xC8));
		check(ax_is(0x123456789ABCDEF0), "REX.R reaches R9");
	} else {
		prepare(m);
		run(BYTES(0x40));
		u64 mask = is_small(m) ? 0xFFFF : 0xFFFFFFFF;
		check(done() && s.ax == ((old & ~mask) | ((old + 1) & mask)), "40 is INC");
	}
}

static void addresses(enum mode m)
{
	u64 base = 0;
	prepare(m);
	base = data_base();
	poke32(DATA + 0x310, 0xC0FFEE01);
	if (is_small(m)) {
		s.bx |= 0xABCD0000;
		run(BYTES(0x66, 0x8B, 0x47, 0x10));
		int good = ax_is(0xC0FFEE01);
		prepare(m);
		s.cx = 0x300;
		run(BYTES(0x67, 0x66, 0x8B, 0x41, 0x10));
		check(good && ax_is(0xC0FFEE01), "addresses are 16 bits, 32 with a prefix");
		prepare(m);
		s.si = 0x8000;
		s.bx = 0x8310;
		run(BYTES(0x66, 0x8B, 0x00));
		check(ax_is(0xC0FFEE01), "a 16-bit address wraps");
	} else if (wide(m)) {
		s.bx = base + 0x300;
		run(BYTES(0x8B, 0x43, 0x10));
		int good = ax_is(0xC0FFEE01);
		prepare(m);
		s.bx = 0xABCD000000000000 | (base + 0x300);
		run(BYTES(0x67, 0x8B, 0x43, 0x10));
		check(good && ax_is(0xC0FFEE01), "addresses are 64 bits, 32 with a prefix");
		prepare(m);
		s.bx = 0xFFFFFFF0;
		s.cx = base + 0x310 + 0x10;
		run(BYTES(0x67, 0x8B, 0x04, 0x0B));
		check(ax_is(0xC0FFEE01), "a 32-bit address wraps");
		prepare(m);
		poke32(CODE + 0x106, 0xFEEDF00D);
		run(BYTES(0x8B, 0x05, 0, 1, 0, 0));
		check(ax_is(0xFEEDF00D), "RIP-relative addressing");
	} else {
		s.bx = base + 0x300;
		run(BYTES(0x8B, 0x43, 0x10));
		int good = ax_is(0xC0FFEE01);
		set_gdt(T0, descriptor(DATA, 0xFFFF, 0xF3, 0));
		prepare(m);
		s.ds = T0 | 3;
		s.bx = 0xFFFF0300;
		run(BYTES(0x67, 0x8B, 0x47, 0x10));
		check(good && ax_is(0xC0FFEE01), "addresses are 32 bits, 16 with a prefix");
		prepare(m);
		s.bx = 0xFFFFFFF0;
		s.cx = base + 0x310 + 0x10;
		run(BYTES(0x8B, 0x04, 0x0B));
		check(ax_is(0xC0FFEE01), "a 32-bit address wraps");
	}
}

/// IRET to a 16-bit stack loads SP and leaves the rest of ESP, so unless it stayed at CPL 0 that is all to compare.
static int sp_is(u64 expected)
{
	int loaded = mode == PM16 || mode == PM32 || mode == REAL || s.ss == D32 || s.ss == UD32 || mode == V86;
	return done() && (loaded ? s.sp == expected : (u16)s.sp == (u16)expected);
}

static void stacks(enum mode m)
{
	u32 n = is_small(m) ? 2 : wide(m) ? 8 : 4, other = n == 2 ? 4 : 2;
	prepare(m);
	u64 top = s.sp;
	run(BYTES(0x50));
	int good = sp_is(top - n);
	prepare(m);
	run(BYTES(0x66, 0x50));
	check(good && sp_is(top - other), "PUSH takes %u bytes, %u with a prefix", n, other);
	prepare(m);
	run(BYTES(0x0F, 0xA0));
	check(sp_is(top - n) && (peek32(STACK + (u16)s.sp) & 0xFFFF) == s.fs, "PUSH FS takes %u bytes", n);
	prepare(m);
	if (is_small(m)) {
		run(BYTES(0xE8, 0, 0));
		check(sp_is(top - 2) && (u16)peek32(STACK + (u16)s.sp) == (u16)(s.ip), "CALL pushes a word");
	} else {
		run(BYTES(0xE8, 0, 0, 0, 0));
		check(sp_is(top - n) && peek32(STACK + (u16)s.sp) == (u32)s.ip, "CALL pushes %u bytes", n);
	}
	if (wide(m) || m == REAL || m == V86) {
		return;
	}
	// a stack of the other size: SS.B decides, not the code's size
	u32 user = m == PM16U || m == PM32U || m == COMPAT16U || m == COMPAT32U ? 3 : 0;
	prepare(m);
	s.ss = user ? US16 : S16;
	s.sp = 0xABCD1000;
	run(BYTES(0x50));
	good = sp_is(0xABCD1000 - n);
	prepare(m);
	s.ss = user ? US16 : S16;
	s.sp = 0xABCD0000;
	run(BYTES(0x50, 0x59));
	check(good && sp_is(0xABCD0000) && (u16)s.cx == (u16)s.ax, "a 16-bit stack wraps at 64 KiB and leaves the upper half of ESP");
	prepare(m);
	s.ss = user ? UD32 : D32;
	s.sp = STACK + 0x10000;
	top = s.sp;
	run(BYTES(0x50));
	check(sp_is(top - n), "a 32-bit stack crosses 64 KiB");
	prepare(m);
	s.ss = user ? US16 : S16;
	s.sp = 0x55551000;
	s.bp = 0xFFFF2000;
	poke32(STACK + 0x2000, 0x12348765);
	run(BYTES(0xC9));
	check(sp_is((0x55550000 | (0x2000 + n))) && (u16)s.bp == 0x8765, "LEAVE with a 16-bit stack uses BP and SP");
}

void sizes(enum mode m)
{
	operands(m);
	addresses(m);
	stacks(m);
}
