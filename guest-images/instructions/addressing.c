// The forms of 16-bit addressing, absolute offsets, segment overrides.
#include "probe.h"
#include "parts.h"

static void sixteen(enum mode m)
{
	u32 prefix = !is_small(m);
	for (u32 mod = 0; mod < 3; mod++) {
		for (u32 rm = 0; rm < 8; rm++) {
			static const s32 displacements[] = {0, 0x12, -0x10, 0x1234, -0x1000, 0x7FFF};
			for (u32 d = 0; d < 6; d++) {
				s32 displacement = displacements[d];
				int absolute = mod == 0 && rm == 6;
				if ((mod == 0 && !absolute && displacement) || (mod == 1 && (displacement > 127 || displacement < -128))) {
					continue;
				}
				for (u32 high = 0; high < 2; high++) {
					prepare(m);
					u32 flat = !is_small(m);
					if (flat) {
						set_gdt(T0, descriptor(DATA, 0xFFFF, 0xF3, 0));
						set_gdt(T0 + 8, descriptor(STACK, 0xFFFF, 0x93 | (s.cs & 3) << 5, 0));
						s.ds = T0 | 3;
						s.ss = (T0 + 8) | (s.cs & 3);
						s.sp = STACK_TOP;
					}
					// large values make the sum wrap
					s.bx = 0xABCD0000 | (high ? 0xFF00 : 0x2000);
					s.bp = 0x12340000 | (high ? 0xFE00 : 0x3000);
					s.si = 0x55550000 | (high ? 0x8200 : 0x0440);
					s.di = 0x66660000 | (high ? 0x9300 : 0x0880);
					u32 bases[8] = {s.bx + s.si, s.bx + s.di, s.bp + s.si, s.bp + s.di, s.si, s.di, absolute ? 0 : s.bp, s.bx};
					u16 offset = bases[rm] + displacement;
					if (offset > 0xFFFC) {
						continue;
					}
					int by_stack = rm == 2 || rm == 3 || (rm == 6 && !absolute);
					if (by_stack && offset > 0xEE00 && offset < 0xF200) {
						continue; // the probe's own
					}
					poke32(DATA + offset, 0xDA7A0000 | offset);
					poke32(STACK + offset, 0x57AC0000 | offset);
					u8 code[8];
					u32 n = 0;
					if (prefix) {
						code[n++] = 0x67;
					} else {
						code[n++] = 0x66;
					}
					code[n++] = 0x8B;
					code[n++] = mod << 6 | 1 << 3 | rm;
					if (mod == 1) {
						code[n++] = displacement;
					} else if (mod == 2 || absolute) {
						code[n++] = displacement;
						code[n++] = displacement >> 8;
					}
					run(code_of(code, n));
					int good = done() && s.cx == ((by_stack ? 0x57AC0000u : 0xDA7A0000u) | offset);
					u64 keep = start.cx;
					s = start;
					code[1] = 0x8D;
					run(code_of(code, n));
					good &= done() && s.cx == (u32)offset && keep == start.cx;
					REQUIRE(good, "mod %u, r/m %u, displacement %d in %s", mod, rm, displacement, mode_names[m]);
				}
			}
		}
	}
	check(1, "the 24 forms of 16-bit addressing in %s", mode_names[m]);
}

