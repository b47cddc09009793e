// Virtual-8086 mode under a 32-bit monitor.
#include "parts.h"

static void sensitive(const char *name, const u8 *bytes, u32 size, u32 with_iopl3)
{
	prepare(V86);
	run(code_of(bytes, size));
	int good = FAULTS(GP, 0) && (s.flags & VM);
	if (with_iopl3) {
		prepare(V86);
		s.flags |= IOPL3;
		run(code_of(bytes, size));
		good &= t.vector != GP;
	}
	check(good, "%s faults%s", name, with_iopl3 ? " unless IOPL is 3" : "");
}

#define SENSITIVE(name, iopl3, ...)                                                                                   \
	do {                                                                                                          \
		static const u8 bytes[] = {__VA_ARGS__};                                                              \
		sensitive(name, bytes, sizeof bytes, iopl3);                                                          \
	} while (0)

void virtual_8086(void)
{
	char text[64];
	const char *old = where;
	snprintf(text, sizeof text, "%s, virtual-8086", old);
	where = text;
	prepare(V86);
	run(BYTES(0x90));
	check(done() && unchanged() && (s.flags & VM), "IRET enters it with all segments, #UD leaves it");
	SENSITIVE("CLI", 1, 0xFA);
	SENSITIVE("STI", 1, 0xFB);
	SENSITIVE("PUSHF", 1, 0x9C);
	SENSITIVE("POPF", 1, 0x9D);
	SENSITIVE("INT n", 1, 0xCD, 0x21);
	SENSITIVE("IRET", 0, 0xCF);
	SENSITIVE("HLT", 0, 0xF4);
	SENSITIVE("MOV from CR0", 0, 0x0F, 0x20, 0xC0);
	SENSITIVE("MOV to CR3", 0, 0x0F, 0x22, 0xD8);
	SENSITIVE("LGDT", 0, 0x0F, 0x01, 0x17);
	SENSITIVE("CLTS", 0, 0x0F, 0x06);
	SENSITIVE("LMSW", 0, 0x0F, 0x01, 0xF0);
	SENSITIVE("MOV from DR0", 0, 0x0F, 0x21, 0xC0);
	prepare(V86);
	run(BYTES(0x0F, 0x00, 0xC0));
	check(FAULTS(UD, 0), "SLDT is undefined");
	prepare(V86);
	run(BYTES(0x63, 0xC0));
	check(FAULTS(UD, 0), "ARPL is undefined");
	prepare(V86);
	run(BYTES(0xCC));
	check(fault(BP, 0, 1) && (s.flags & VM), "INT3 reaches the monitor whatever IOPL is");
	prepare(V86);
	s.flags |= IOPL3;
	run(BYTES(0xCD, 0x21));
	check(fault(0x21, 0, 2) && unchanged() && (s.flags & VM) && (u16)s.sp == STACK_TOP, "INT n with IOPL 3 reaches the monitor by the IDT");
	u32 frame = t.frame_sp;
	check(frame == supervisor_stack(), "on the stack of ring 0, nine words deep");
	gate(0x2F, KC32, stub(0x2F), 0x0E, 0);
	prepare(V86);
	s.flags |= IOPL3;
	run(BYTES(0xCD, 0x2F));
	check(FAULTS(GP, 0x2F * 8 + 2), "INT n through a gate of DPL 0 faults");
	set_gdt(T0, descriptor(0, 0xFFFFF, 0x9E, 12));
	gate(0x2F, T0, stub(0x2F), 0x6E, 0);
	prepare(V86);
	s.flags |= IOPL3;
	run(BYTES(0xCD, 0x2F));
	check(FAULTS(GP, T0), "an interrupt into a conforming segment faults");
	gate(0x2F, KC32, stub(0x2F), 0x6E, 0);

	prepare(V86);
	s.flags |= IOPL3 | IF;
	run(A16("pushf\n pop ax\n pushfl\n pop ecx\n cli\n pushf\n pop dx\n sti"));
	check(done() && (s.ax & (IOPL3 | IF)) == (IOPL3 | IF) && !(s.cx & VM) && !(s.dx & IF) && (s.flags & IF), "PUSHF, CLI and STI with IOPL 3");
	prepare(V86);
	s.flags |= IOPL3;
	run(A16("pushl $0x20001\n popfl\n pushfl\n pop eax"));
	check(done() && (s.flags & (IOPL3 | VM)) == (IOPL3 | VM) && (s.ax & CF), "POPF changes neither IOPL nor VM");
	prepare(V86);
	s.flags |= IOPL3;
	s.sp -= 6;
	*(u16 *)(STACK + (u32)s.sp) = 2;
	*(u16 *)(STACK + (u32)s.sp + 2) = CODE >> 4;
	*(u16 *)(STACK + (u32)s.sp + 4) = CF | 2;
	run(BYTES(0xCF, 0x90));
	check(done() && (s.flags & (IOPL3 | VM | CF)) == (IOPL3 | VM | CF) && s.sp == STACK_TOP, "IRET with IOPL 3 stays in it");

	for (u32 iopl = 0; iopl < 2; iopl++) {
		task.iomap[0x80 / 8] = 0xFE;
		prepare(V86);
		s.flags |= iopl ? IOPL3 : 0;
		s.ax = 0;
		run(BYTES(0xE6, 0x80));
		int good = done();
		prepare(V86);
		s.flags |= iopl ? IOPL3 : 0;
		run(BYTES(0xE7, 0x80));
		good &= FAULTS(GP, 0);
		prepare(V86);
		s.flags |= iopl ? IOPL3 : 0;
		run(BYTES(0xE4, 0x81));
		check(good && FAULTS(GP, 0), "the port bitmap decides, with IOPL %u", iopl * 3);
		task.iomap[0x80 / 8] = 0xFF;
	}
	prepare(V86);
	s.ax = DATA2 >> 4;
	poke32(DATA2 + 8, 0x87654321);
	run(A16("mov ax, ds\n mov 8, ecx\n push ds\n pop es\n mov es:8, edx"));
	check(done() && s.cx == 0x87654321 && s.dx == 0x87654321, "a segment is its selector times 16");
	prepare(V86);
	poke32(DATA + 0x300, CODE >> 4 << 16 | 0x100);
	*(u32 *)(CODE + 0x100) = 0x0B0F;
	run(BYTES(0xFF, 0x1F));
	check(t.vector == UD && s.ip == 0x100 && s.cs == CODE >> 4 && (u16)s.sp == STACK_TOP - 4, "a far CALL");
	prepare(V86);
	s.bx = 0xFFFF;
	run(BYTES(0x8B, 0x07));
	hwcheck(FAULTS(GP, 0), "a word at FFFF faults");
	prepare(V86);
	s.flags |= TF;
	run(BYTES(0x90, 0x90));
	check(fault(DB, 0, 1) && (s.flags & (TF | VM)) == (TF | VM), "single-step");
	prepare(V86);
	s.cx = s.dx = 0;
	run(BYTES(0xF7, 0xF1));
	check(FAULTS(DE, 0), "#DE");
	where = old;
}
