// BSWAP, CMPXCHG8B, XADD, SHLD, SHRD, XLAT, BOUND and INTO.
#include "probe.h"
#include "parts.h"

static const enum mode all[] = {REAL, PM16, PM32, PM32U};

static u32 parity(u32 v)
{
	v ^= v >> 4;
	v ^= v >> 2;
	v ^= v >> 1;
	return v & 1 ? 0 : PFLAG;
}

static void exchange(void)
{
	int good = 1;
	for (u32 i = 0; i < 8; i++) {
		for (u32 m = 0; m < 4; m++) {
			if (i == 4) {
				continue;
			}
			u8 code[3] = {0x66, 0x0F, 0xC8 + i};
			int small = is_small(all[m]);
			prepare(all[m]);
			u64 *r = &s.ax;
			r[i] = 0x11223344;
			run(code_of(code + !small, 2 + small));
			good &= done() && r[i] == 0x44332211;
		}
	}
	check(good, "BSWAP of each register");
	for (u32 i = 0; i < 4; i++) {
		u32 equal = i & 1;
		prepare(PM32U);
		poke32(DATA + 0x300, 0x11111111);
		poke32(DATA + 0x304, equal ? 0x22222222 : 0x22222223);
		s.ax = 0x11111111;
		s.dx = 0x22222222;
		u32 pointer = s.bx;
		s.si = pointer;
		s.bx = 0x33333333;
		s.cx = 0x44444444;
		s.flags |= CF | SF | OFLAG | (equal ? 0 : ZF);
		u8 code[4] = {0xF0, 0x0F, 0xC7, 0x0E};
		run(code_of(code + (i < 2), 4 - (i < 2)));
		int good = done() && (s.flags & (CF | SF | OFLAG)) == (CF | SF | OFLAG) && !(s.flags & ZF) == !equal;
		good &= equal ? peek32(DATA + 0x300) == 0x33333333 && peek32(DATA + 0x304) == 0x44444444 && s.ax == 0x11111111 && s.dx == 0x22222222
			      : peek32(DATA + 0x304) == 0x22222223 && s.ax == 0x11111111 && s.dx == 0x22222223;
		check(good, "%sCMPXCHG8B that %s changes ZF only", i < 2 ? "" : "LOCK ", equal ? "is equal" : "is not equal");
	}
	for (u32 m = 0; m < 4; m++) {
		int small = is_small(all[m]);
		prepare(all[m]);
		poke32(DATA + 0x300, 0xFFFFFFF0);
		s.cx = 0x20;
		if (small) {
			run(BYTES(0x66, 0x0F, 0xC1, 0x0F));
		} else {
			run(BYTES(0x0F, 0xC1, 0x0B));
		}
		int good = done() && s.cx == 0xFFFFFFF0 && peek32(DATA + 0x300) == 0x10 && (s.flags & ARITH) == (CF | (parity(0x10)));
		prepare(all[m]);
		s.ax = 0x7F;
		run(BYTES(0x0F, 0xC0, 0xC0));
		check(good && done() && (u8)s.ax == 0xFE && (s.flags & OFLAG), "XADD in %s", mode_names[all[m]]);
	}
}

