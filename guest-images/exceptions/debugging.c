// INT3, INTO, BOUND, ICEBP and the trap flag.
#include "parts.h"

static void software(void)
{
	prepare(w->user);
	run(BYTES(0xCC));
	check(fault(BP, 0, 1) && unchanged(), "INT3 saves the address behind it");
	prepare(w->user);
	run(BYTES(0xCD, 3));
	check(fault(BP, 0, 2), "INT 3 of two bytes");
	prepare(w->kernel);
	run(BYTES(0xF1));
	hwcheck(fault(DB, 0, 1) && !(t.dr6 & 0xE000), "ICEBP raises #DB as a trap and sets nothing in DR6");
	prepare(w->user);
	run(BYTES(0xCD, 0x2A));
	check(fault(0x2A, 0, 2) && unchanged(), "INT n");
	if (w->wide) {
		return;
	}
	prepare(w->user);
	s.flags |= OFLAG;
	run(BYTES(0xCE));
	check(fault(OF, 0, 1), "INTO with OF raises #OF as a trap");
	prepare(w->user);
	run(BYTES(0xCE));
	check(done(), "INTO without OF goes on");
	static const s32 cases[][4] = {{-5, 5, -5, 0}, {-5, 5, 5, 0}, {-5, 5, -6, 1}, {-5, 5, 6, 1}, {3, 2, 3, 1}};
	for (u32 i = 0; i < 5; i++) {
		prepare(w->user);
		poke32(DATA + 0x300, cases[i][0]);
		poke32(DATA + 0x304, cases[i][1]);
		s.ax = (u32)cases[i][2];
		run(BYTES(0x62, 0x03));
		check(cases[i][3] ? FAULTS(BR, 0) : done(), "BOUND of %d in %d..%d", cases[i][2], cases[i][0], cases[i][1]);
		prepare(w->user);
		poke32(DATA + 0x300, (u16)cases[i][0] | cases[i][1] << 16);
		s.ax = (u16)cases[i][2];
		run(BYTES(0x66, 0x62, 0x03));
		check(cases[i][3] ? FAULTS(BR, 0) : done(), "16-bit BOUND of %d in %d..%d", cases[i][2], cases[i][0], cases[i][1]);
	}
}

static int stepped(u32 at) { return fault(DB, 0, at) && (t.dr6 & 0xE000) == 0x4000 && (s.flags & TF); }

static void single_step(void)
{
	prepare(w->user);
	s.flags |= TF;
	run(BYTES(0x90, 0x90));
	check(stepped(1) && unchanged(), "TF traps behind the first instruction, DR6.BS set");
	run(code_of(0, 0));
	check(stepped(1), "TF traps behind the next one after IRET");

	prepare(w->user);
	run(BYTES(0x68, 0x02, 0x01, 0, 0, 0x9D, 0x90, 0x90));
	check(stepped(7), "TF set by POPF traps behind the instruction after it");

	prepare(w->user);
	s.flags |= TF;
	run(BYTES(0x6A, 0x02, 0x9D, 0x90));
	int good = stepped(2);
	run(code_of(0, 0));
	good &= t.vector == DB && offset() == 1 && (t.dr6 & 0x4000) && !(s.flags & TF);
	run(code_of(0, 0));
	check(good && t.vector == UD, "TF cleared by POPF still traps behind POPF, and then no more");

	prepare(w->user);
	s.flags |= TF;
	s.cx = 3;
	s.di = PAGES;
	run(BYTES(0xF3, 0xAA, 0x90));
	good = stepped(0) && s.cx == 2 && s.di == PAGES + 1;
	run(code_of(0, 0));
	good &= stepped(0) && s.cx == 1 && s.di == PAGES + 2;
	check(good, "TF traps behind each iteration of REP STOSB");
	run(code_of(0, 0));
	hwcheck(stepped(2) && s.cx == 0 && s.di == PAGES + 3, "TF traps behind the last iteration with the next instruction's address");

	prepare(w->user);
	s.flags |= TF;
	s.cx = 0;
	run(BYTES(0xF3, 0xAA, 0x90));
	check(stepped(2), "TF and REP STOSB with a count of 0");

	prepare(w->user);
	s.flags |= TF;
	run(BYTES(0xCD, 0x2A, 0x90));
	check(fault(0x2A, 0, 2) && (s.flags & TF) && !(t.dr6 & 0x4000), "TF is cleared on the way into INT n's handler, and saved");

	prepare(w->user);
	s.flags |= TF;
	s.ax = 0;
	set_pte(FAULT_PAGE, 0);
	s.bx = FAULT_PAGE;
	run(BYTES(0x8B, 0x03));
	check(fault(PF, 4, 0) && (s.flags & TF), "TF and a fault: the fault, no trap");
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	run(code_of(0, 0));
	check(stepped(2), "and the trap when it has restarted");

	prepare(w->user);
	s.flags |= TF;
	run(BYTES(0xEB, 0x01, 0x90, 0x90));
	check(stepped(3), "TF traps at the target of a jump");

	prepare(w->kernel);
	s.flags |= TF;
	s.ax = D32;
	run(BYTES(0x8E, 0xD0, 0x90, 0x90));
	hwcheck(stepped(3), "MOV SS puts the trap off until behind the next instruction");
	prepare(w->kernel);
	s.flags |= TF;
	s.sp -= 0x20;
	poke32(s.sp, D32);
	poke32(s.sp + 4, 0);
	if (!w->wide) {
		run(BYTES(0x17, 0x90, 0x90));
		hwcheck(stepped(2), "POP SS puts the trap off until behind the next instruction");
	}

	prepare(w->user);
	s.flags |= TF;
	s.si = s.bx;
	run(BYTES(0x9C, 0x58));
	good = stepped(1);
	run(code_of(0, 0));
	check(good && stepped(1) && (s.ax & TF), "PUSHF shows TF");
}

static void resume_flag(void)
{
	prepare(w->user);
	run(BYTES(0x0F, 0x0B));
	hwcheck(s.flags & RF, "a fault saves RF set");
	prepare(w->user);
	run(BYTES(0xCC));
	check(!(s.flags & RF), "a trap saves RF clear");
	prepare(w->user);
	s.flags |= RF;
	run(BYTES(0x9C, 0x58, 0xCC));
	check(t.vector == BP && !(s.ax & (RF | VM)), "PUSHF shows neither RF nor VM, and RF lasts for one instruction");
}

void debugging(void)
{
	software();
	single_step();
	resume_flag();
}
