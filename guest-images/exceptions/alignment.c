// #AC: CR0.AM, EFLAGS.AC and CPL 3 together.
#include "parts.h"

static void one(const char *name, const u8 *code, u32 size, u32 at, int faults)
{
	prepare(w->user);
	s.flags |= ACF;
	s.bx += at;
	s.si = s.di = s.bx;
	run(code_of(code, size));
	if (faults) {
		hwcheck(FAULTS(AC, 0), "%s at +%u raises #AC", name, at);
	} else {
		check(done(), "%s at +%u is aligned", name, at);
	}
}

void alignment(void)
{
	wr_cr0(rd_cr0() | 0x40000);
	static const struct { const char *name; u8 code[4], size, natural; } cases[] = {
		{"a byte read", {0x8A, 0x03}, 2, 1}, {"a word read", {0x66, 0x8B, 0x03}, 3, 2}, {"a dword read", {0x8B, 0x03}, 2, 4},
		{"a dword write", {0x89, 0x03}, 2, 4}, {"a read-modify-write", {0x01, 0x03}, 2, 4}, {"MOVSD", {0xA5}, 1, 4},
		{"LOCK ADD", {0xF0, 0x01, 0x03}, 3, 4}, {"a qword read", {0x48, 0x8B, 0x03}, 3, 8},
	};
	for (u32 i = 0; i < sizeof cases / sizeof *cases - !w->wide; i++) {
		for (u32 at = 0; at < 8; at += at ? at : 1) {
			one(cases[i].name, cases[i].code, cases[i].size, at, (at & (cases[i].natural - 1)) != 0);
		}
	}
	prepare(w->user);
	s.bx++;
	run(BYTES(0x8B, 0x03));
	check(done(), "without EFLAGS.AC nothing is checked");
	prepare(w->kernel);
	s.bx++;
	s.flags |= ACF;
	run(BYTES(0x8B, 0x03));
	check(done(), "at CPL 0 nothing is checked");
	prepare(w->user);
	s.sp++;
	s.flags |= ACF;
	run(BYTES(0x50));
	hwcheck(FAULTS(AC, 0), "PUSH to a stack that is not aligned raises #AC");
	wr_cr0(rd_cr0() & ~0x40000u);
	prepare(w->user);
	s.bx++;
	s.flags |= ACF;
	run(BYTES(0x8B, 0x03));
	check(done(), "without CR0.AM nothing is checked");
}
