// The PIT interrupts long string instructions between iterations.
#include "parts.h"

enum { FROM = PAGES, TO = PAGES + 0x80000, BYTES_MOVED = 0x70000, TRIES = 3000, IRQ0 = 0x20 };

static void one(enum mode m, const char *name, const u8 *code, u32 size, u32 element, int moves)
{
	u32 in_middle = 0, tries;
	int good = 1;
	for (tries = 0; tries < TRIES && in_middle < 3 && good; tries++) {
		prepare(m);
		fill(TO, 0, 64);
		fill(TO + BYTES_MOVED - 64, 0, 64);
		u64 count = BYTES_MOVED / element;
		s.cx = count;
		s.si = FROM;
		s.di = TO;
		s.ax = 0x7777777777777777;
		if (m != LONG) {
			s.ax &= 0xFFFFFFFF;
		}
		s.flags |= IF;
		run(code_of(code, size));
		u32 begin = code_at;
		while (t.vector == IRQ0 && good) {
			out_byte(0x20, 0x20);
			u64 moved = (count - s.cx) * element;
			good &= s.di == TO + moved && (!moves || s.si == FROM + moved) && (s.flags & IF);
			if (s.ip == begin) {
				in_middle += s.cx != 0 && s.cx != count;
			} else {
				good &= s.cx == 0;
			}
			run(code_of(0, 0));
		}
		good &= t.vector == UD && s.cx == 0 && s.di == TO + BYTES_MOVED;
		u32 last = peek32(TO + BYTES_MOVED - 4);
		good &= last == (moves ? peek32(FROM + BYTES_MOVED - 4) : 0x77777777);
	}
	check(good, "%s survives interrupts", name);
	check(!good || in_middle != 0, "%s is interrupted between iterations", name);
}

void interrupts(enum mode m)
{
	for (u32 i = 0; i < BYTES_MOVED; i += 4) {
		poke32(FROM + i, i * 0x01000193);
	}
	out_byte(0x43, 0x34);
	out_byte(0x40, 300 & 0xFF);
	out_byte(0x40, 300 >> 8);
	out_byte(0x21, 0xFE);
	one(m, "REP MOVSB", (const u8[]){0xF3, 0xA4}, 2, 1, 1);
	one(m, "REP MOVSD", (const u8[]){0xF3, 0xA5}, 2, 4, 1);
	one(m, "REP STOSB", (const u8[]){0xF3, 0xAA}, 2, 1, 0);
	one(m, "REP STOSD", (const u8[]){0xF3, 0xAB}, 2, 4, 0);
	out_byte(0x21, 0xFF);
	out_byte(0x20, 0x20);
}
