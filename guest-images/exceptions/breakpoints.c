// The debug registers.
#include "parts.h"

enum { EXECUTE, WRITE, IO, ACCESS };

static void arm(int n, u32 address, int kind, int length)
{
	wr_dr(n, address);
	wr_dr7(0x400 | 1 << 2 * n | kind << (16 + 4 * n) | (length - 1) << (18 + 4 * n));
}

static int hit(u32 at, int n) { return fault(DB, 0, at) && (t.dr6 & 0xE00F) == 1u << n; }

static void data(void)
{
	prepare(w->user);
	arm(0, DATA + 0x300, WRITE, 4);
	run(BYTES(0x89, 0x03, 0x90));
	check(hit(2, 0) && peek32(DATA + 0x300) == (u32)start.ax, "a write breakpoint traps behind the store");
	prepare(w->user);
	arm(0, DATA + 0x300, WRITE, 4);
	run(BYTES(0x8B, 0x03));
	check(done(), "a write breakpoint ignores a load");
	prepare(w->user);
	arm(3, DATA + 0x300, ACCESS, 4);
	run(BYTES(0x8B, 0x03, 0x90));
	check(hit(2, 3) && (u32)s.ax == peek32(DATA + 0x300), "an access breakpoint traps behind a load");
	prepare(w->user);
	arm(3, DATA + 0x300, ACCESS, 4);
	run(BYTES(0x01, 0x03, 0x90));
	check(hit(2, 3), "an access breakpoint traps behind a read-modify-write once");

	static const struct { u8 at, length, store_at, store, hits; } cases[] = {
		{3, 1, 0, 4, 1}, {4, 1, 0, 4, 0}, {0, 4, 3, 1, 1}, {0, 4, 4, 1, 0}, {2, 2, 1, 2, 1}, {2, 2, 0, 2, 0},
		{2, 2, 0, 4, 1}, {0, 1, 1, 1, 0}, {0, 4, 255, 2, 1}, {1, 4, 0, 1, 1}, {1, 2, 0, 1, 1}, {3, 4, 7, 1, 0},
	};
	for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
		static const u8 stores[5][3] = {{0}, {0x88, 0x03}, {0x66, 0x89, 0x03}, {0}, {0x89, 0x03}};
		prepare(w->user);
		u32 size = cases[i].store == 2 ? 3 : 2;
		s.bx = DATA + 0x300 + (s8)cases[i].store_at;
		arm(1, DATA + 0x300 + cases[i].at, WRITE, cases[i].length);
		run(code_of(stores[cases[i].store], size));
		int good = cases[i].hits ? hit(size, 1) : done();
		const char *name = "a breakpoint of %u bytes at +%u and a store of %u at %d";
		int unaligned = cases[i].at & (cases[i].length - 1);
		if (unaligned) {
			hwcheck(good, name, cases[i].length, cases[i].at, cases[i].store, (s8)cases[i].store_at);
		} else {
			check(good, name, cases[i].length, cases[i].at, cases[i].store, (s8)cases[i].store_at);
		}
	}
	if (w->wide) {
		prepare(w->user);
		wr_dr(2, DATA + 0x308);
		wr_dr7(0x400 | 1 << 4 | WRITE << 24 | 2u << 26);
		s.bx = DATA + 0x30F;
		run(BYTES(0x88, 0x03));
		check(hit(2, 2), "a breakpoint of 8 bytes");
	}

	prepare(w->user);
	arm(0, DATA + 0x300, WRITE, 4);
	wr_dr7(0x400 | WRITE << 16 | 3 << 18);
	run(BYTES(0x89, 0x03));
	check(done(), "a breakpoint that is not enabled does not trap");
	prepare(w->user);
	wr_dr7(0x402 | WRITE << 16 | 3 << 18);
	run(BYTES(0x89, 0x03));
	check(hit(2, 0), "a breakpoint enabled globally traps");

	prepare(w->user);
	arm(0, DATA + 0x203, WRITE, 1);
	s.cx = 8;
	s.di = DATA + 0x200;
	run(BYTES(0xF3, 0xAA));
	hwcheck(t.vector == DB && (t.dr6 & 15) == 1 && s.cx >= 1 && s.cx <= 4 && s.di == DATA + 0x208 - s.cx && offset() == 0,
		"a breakpoint inside REP STOSB traps between iterations");
	run(code_of(0, 0));
	check(t.vector == UD && s.cx == 0 && s.di == DATA + 0x208, "and REP STOSB goes on behind it");

	prepare(w->user);
	arm(0, (u32)s.sp - 4 * (1 + w->wide), WRITE, 4);
	run(BYTES(0x50, 0x90));
	check(hit(1, 0), "PUSH hits a breakpoint on the stack");
}

