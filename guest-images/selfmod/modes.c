#include "parts.h"

void modes(enum mode m)
{
	const char *old = where;
	where = mode_names[m];
	int small = is_small(m);
	// 16-bit code reaches itself through CS only to read, so the data segment is laid over the code
	prepare(m);
	u32 over = m == REAL || m == V86 ? CODE >> 4 : small ? T0 | (s.cs & 3) : s.ds;
	set_gdt(T0, descriptor(CODE, 0xFFFF, 0xF3, 0));
	s.ds = s.es = over;
	s.bx = small ? 0 : CODE;
	if (small) {
		run(A16("movb $0x2A, 5(bx)\n mov $1, ax"));
	} else {
		run(BYTES(0xC6, 0x43, 5, 0x2A, 0xB8, 1, 0, 0, 0));
	}
	check(done() && (u16)s.ax == 0x2A, "the next instruction's operand");
	prepare(m);
	s.ds = s.es = over;
	s.bx = small ? 0 : CODE;
	s.ax = 0;
	s.cx = 100;
	// add ax, imm8; inc byte [imm8]; loop
	if (small) {
		run(BYTES(0x83, 0xC0, 0x00, 0xFE, 0x47, 0x02, 0xE2, 0xF8));
	} else {
		run(BYTES(0x83, 0xC0, 0x00, 0xFE, 0x43, 0x02, 0xE2, 0xF8));
	}
	check(done() && (u16)s.ax == 99 * 100 / 2, "a loop patches itself in each round");
	prepare(m);
	s.ds = s.es = over;
	s.di = (small ? 0 : CODE) + 2;
	s.ax = 0x43;
	s.cx = 4;
	s.bx = 0;
	if (m == LONG || m == LONGU) {
		// there 43 is a prefix: C3 makes the CALL's target return
		s.ax = 0x90;
		s.cx = 2;
		run(BYTES(0xF3, 0xAA, 0x0F, 0x0B, 0x90));
		check(done(), "REP STOSB changes the instructions behind it");
	} else {
		run(BYTES(0xF3, 0xAA, 0x90, 0x90, 0x90, 0x90));
		check(done() && (u16)s.bx == 4, "REP STOSB changes the instructions behind it");
	}
	set_gdt(T0, 0);
	where = old;
}
