// Far pointers and segment registers.
#include "probe.h"
#include "parts.h"

static void pointers(void)
{
	static const struct { const char *name; u8 code[4], size; } forms[] = {
		{"LES", {0x66, 0xC4, 0x07}, 3}, {"LDS", {0x66, 0xC5, 0x07}, 3}, {"LSS", {0x66, 0x0F, 0xB2, 0x07}, 4}, {"LFS", {0x66, 0x0F, 0xB4, 0x07}, 4},
		{"LGS", {0x66, 0x0F, 0xB5, 0x07}, 4},
	};
	static const enum mode modes[] = {REAL, V86, PM16, PM32, PM32U};
	for (u32 i = 0; i < 5; i++) {
		for (u32 j = 0; j < 5; j++) {
			enum mode m = modes[j];
			int small = is_small(m);
			for (u32 word = 0; word < 2; word++) {
				prepare(m);
				u32 *registers[5] = {&s.es, &s.ds, &s.ss, &s.fs, &s.gs};
				u32 selector = i == 2 ? s.ss : m == PM16 ? S16 : m == PM32 ? S16 : m == PM32U ? US16 : 0x4321;
				u8 code[4];
				memcpy(code, forms[i].code, 4);
				code[forms[i].size - 1] = small ? 0x07 : 0x03;
				poke32(DATA + 0x300, word ? 0xABCD | selector << 16 : 0x1234ABCD);
				poke32(DATA + 0x304, selector | 0x99990000);
				int prefix = small ? !word : word;
				run(code_of(code + !prefix, forms[i].size - !prefix));
				REQUIRE(done() && s.ax == (word ? (start.ax & 0xFFFF0000) | 0xABCD : 0x1234ABCD) && *registers[i] == selector, "%s of %s in %s", forms[i].name,
					word ? "m16:16" : "m16:32", mode_names[m]);
			}
		}
		check(1, "%s with both sizes in every mode", forms[i].name);
	}
}

static void moves(void)
{
	prepare(PM32);
	run(BYTES(0x8C, 0xD8));
	int good = done() && s.ax == D32;
	prepare(PM32);
	run(BYTES(0x66, 0x8C, 0xD8));
	good &= done() && s.ax == ((start.ax & 0xFFFF0000) | D32);
	prepare(PM32);
	poke32(DATA + 0x300, 0xFFFFFFFF);
	run(BYTES(0x8C, 0x1B));
	good &= done() && peek32(DATA + 0x300) == (0xFFFF0000 | D32);
	check(good, "MOV from a segment register: to a register it is zero-extended, to memory a word");
	prepare(PM32);
	s.ax = 0x12340000 | KD;
	run(BYTES(0x8E, 0xC0));
	check(done() && s.es == KD, "MOV to a segment register uses the lower word");
	// PUSH and POP
	static const struct { const char *name; u8 push[2], pop[2], size; } forms[] = {
		{"ES", {0x06}, {0x07}, 1}, {"DS", {0x1E}, {0x1F}, 1}, {"FS", {0x0F, 0xA0}, {0x0F, 0xA1}, 2}, {"GS", {0x0F, 0xA8}, {0x0F, 0xA9}, 2}, {"SS", {0x16}, {0x17}, 1},
	};
	for (u32 i = 0; i < 5; i++) {
		prepare(PM32);
		u32 *registers[5] = {&s.es, &s.ds, &s.fs, &s.gs, &s.ss};
		run(code_of(forms[i].push, forms[i].size));
		good = done() && s.sp == start.sp - 4 && (u16)peek32(s.sp) == *registers[i];
		prepare(PM32);
		poke32(s.sp, 0x77770000 | (i == 4 ? D32 : S16));
		run(code_of(forms[i].pop, forms[i].size));
		good &= done() && s.sp == start.sp + 4 && *registers[i] == (i == 4 ? D32 : S16);
		prepare(V86);
		run(code_of(forms[i].push, forms[i].size));
		good &= done() && (u16)s.sp == (u16)start.sp - 2 && (u16)peek32(STACK + (u16)s.sp) == *registers[i];
		prepare(PM16);
		*(u32 *)(STACK + (u16)s.sp) = 0x55550000 | S16;
		u8 wide[3] = {0x66, forms[i].pop[0], forms[i].pop[1]};
		run(code_of(wide, 1 + forms[i].size));
		good &= done() && (u16)s.sp == (u16)start.sp + 4 && *registers[i] == S16;
		check(good, "PUSH and POP %s in words and dwords", forms[i].name);
	}
	prepare(V86);
	run(BYTES(0x0E, 0x58));
	check(done() && (u16)s.ax == CODE >> 4, "PUSH CS");
}

static void arpl(void)
{
	int good = 1;
	for (u32 i = 0; i < 16; i++) {
		u32 a = i & 3, c = i >> 2;
		prepare(i & 1 ? PM32U : PM16);
		s.ax = 0xABCD1230 | a;
		s.cx = 0x4440 | c;
		s.flags |= CF | SF;
		run(BYTES(0x63, 0xC8));
		good &= done() && s.ax == (0xABCD1230 | (a < c ? c : a)) && !(s.flags & ZF) == (a >= c) && (s.flags & (CF | SF)) == (CF | SF);
		prepare(PM32);
		poke32(DATA + 0x300, 0xABCD1230 | a);
		s.cx = 0x4440 | c;
		run(BYTES(0x63, 0x0B));
		good &= done() && peek32(DATA + 0x300) == (0xABCD1230 | (a < c ? c : a)) && !(s.flags & ZF) == (a >= c);
	}
	check(good, "ARPL with every pair of RPLs, register and memory");
	prepare(REAL);
	run(BYTES(0x63, 0xC8));
	good = fault(UD, 0, 0);
	prepare(V86);
	run(BYTES(0x63, 0xC8));
	check(good && fault(UD, 0, 0), "ARPL is undefined in real and virtual-8086 mode");
}

void segments(void)
{
	pointers();
	moves();
	arpl();
}
