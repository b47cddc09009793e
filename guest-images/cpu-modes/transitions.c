// Changes of mode that are refused.
#include "parts.h"

enum { EFER = 0xC0000080 };

void transitions(void)
{
	enum mode m = in_long ? LONG : PM32;
	u32 cr0 = rd_cr0(), cr4 = rd_cr4();
	if (has_long && !in_long && (cr0 >> 31) && hardware("EFER.LME while paging is on raises #GP")) {
		prepare(m);
		s.cx = EFER;
		s.ax = 0x100;
		s.dx = 0;
		run(BYTES(0x0F, 0x30));
		check(FAULTS(GP, 0), "EFER.LME while paging is on raises #GP");
	}
	if (has_long && !(cr0 >> 31) && hardware("CR0.PG with EFER.LME but without CR4.PAE raises #GP")) {
		wr_msr(EFER, 0x100);
		prepare(m);
		s.ax = cr0 | 0x80000000;
		run(BYTES(0x0F, 0x22, 0xC0));
		check(FAULTS(GP, 0), "CR0.PG with EFER.LME but without CR4.PAE raises #GP");
		wr_msr(EFER, 0);
	}
	if (in_long) {
		check(rd_msr(EFER) >> 10 & 1, "EFER.LMA is set");
		prepare(LONG);
		run(BYTES(0x0F, 0x20, 0xC0, 0x44, 0x0F, 0x20, 0xC1));
		check(done() && s.ax == cr0 && s.cx == 0, "MOV from CR0 and CR8 are 64 bits wide");
		prepare(LONG);
		s.ax = 5;
		run(BYTES(0x44, 0x0F, 0x22, 0xC0, 0x44, 0x0F, 0x20, 0xC1, 0x31, 0xC0, 0x44, 0x0F, 0x22, 0xC0));
		check(done() && s.cx == 5, "CR8 keeps four bits");
		prepare(LONG);
		s.ax = 0x10;
		run(BYTES(0x44, 0x0F, 0x22, 0xC0));
		hwcheck(FAULTS(GP, 0), "CR8 with a reserved bit raises #GP");
		prepare(LONG);
		run(BYTES(0x9C, 0x58));
		check(done() && s.ax == 2, "PUSHFQ");
	}
	check(rd_cr0() == cr0 && rd_cr4() == cr4, "what was refused changed nothing");
	prepare(m);
	s.ax = cr0 | 0x10;
	run(BYTES(0x0F, 0x20, 0xC3, 0x0F, 0x22, 0xC0, 0x0F, 0x20, 0xC1));
	check(done() && (s.cx & 0x10), "CR0.ET stays set");
}
