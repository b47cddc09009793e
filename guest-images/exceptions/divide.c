// #DE: restartable, registers unchanged.
#include "parts.h"

static void one(const char *what, int size, u64 dx, u64 ax, u64 cx, int is_signed)
{
	static const u8 forms[4][4] = {{0xF6}, {0x66, 0xF7}, {0xF7}, {0x48, 0xF7}};
	static const u8 lengths[4] = {1, 2, 1, 2};
	u8 code[4];
	memcpy(code, forms[size], 4);
	code[lengths[size]] = is_signed ? 0xF9 : 0xF1;
	prepare(w->user);
	s.dx = dx;
	s.ax = ax;
	s.cx = cx;
	run(code_of(code, lengths[size] + 1));
	int good = FAULTS(DE, 0);
	s.dx = 0;
	s.ax = 100;
	s.cx = 7;
	run(code_of(0, 0));
	good &= t.vector == UD && (s.ax & 0xFF) == 14;
	check(good, "%s of %u bits raises #DE and restarts", what, 8 << size);
}

void divide(void)
{
	for (int size = 0; size < 3 + w->wide; size++) {
		u32 bits = 8 << size;
		u64 top = 1ull << (bits - 1), ones = top | (top - 1);
		one("DIV by 0", size, 0, 100, 0, 0);
		one("IDIV by 0", size, 0, 100, 0, 1);
		if (size == 0) {
			one("DIV that overflows", size, 0, 0x100, 1, 0);
			one("IDIV of the smallest by -1", size, 0, 0xFF80, 0xFF, 1);
			one("IDIV that overflows", size, 0, 0x80, 1, 1);
		} else {
			one("DIV that overflows", size, 1, 0, 1, 0);
			one("IDIV of the smallest by -1", size, ones, top, ones, 1);
			one("IDIV that overflows", size, 0, top, 1, 1);
		}
	}
	if (!w->wide) {
		prepare(w->user);
		run(BYTES(0xD4, 0));
		check(FAULTS(DE, 0), "AAM 0 raises #DE");
	}
}
