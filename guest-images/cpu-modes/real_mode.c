// Real mode: its interrupt table, its limits, and limits that a visit to protected mode leaves behind.
#include "parts.h"

extern u32 probe_unreal;
extern struct __attribute__((packed)) { u16 limit; u32 base; } probe_real_idt;

static void interrupts(void)
{
	prepare(REAL);
	s.flags |= IF | CF;
	run(BYTES(0xCD, 0x21));
	check(t.vector == 0x21 && offset() == 2 && unchanged() && (s.flags & (IF | CF)) == (IF | CF), "INT n goes through the table and saves FLAGS");
	u16 *stack = (u16 *)(STACK + STACK_TOP - 6);
	check(stack[0] == 2 && stack[1] == CODE >> 4 && (stack[2] & 0x203) == 0x203, "INT n pushes FLAGS, CS and IP as words");
	prepare(REAL);
	s.dx = s.ax = s.cx = 0;
	run(BYTES(0x90, 0xF6, 0xF1));
	check(fault(DE, 0, 1) && unchanged(), "#DE saves the address of DIV");
	prepare(REAL);
	run(BYTES(0xCC));
	check(fault(BP, 0, 1), "INT3");
	prepare(REAL);
	s.flags |= TF;
	run(BYTES(0x90, 0x90));
	check(fault(DB, 0, 1) && (s.flags & TF), "single-step");
	prepare(REAL);
	run(BYTES(0x0F, 0x00, 0xC0));
	check(fault(UD, 0, 0), "SLDT is undefined");
	prepare(REAL);
	run(BYTES(0x0F, 0x02, 0xC0));
	check(fault(UD, 0, 0), "LAR is undefined");
	prepare(REAL);
	run(BYTES(0x63, 0xC0));
	check(fault(UD, 0, 0), "ARPL is undefined");
	// a table elsewhere, and one that ends early
	static u32 table[64];
	for (u32 i = 0; i < 64; i++) {
		table[i] = ((volatile u32 *)0)[i + (i == 0x31)];
	}
	memcpy((void *)DATA2, table, sizeof table);
	probe_real_idt.base = DATA2;
	prepare(REAL);
	run(BYTES(0xCD, 0x31));
	check(t.vector == 0x32, "LIDT moves the table");
	probe_real_idt.base = 0;
	probe_real_idt.limit = 0x31 * 4 + 2;
	prepare(REAL);
	run(BYTES(0xCD, 0x31));
	hwcheck(fault(GP, 0, 0), "INT n beyond the table's limit raises vector 13");
	prepare(REAL);
	run(BYTES(0xCD, 0x30));
	check(t.vector == 0x30, "the last entry inside the table's limit");
	probe_real_idt.limit = 0x3FF;
	prepare(REAL);
	s.sp = 0xEFFA;
	*(u16 *)(STACK + 0xEFFA) = 4;
	*(u16 *)(STACK + 0xEFFC) = CODE >> 4;
	*(u16 *)(STACK + 0xEFFE) = 0x0002 | CF | ZF;
	run(BYTES(0xCF, 0x90, 0x90, 0x90));
	check(done() && s.sp == 0xF000 && (s.flags & (CF | ZF)) == (CF | ZF), "IRET pops three words");
}

static void segments(void)
{
	poke32(DATA2 + 0x20, 0xBEEF1234);
	prepare(REAL);
	s.ax = DATA2 >> 4;
	run(A16("mov ax, es\n mov es:0x20, ecx"));
	check(done() && s.cx == 0xBEEF1234 && s.es == DATA2 >> 4, "a segment is its selector times 16");
	prepare(REAL);
	s.ds = 0xFFFF;
	s.bx = 0x10;
	run(A16("mov (bx), ecx"));
	check(done() && s.cx == peek32(0x100000), "with A20 on, FFFF:0010 is the first byte above 1 MiB");
	prepare(REAL);
	s.bx = 0xFFFF;
	run(BYTES(0x8B, 0x07));
	hwcheck(fault(GP, 0, 0), "a word at FFFF raises vector 13");
	prepare(REAL);
	s.bx = 0x10000;
	run(BYTES(0x67, 0x8B, 0x03));
	hwcheck(fault(GP, 0, 0), "an offset above FFFF raises vector 13");
	prepare(REAL);
	s.bp = 0xFFFF;
	run(BYTES(0x8B, 0x46, 0x00));
	hwcheck(fault(SS, 0, 0), "a word at SS:FFFF raises vector 12");
	prepare(REAL);
	run(A16("push cs\n call 1f\n 1: pop ax\n add $(2f - 1b), ax\n push ax\n lret\n ud2\n 2: nop"));
	check(done(), "RETF to a pushed address");
	probe_unreal = 1;
	poke32(PAGES + 0x40, 0x0DDBA110);
	prepare(REAL);
	s.ds = s.es = s.fs = s.gs = 0;
	s.bx = PAGES + 0x40;
	run(A16("mov (ebx), ecx\n mov fs:(ebx), edx\n movl $0x600D600D, gs:4(ebx)"));
	check(done() && s.cx == 0x0DDBA110 && s.dx == 0x0DDBA110 && peek32(PAGES + 0x44) == 0x600D600D, "limits of 4 GiB survive the return to real mode");
	prepare(REAL);
	s.ax = DATA >> 4;
	s.ds = 0;
	s.bx = PAGES + 0x40 - DATA;
	run(A16("mov ax, ds\n mov (ebx), ecx"));
	check(done() && s.cx == 0x0DDBA110, "and loading a segment there changes its base only");
	probe_unreal = 0;
}

void real_mode(void)
{
	const char *old = where;
	where = "real mode";
	interrupts();
	segments();
	prepare(REAL);
	run(A16("mov cr0, eax\n smsw cx\n mov cr4, edx"));
	check(done() && !(s.ax & 1) && (u16)s.cx == (u16)s.ax, "CR0.PE is clear and SMSW agrees");
	prepare(REAL);
	s.flags |= NT | IOPL3;
	run(A16("pushfl\n pop eax"));
	check(done() && (s.ax & (NT | IOPL3)) == (NT | IOPL3), "IOPL and NT can be set");
	where = old;
}
