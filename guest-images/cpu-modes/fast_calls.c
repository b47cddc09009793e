// SYSENTER and SYSEXIT, SYSCALL and SYSRET.
#include "parts.h"

enum { SYSENTER_CS = 0x174, SYSENTER_ESP, SYSENTER_EIP, EFER = 0xC0000080, STAR, LSTAR, CSTAR, FMASK, ENTRY = CODE + 0x800 };

// SYSEXIT wants code and stack of ring 3 behind those of ring 0, SYSRET a stack before the 64-bit code.
enum { SEL = T0, SEL_STACK = T0 + 8, SEL_U32 = T0 + 16, SEL_USTACK = T0 + 24, SEL_U64 = T0 + 32, SEL_USTACK64 = T0 + 40 };

static int amd(void) { return cpuid(0).b == 0x68747541; }

static void sysenter(void)
{
	if (!(cpuid(1).d >> 11 & 1)) {
		report_skip("SYSENTER", "CPUID does not have it");
		return;
	}
	if (in_long && amd()) {
		report_skip("SYSENTER in long mode", "not on this make of processor");
		return;
	}
	*(u16 *)ENTRY = 0x0B0F;
	enum mode u = in_long ? COMPAT32U : PM32U;
	wr_msr(SYSENTER_CS, 0);
	prepare(u);
	run(BYTES(0x0F, 0x34));
	check(FAULTS(GP, 0), "SYSENTER without its code segment raises #GP");
	prepare(in_long ? LONG : PM32);
	run(BYTES(0x0F, 0x35));
	check(FAULTS(GP, 0), "SYSEXIT without its code segment raises #GP");
	wr_msr(SYSENTER_CS, SEL | 3);
	wr_msr(SYSENTER_EIP, ENTRY);
	wr_msr(SYSENTER_ESP, STACK + 0x9000);
	set_gdt(SEL, descriptor(0, 0xFFFFF, 0x9B, in_long ? 10 : 12));
	prepare(u);
	s.flags |= IF;
	run(BYTES(0x0F, 0x34));
	check(t.vector == UD && s.ip == ENTRY && s.sp == STACK + 0x9000 && s.cs == SEL && s.ss == SEL_STACK && !(s.flags & IF),
		"SYSENTER loads CS, SS, IP and SP and clears IF");
	prepare(u);
	run(BYTES(0x0F, 0x35));
	check(FAULTS(GP, 0), "SYSEXIT at CPL 3 raises #GP");
	prepare(in_long ? LONG : PM32);
	s.cx = STACK + 0x8000;
	s.dx = ENTRY;
	run(BYTES(0x0F, 0x35));
	check(t.vector == UD && s.ip == ENTRY && s.sp == STACK + 0x8000 && s.cs == (SEL_U32 | 3) && s.ss == (SEL_USTACK | 3), "SYSEXIT goes to ring 3");
	if (in_long) {
		prepare(LONG);
		s.cx = STACK + 0x8000;
		s.dx = ENTRY;
		run(BYTES(0x48, 0x0F, 0x35));
		check(t.vector == UD && s.ip == ENTRY && s.cs == (SEL_U64 | 3) && s.ss == (SEL_USTACK64 | 3), "SYSEXIT with REX.W goes to 64-bit code");
	}
	prepare(REAL);
	if (!in_long && !(rd_cr0() >> 31)) {
		run(BYTES(0x0F, 0x34));
		check(fault(GP, 0, 0), "SYSENTER in real mode raises vector 13");
	}
	wr_msr(SYSENTER_CS, 0);
}