static void offsets(enum mode m)
{
	int small = is_small(m);
	poke32(DATA + 0x345, 0x89ABCDEF);
	for (u32 prefix = 0; prefix < 2; prefix++) {
		int narrow = (small != 0) != prefix;
		u32 address = small ? 0x345 : DATA + 0x345;
		if (narrow && !small) {
			set_gdt(T0, descriptor(DATA, 0xFFFF, 0xF3, 0));
			address = 0x345;
		}
		for (u32 form = 0; form < 4; form++) {
			u8 code[8];
			u32 n = 0;
			if (prefix) {
				code[n++] = 0x67;
			}
			code[n++] = 0xA0 + form;
			memcpy(code + n, &address, 4);
			n += narrow ? 2 : 4;
			prepare(m);
			if (narrow && !small) {
				s.ds = T0 | 3;
			}
			poke32(DATA + 0x345, 0x89ABCDEF);
			run(code_of(code, n));
			u32 size = form & 1 ? small ? 2 : 4 : 1, mask = size == 4 ? 0xFFFFFFFF : size == 2 ? 0xFFFF : 0xFF;
			int good = done() && (form < 2 ? s.ax == ((start.ax & ~mask) | (0x89ABCDEF & mask)) : peek32(DATA + 0x345) == ((0x89ABCDEF & ~mask) | (start.ax & mask)));
			REQUIRE(good, "MOV %X with a %u-bit offset in %s", 0xA0 + form, narrow ? 16 : 32, mode_names[m]);
		}
	}
	check(1, "MOV with absolute offsets of both sizes in %s", mode_names[m]);
}

static void overrides(void)
{
	static const u8 prefixes[6] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
	int good = 1;
	for (u32 i = 0; i < 6; i++) {
		for (u32 j = 0; j < 6; j++) {
			// the last prefix counts
			prepare(V86);
			s.es = 0x4100;
			s.fs = 0x4200;
			s.gs = 0x4300;
			u32 bases[6] = {0x41000, CODE, STACK, DATA, 0x42000, 0x43000};
			for (u32 k = 0; k < 6; k++) {
				poke32(bases[k] + 0x300, 0x1000 + k);
			}
			u8 code[5] = {prefixes[i], 0x66, prefixes[j], 0x8B, 0x07};
			run(code_of(code, 5));
			good &= done() && s.ax == 0x1000 + j;
		}
	}
	check(good, "of two segment overrides the last one counts");
	prepare(V86);
	poke32(DATA + STACK_TOP - 0x100, 0x77);
	poke32(STACK + STACK_TOP - 0x100, 0x88);
	run(BYTES(0x3E, 0x66, 0x8B, 0x46, 0x00));
	good = done() && s.ax == 0x77;
	prepare(PM32);
	set_gdt(T0, descriptor(0x1000, 0xFFFFF, 0x93, 12));
	s.gs = T0;
	poke32(DATA + 0x1300, 0x6500);
	run(BYTES(0x65, 0x8B, 0x03));
	good &= done() && s.ax == 0x6500;
	prepare(PM32);
	s.fs = T0;
	poke32(DATA + 0x1300, 1);
	run(BYTES(0x64, 0x01, 0x03));
	good &= done() && peek32(DATA + 0x1300) == 1 + (u32)start.ax;
	check(good, "overrides of a stack reference and of segments with a base");
	prepare(PM32);
	s.ds = T0;
	s.bp = DATA + 0x300;
	poke32(DATA + 0x300, 0x55);
	poke32(DATA + 0x1300, 0xD5);
	run(BYTES(0x8B, 0x45, 0x00));
	good = done() && s.ax == 0x55;
	prepare(PM32);
	s.ds = T0;
	s.cx = DATA + 0x300;
	s.bp = 0;
	run(BYTES(0x8B, 0x04, 0x29));
	good &= done() && s.ax == 0xD5;
	prepare(PM32);
	s.ds = T0;
	s.bp = DATA + 0x300;
	s.cx = 0;
	run(BYTES(0x8B, 0x44, 0x0D, 0x00));
	good &= done() && s.ax == 0x55;
	prepare(PM32);
	s.ds = T0;
	s.bp = DATA + 0x300;
	run(BYTES(0x8B, 0x04, 0x2D, 0, 0, 0, 0));
	good &= done() && s.ax == 0xD5;
	check(good, "EBP as a base implies SS, as an index it does not");
	set_gdt(T0, 0);
}

void addressing(void)
{
	sixteen(REAL);
	sixteen(V86);
	sixteen(PM16);
	sixteen(PM32);
	sixteen(PM32U);
	offsets(REAL);
	offsets(V86);
	offsets(PM16);
	offsets(PM32);
	offsets(PM32U);
	overrides();
	set_gdt(T0 + 8, 0);
}
