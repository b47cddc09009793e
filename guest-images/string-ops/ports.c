// INS and OUTS with the scratch register of COM1 and the diagnostic port.
#include "parts.h"

enum { SCRATCH = 0x3FF, DIAGNOSTIC = 0x80, PAGE = PAGES + 0x10000 };

static enum mode kernel(void) { return in_long ? LONG : PM32; }

void ports(void)
{
	for (u32 down = 0; down < 2; down++) {
		prepare(kernel());
		memcpy((void *)(DATA + 0x100), "\x11\x22\x33\x44", 4);
		s.dx = SCRATCH;
		s.si = DATA + 0x100 + down * 3;
		s.cx = 4;
		s.flags |= down ? DIRF : 0;
		run(BYTES(0xF3, 0x6E));
		check(done() && s.cx == 0 && s.si == DATA + 0x100 + (down ? -1 : 4) && in_byte(SCRATCH) == (down ? 0x11 : 0x44), "REP OUTSB %s", down ? "down" : "up");
		prepare(kernel());
		fill(DATA + 0x200, 0xEE, 8);
		out_byte(SCRATCH, 0x5C);
		s.dx = SCRATCH;
		s.di = DATA + 0x203;
		s.cx = 3;
		s.flags |= down ? DIRF : 0;
		run(BYTES(0xF3, 0x6C));
		static const u8 expected[2][8] = {{0xEE, 0xEE, 0xEE, 0x5C, 0x5C, 0x5C, 0xEE, 0xEE}, {0xEE, 0x5C, 0x5C, 0x5C, 0xEE, 0xEE, 0xEE, 0xEE}};
		check(done() && s.cx == 0 && s.di == DATA + 0x203 + (down ? -3 : 3) && memcmp((void *)(DATA + 0x200), expected[down], 8) == 0,
			"REP INSB %s", down ? "down" : "up");
	}
	static const struct { const char *name; u8 code[2]; u32 size, step; } outs[] = {{"OUTSW", {0x66, 0x6F}, 2, 2}, {"OUTSD", {0x6F}, 1, 4}, {"OUTSB", {0x6E}, 1, 1}};
	for (u32 i = 0; i < 3; i++) {
		prepare(kernel());
		s.dx = DIAGNOSTIC;
		fill(DATA + 0x100, 0, 4);
		run(code_of(outs[i].code, outs[i].size));
		check(done() && s.si == start.si + outs[i].step && s.cx == start.cx, "%s", outs[i].name);
	}
	prepare(kernel());
	s.cx = 0;
	s.dx = SCRATCH;
	run(BYTES(0xF3, 0x6C));
	check(done() && s.di == start.di, "REP INSB with a count of 0");
	// a fault half way does not lose or repeat an element
	prepare(kernel());
	out_byte(SCRATCH, 0xA7);
	fill(PAGE - 4, 0, 8);
	s.dx = SCRATCH;
	s.cx = 6;
	s.di = PAGE - 2;
	set_pte(PAGE, 0);
	run(BYTES(0xF3, 0x6C));
	int good = fault(PF, 2, 0) && s.cx == 4 && s.di == PAGE && t.cr2 == PAGE;
	set_pte(PAGE, PAGE | 7);
	run(code_of(0, 0));
	check(good && t.vector == UD && s.cx == 0 && s.di == PAGE + 4 && peek32(PAGE) == 0xA7A7A7A7, "REP INSB over an absent page");
	prepare(kernel());
	s.dx = SCRATCH;
	s.cx = 6;
	s.si = PAGE - 2;
	memcpy((void *)(PAGE - 2), "\x01\x02\x03\x04\x05\x06", 6);
	set_pte(PAGE, 0);
	run(BYTES(0xF3, 0x6E));
	good = fault(PF, 0, 0) && s.cx == 4 && s.si == PAGE && in_byte(SCRATCH) == 2;
	set_pte(PAGE, PAGE | 7);
	run(code_of(0, 0));
	check(good && t.vector == UD && s.cx == 0 && in_byte(SCRATCH) == 6, "REP OUTSB over an absent page");
}