static void syscall(void)
{
	if (!in_long) {
		return;
	}
	wr_msr(EFER, rd_msr(EFER) | 1);
	set_gdt(SEL, descriptor(0, 0xFFFFF, 0x9B, 10));
	wr_msr(STAR, (u64)(SEL_U32 | 3) << 48 | (u64)SEL << 32);
	wr_msr(LSTAR, ENTRY);
	wr_msr(CSTAR, ENTRY + 0x100);
	wr_msr(FMASK, IF | DIRF | CF);
	*(u16 *)ENTRY = 0x0B0F;
	*(u16 *)(ENTRY + 0x100) = 0x0B0F;
	prepare(LONGU);
	s.flags |= IF | DIRF | CF | ZF | OFLAG;
	run(BYTES(0x0F, 0x05));
	check(t.vector == UD && s.ip == ENTRY && s.cx == CODE + 2 && s.r11 == start.flags, "SYSCALL keeps RIP in RCX and RFLAGS in R11");
	hwcheck(s.cs == SEL && s.ss == SEL_STACK && s.sp == start.sp && (s.flags & (IF | DIRF | CF | ZF | OFLAG)) == (ZF | OFLAG),
		"SYSCALL loads CS and SS from STAR, leaves RSP, masks RFLAGS");
	prepare(LONG);
	s.cx = ENTRY;
	s.r11 = ZF | SF | IF | RF | VM | 2;
	run(BYTES(0x48, 0x0F, 0x07));
	check(t.vector == UD && s.ip == ENTRY && s.cs == (SEL_U64 | 3) && s.ss == (SEL_USTACK | 3), "SYSRET with REX.W goes to 64-bit code");
	hwcheck((s.flags & (ZF | SF | IF | VM | CF)) == (ZF | SF | IF), "with RFLAGS from R11, without RF and VM");
	prepare(LONG);
	s.cx = 0xFFFFFFFF00000000 | ENTRY;
	s.r11 = 2;
	run(BYTES(0x0F, 0x07));
	check(t.vector == UD && s.ip == ENTRY && s.cs == (SEL_U32 | 3) && s.ss == (SEL_USTACK | 3), "SYSRET without it goes to compatibility mode");
	prepare(LONGU);
	run(BYTES(0x48, 0x0F, 0x07));
	check(FAULTS(GP, 0), "SYSRET at CPL 3 raises #GP");
	prepare(LONG);
	s.cx = 1ull << 47;
	run(BYTES(0x48, 0x0F, 0x07));
	if (amd()) {
		report_skip("SYSRET to an address that is not canonical", "the fault comes at CPL 3 on this make of processor");
	} else {
		check(FAULTS(GP, 0), "SYSRET to an address that is not canonical raises #GP at CPL 0");
	}
	if (amd()) {
		prepare(COMPAT32U);
		run(BYTES(0x0F, 0x05));
		check(t.vector == UD && s.ip == ENTRY + 0x100 && (u32)s.cx == CODE + 2 && s.cs == SEL, "SYSCALL from compatibility mode uses CSTAR");
	} else {
		prepare(COMPAT32U);
		run(BYTES(0x0F, 0x05));
		check(FAULTS(UD, 0), "SYSCALL from compatibility mode is undefined");
	}
	// SWAPGS belongs here too
	wr_msr(0xC0000102, 0x1234567890);
	prepare(LONG);
	s.gsbase = DATA;
	run(BYTES(0x0F, 0x01, 0xF8, 0x0F, 0x20, 0xC0));
	int good = done() && rd_msr(0xC0000102) == DATA;
	check(good, "SWAPGS exchanges the bases");
	prepare(LONGU);
	run(BYTES(0x0F, 0x01, 0xF8));
	check(FAULTS(GP, 0), "SWAPGS at CPL 3 raises #GP");
	prepare(LONGU);
	s.fsbase = DATA + 0x100;
	s.gsbase = DATA + 0x200;
	poke32(DATA + 0x110, 0x0F5);
	poke32(DATA + 0x210, 0x065);
	s.bx = 0x10;
	run(BYTES(0x64, 0x8B, 0x03, 0x65, 0x8B, 0x0B));
	check(done() && s.ax == 0xF5 && s.cx == 0x65, "FS and GS have the bases of their MSRs");
	prepare(LONGU);
	poke32(DATA + 0x310, 0xD5);
	set_gdt(T0 + 0x60, descriptor(0x1000, 0xFFFFF, 0xF3, 12));
	s.ds = (T0 + 0x60) | 3;
	s.fs = (T0 + 0x60) | 3;
	poke32(DATA + 0x1310, 0xF51);
	s.bx = DATA + 0x310;
	run(BYTES(0x8B, 0x03, 0x64, 0x8B, 0x0B));
	check(done() && s.ax == 0xD5 && s.cx == 0xF51, "the base of DS is ignored in 64-bit code, that of FS is not");
	wr_msr(EFER, rd_msr(EFER) & ~1ull);
}

void fast_calls(void)
{
	set_gdt(SEL, descriptor(0, 0xFFFFF, 0x9B, 12));
	set_gdt(SEL_STACK, descriptor(0, 0xFFFFF, 0x93, 12));
	set_gdt(SEL_U32, descriptor(0, 0xFFFFF, 0xFB, 12));
	set_gdt(SEL_USTACK, descriptor(0, 0xFFFFF, 0xF3, 12));
	set_gdt(SEL_U64, descriptor(0, 0xFFFFF, 0xFB, 10));
	set_gdt(SEL_USTACK64, descriptor(0, 0xFFFFF, 0xF3, 12));
	sysenter();
	syscall();
}