static void double_shifts(void)
{
	for (u32 right = 0; right < 2; right++) {
		for (u32 size = 16; size <= 32; size += 16) {
			for (u32 count = 0; count < 64; count++) {
				u32 n = count & 31;
				if (n > size) {
					continue;
				}
				u32 a = 0x8421C3A5, b = 0x5E0FF17A;
				u64 mask = size == 32 ? 0xFFFFFFFF : 0xFFFF;
				a &= mask;
				b &= mask;
				u64 r = right ? ((u64)b << size | a) >> n : ((u64)a << size | b) << n >> size;
				r &= mask;
				u32 carry = !n ? 0 : right ? a >> (n - 1) & 1 : a >> (size - n) & 1;
				prepare(PM32U);
				s.ax = 0xAAAA0000 | a;
				s.dx = b;
				if (size == 32) {
					s.ax = a;
				}
				s.cx = count | 0x100;
				s.flags |= n ? 0 : ARITH;
				u8 code[4] = {0x66, 0x0F, right ? 0xAD : 0xA5, 0xD0};
				run(code_of(code + (size == 32), size == 32 ? 3 : 4));
				u32 expected = size == 32 ? (u32)r : 0xAAAA0000 | (u32)r, fl = s.flags;
				int good = done() && s.ax == expected;
				if (n) {
					good &= (fl & CF) == carry && !(fl & ZF) == (r != 0) && !(fl & SF) == !(r >> (size - 1)) && (fl & PFLAG) == parity(r & 0xFF);
					good &= n != 1 || !(fl & OFLAG) == !((r ^ a) >> (size - 1) & 1);
				} else {
					good &= (fl & ARITH) == ARITH;
				}
				REQUIRE(good, "%s of %u bits by %u", right ? "SHRD" : "SHLD", size, count);
			}
		}
		check(1, "%s by every count", right ? "SHRD" : "SHLD");
	}
}

static void table(void)
{
	for (u32 i = 0; i < 256; i++) {
		*(u8 *)(DATA + 0x300 + i) = i * 7 + 3;
		*(u8 *)(DATA2 + 0x300 + i) = i ^ 0x5A;
	}
	int good = 1;
	for (u32 al = 0; al < 256; al++) {
		prepare(al & 1 ? PM32 : V86);
		s.ax = 0xFFFFFF00 | al;
		run(BYTES(0xD7));
		good &= done() && s.ax == (0xFFFFFF00 | (u8)(al * 7 + 3));
	}
	check(good, "XLAT over all AL, unsigned");
	prepare(V86);
	s.fs = DATA2 >> 4;
	s.ax = 0x10;
	run(BYTES(0x64, 0xD7));
	good = done() && s.ax == (0x10 ^ 0x5A);
	prepare(PM32);
	set_gdt(T0, descriptor(DATA, 0xFFFF, 0x93, 0));
	s.ds = T0;
	s.bx = 0xFFFF0300;
	s.ax = 9;
	run(BYTES(0x67, 0xD7));
	good &= done() && s.ax == 9 * 7 + 3;
	prepare(V86);
	*(u8 *)(DATA + 0x20) = 0x99;
	s.bx = 0xFFF0;
	s.ax = 0x30;
	run(BYTES(0xD7));
	check(good && done() && s.ax == 0x99, "XLAT with an override, with the other address size, and round the end");
}

static void traps(void)
{
	static const s16 cases[][4] = {{-10, 10, -10, 0}, {-10, 10, 10, 0}, {-10, 10, 11, 1}, {-10, 10, -11, 1}, {10, -10, 0, 1}, {-32768, 32767, 0, 0}};
	for (u32 i = 0; i < 6; i++) {
		static const enum mode modes[3] = {REAL, V86, PM16};
		for (u32 m = 0; m < 3; m++) {
			prepare(modes[m]);
			poke32(DATA + 0x300, (u16)cases[i][0] | cases[i][1] << 16);
			s.ax = 0x55550000 | (u16)cases[i][2];
			run(BYTES(0x62, 0x07));
			REQUIRE(cases[i][3] ? fault(BR, 0, 0) && unchanged() : done(), "BOUND of %d in %d..%d in %s", cases[i][2], cases[i][0], cases[i][1], mode_names[modes[m]]);
		}
	}
	check(1, "BOUND of words");
	int good = 1;
	static const enum mode modes[4] = {REAL, V86, PM16, PM32U};
	for (u32 m = 0; m < 4; m++) {
		prepare(modes[m]);
		s.flags |= OFLAG;
		run(BYTES(0xCE));
		good &= fault(OF, 0, 1);
		prepare(modes[m]);
		s.flags |= ARITH & ~OFLAG;
		run(BYTES(0xCE));
		good &= done();
	}
	check(good, "INTO");
}

void arithmetic(void)
{
	exchange();
	double_shifts();
	table();
	traps();
}
