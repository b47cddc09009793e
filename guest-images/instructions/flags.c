// LAHF, SAHF, PUSHF and POPF.
#include "probe.h"
#include "parts.h"

void flags(void)
{
	int good = 1;
	for (u32 i = 0; i < 256; i++) {
		prepare(i & 1 ? PM32U : V86);
		s.ax = 0x12340055 | i << 8;
		s.flags |= OFLAG;
		run(BYTES(0x9E, 0xB4, 0x00, 0x9F));
		u32 kept = (i & (CF | PFLAG | AF | ZF | SF)) | 2;
		good &= done() && s.ax == (0x12340055 | kept << 8) && (s.flags & (ARITH | 2)) == (kept | OFLAG);
	}
	check(good, "SAHF and LAHF with all values");

	prepare(PM32);
	run(A32("pushl $0x3FFEFF\n popfl\n pushfl\n pop eax\n pushl $2\n popfl"));
	check(done() && (s.ax & 0x3F7FFF) == 0x247ED7, "POPF at CPL 0 changes everything but VM, RF, VIF, VIP and the fixed bits");
	prepare(PM32U);
	run(A32("pushl $0x247ED5\n popfl\n pushfl\n pop eax\n pushl $2\n popfl"));
	check(done() && (s.ax & 0x277FFF) == 0x244CD7, "POPF at CPL 3 with IOPL 0 leaves IF and IOPL");
	prepare(PM32U);
	s.flags |= IOPL3;
	run(A32("pushl $0x202\n popfl\n pushfl\n pop eax"));
	check(done() && (s.ax & (IF | IOPL3)) == (IF | IOPL3), "POPF at CPL 3 with IOPL 3 changes IF and leaves IOPL");
	prepare(PM32);
	s.flags |= IOPL3 | ACF | ID;
	run(A32("pushw $0x4ED7\n popfw\n pushfl\n pop eax\n pushl $2\n popfl"));
	check(done() && (s.ax & (ACF | ID)) == (ACF | ID) && (s.ax & 0xFFFF) == 0x4ED7, "POPF of a word leaves the upper half");
	prepare(REAL);
	run(A16("pushl $0x7EFF\n popfl\n pushfl\n pop eax\n pushw $2\n popfw"));
	check(done() && (u16)s.ax == 0x7ED7, "POPF in real mode changes IOPL, NT and IF");
	good = 1;
	for (u32 iopl = 0; iopl < 4; iopl++) {
		prepare(PM32U);
		s.flags |= iopl << 12;
		run(BYTES(0xFA));
		good &= iopl == 3 ? done() && !(s.flags & IF) : fault(GP, 0, 0);
		prepare(PM32U);
		s.flags |= iopl << 12;
		run(BYTES(0xFB, 0x90));
		good &= iopl == 3 ? done() && (s.flags & IF) : fault(GP, 0, 0);
	}
	check(good, "CLI and STI at CPL 3 want IOPL 3");
	prepare(PM32U);
	s.flags |= CF;
	run(BYTES(0xF5));
	good = done() && !(s.flags & CF);
	prepare(PM32U);
	run(BYTES(0xF9, 0xFD));
	good &= done() && (s.flags & (CF | DIRF)) == (CF | DIRF);
	prepare(PM32U);
	s.flags |= CF | DIRF;
	run(BYTES(0xF8, 0xFC));
	check(good && done() && !(s.flags & (CF | DIRF)), "CMC, STC, CLC, STD, CLD");
	prepare(PM32U);
	s.flags |= ID;
	run(BYTES(0x9C, 0x58));
	check(done() && s.ax == (ID | 2), "PUSHF shows ID");
}
