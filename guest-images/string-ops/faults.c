// A page fault in the middle: registers say exactly how far it got, and it goes on from there.
#include "parts.h"

enum { PAGE = PAGES + 0x10000, BEFORE = 3, COUNT = 8 };

static void one(const char *name, u8 prefix, u8 opcode, u32 size, int source, int target)
{
	for (u32 down = 0; down < 2; down++) {
		for (u32 which = 0; which < 2; which++) {
			if (which ? !target : !source) {
				continue;
			}
			u8 code[4];
			u32 n = 0;
			if (size == 2) {
				code[n++] = 0x66;
			}
			code[n++] = prefix;
			if (size == 8) {
				code[n++] = 0x48;
			}
			code[n++] = opcode;
			prepare(in_long ? LONGU : PM32U);
			fill(PAGE - 256, 0x33, 512);
			fill(PAGE + 0x1000 - 256, 0x33, 512);
			fill(DATA, 0x33, 0x1000);
			s.ax = prefix == 0xF2 ? 0x44 : 0x3333333333333333;
			s.cx = COUNT;
			s.flags |= down ? DIRF : 0;
			s32 step = down ? -(s32)size : (s32)size;
			u32 first = down ? PAGE + 0x1000 + (BEFORE - 1) * size : PAGE - BEFORE * size;
			u32 near = DATA + 0x800;
			s.si = which ? near : first;
			s.di = which ? first : near;
			if (prefix == 0xF2) {
				fill(near - 128, 0x44, 256);
				s.ax = 0x4444444444444444;
			}
			if (!in_long) {
				s.ax &= 0xFFFFFFFF;
			}
			set_pte(PAGE, 0);
			run(code_of(code, n));
			int writes = which && (opcode == 0xA4 || opcode == 0xA5 || opcode == 0xAA || opcode == 0xAB);
			u64 si = start.si + (source ? BEFORE * step : 0), di = start.di + (target ? BEFORE * step : 0);
			int good = fault(PF, writes ? 6 : 4, 0) && s.cx == COUNT - BEFORE && s.si == si && s.di == di && t.cr2 == (down ? PAGE + 0x1000 - size : PAGE);
			set_pte(PAGE, PAGE | 7);
			run(code_of(0, 0));
			good &= t.vector == UD && s.cx == 0;
			check(good, "%s of %u bytes %s, its %s absent", name, size, down ? "down" : "up", which ? "target" : "source");
		}
	}
}

void faults(void)
{
	for (u32 size = 1; size <= (in_long ? 8u : 4u); size *= 2) {
		u32 odd = size > 1;
		one("REP MOVS", 0xF3, 0xA4 + odd, size, 1, 1);
		one("REP STOS", 0xF3, 0xAA + odd, size, 0, 1);
		one("REP LODS", 0xF3, 0xAC + odd, size, 1, 0);
		one("REPE CMPS", 0xF3, 0xA6 + odd, size, 1, 1);
		one("REPNE CMPS", 0xF2, 0xA6 + odd, size, 1, 1);
		one("REPE SCAS", 0xF3, 0xAE + odd, size, 0, 1);
		one("REPNE SCAS", 0xF2, 0xAE + odd, size, 0, 1);
	}
}