static void instruction(void)
{
	prepare(w->user);
	arm(1, CODE + 1, EXECUTE, 1);
	run(BYTES(0x90, 0x43, 0x90));
	if (w->wide) {
		prepare(w->user);
		arm(1, CODE + 1, EXECUTE, 1);
		run(BYTES(0x90, 0xFF, 0xC3, 0x90));
	}
	check(hit(1, 1) && s.bx == start.bx, "an instruction breakpoint faults before the instruction");
	check(!(s.flags & RF), "and saves RF clear");
	s.flags |= RF;
	arm(1, CODE + 1, EXECUTE, 1);
	run(code_of(0, 0));
	check(t.vector == UD && s.bx == start.bx + 1, "RF set in the image lets it pass");
	prepare(w->user);
	arm(1, CODE + 1, EXECUTE, 1);
	run(BYTES(0xEB, 0x00, 0x90));
	check(done(), "an instruction breakpoint inside an instruction does nothing");
	prepare(w->user);
	arm(0, CODE + 1, EXECUTE, 1);
	wr_dr7(0x400 | 1);
	s.flags |= TF;
	run(BYTES(0x90, 0x90));
	hwcheck(fault(DB, 0, 1) && (t.dr6 & 0xE001) == 0x4001, "single-step and an instruction breakpoint arrive as one #DB");
}

static void registers(void)
{
	prepare(w->kernel);
	s.ax = 0;
	run(BYTES(0x0F, 0x23, 0xF0, 0x0F, 0x21, 0xF3));
	check(done() && (u32)s.bx == 0xFFFF0FF0, "DR6 keeps its fixed bits");
	prepare(w->kernel);
	s.ax = 0;
	run(BYTES(0x0F, 0x23, 0xF8, 0x0F, 0x21, 0xFB));
	check(done() && (u32)s.bx == 0x400, "DR7 keeps bit 10");
	prepare(w->kernel);
	s.ax = 0x1234;
	run(BYTES(0x0F, 0x23, 0xC0, 0x0F, 0x21, 0xC3));
	check(done() && (u32)s.bx == 0x1234, "DR0 keeps what is written");
	prepare(w->kernel);
	s.ax = 0;
	run(BYTES(0x0F, 0x21, 0xEB, 0x0F, 0x21, 0xE1));
	check(done() && (u32)s.bx == 0x400 && (u32)s.cx == 0xFFFF0FF0, "DR4 and DR5 are DR6 and DR7 without CR4.DE");
	wr_cr4(rd_cr4() | 8);
	prepare(w->kernel);
	run(BYTES(0x0F, 0x21, 0xE3));
	check(FAULTS(UD, 0), "DR4 raises #UD with CR4.DE");
	wr_cr4(rd_cr4() & ~8u);
	prepare(w->user);
	run(BYTES(0x0F, 0x21, 0xC3));
	check(FAULTS(GP, 0), "MOV from DR0 at CPL 3 raises #GP");
	if (hardware("DR7.GD faults before MOV DR and is cleared")) {
		prepare(w->kernel);
		s.ax = 0x2400;
		run(BYTES(0x0F, 0x23, 0xF8, 0x0F, 0x21, 0xC3));
		check(fault(DB, 0, 3) && (t.dr6 & 0x2000) && t.dr7 == 0x400, "DR7.GD faults before MOV DR and is cleared");
	}
	if (w->wide) {
		prepare(w->kernel);
		s.ax = 1ull << 32;
		run(BYTES(0x0F, 0x23, 0xF0));
		hwcheck(FAULTS(GP, 0), "MOV to DR6 with a bit above 31 raises #GP");
		prepare(w->kernel);
		s.ax = 1ull << 32 | 0x400;
		run(BYTES(0x0F, 0x23, 0xF8));
		hwcheck(FAULTS(GP, 0), "MOV to DR7 with a bit above 31 raises #GP");
	}
}

void breakpoints(void)
{
	data();
	instruction();
	registers();
}
