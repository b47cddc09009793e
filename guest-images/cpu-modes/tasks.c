// 32-bit hardware tasks: JMP, CALL, INT through a task gate, IRET back.
#include "parts.h"

enum { NEW = T0, TASK_GATE = T0 + 8, ENTRY = CODE + 0x800, V = 0x30 };

static u32 other[26] __attribute__((aligned(128)));

static void reset(void)
{
	memset(other, 0, sizeof other);
	other[1] = supervisor_stack() - 0x400;
	other[2] = KD;
	other[7] = rd_cr3();
	other[8] = ENTRY;
	other[9] = 2 | CF;
	for (u32 i = 0; i < 8; i++) {
		other[10 + i] = 0xA0000000 + i;
	}
	other[14] = STACK + 0x8000;
	other[18] = other[20] = other[21] = other[22] = other[23] = D32;
	other[19] = C32;
	other[25] = 104 << 16;
	set_gdt(NEW, descriptor((u32)other, 103, 0x89, 0));
	set_gdt(TASK_GATE, (u64)NEW << 16 | (u64)0xE5 << 40);
	*(u16 *)ENTRY = 0x0B0F;
}

static u32 tr(void)
{
	u32 v = 0;
	__asm__ volatile("str %w0" : "+r"(v));
	return v;
}

static int busy(u32 selector) { return descriptors[selector >> 3] >> 41 & 1; }

/// Puts the normal task back after a switch away from it.
static void back(void)
{
	set_gdt(TSS, descriptor((u32)&task, TSS_LIMIT, 0x89, 0));
	__asm__ volatile("ltr %%ax" ::"a"(TSS));
	__asm__ volatile("clts");
}

static int loaded(void)
{
	return s.ip == ENTRY && s.cs == C32 && s.ss == D32 && s.sp == STACK + 0x8000 && (u32)s.ax == 0xA0000000 && (u32)s.cx == 0xA0000001 &&
	       (u32)s.dx == 0xA0000002 && (u32)s.bx == 0xA0000003 && (u32)s.bp == 0xA0000005 && (u32)s.si == 0xA0000006 && (u32)s.di == 0xA0000007;
}

static int saved(u32 ip)
{
	const u32 *old = (const u32 *)task.tss;
	return old[8] == ip && old[10] == (u32)start.ax && old[11] == (u32)start.cx && old[13] == (u32)start.bx && old[14] == (u32)start.sp &&
	       old[17] == (u32)start.di && (u16)old[19] == start.cs && (u16)old[21] == start.ds;
}

static void go(enum mode m, int jump, u32 selector)
{
	static const u8 codes[2][2] = {{0xFF, 0x1B}, {0xFF, 0x2B}};
	reset();
	prepare(m);
	poke32(DATA + 0x304, selector);
	run(code_of(codes[jump], 2));
}

void tasks(void)
{
	go(PM32, 1, NEW);
	check(t.vector == UD && loaded() && saved(CODE + 2), "JMP to a TSS saves and loads everything");
	check(tr() == NEW && busy(NEW) && !busy(TSS) && !(s.flags & NT) && (s.flags & CF), "JMP frees the old task and leaves NT");
	check(rd_cr0() & 8, "a task switch sets CR0.TS");
	back();
	go(PM32, 0, NEW);
	check(t.vector == UD && loaded() && saved(CODE + 2) && busy(NEW) && busy(TSS), "CALL to a TSS keeps the old task busy");
	check((s.flags & NT) && (u16)other[0] == TSS, "and sets NT and the link");
	back();
	go(PM32U, 0, TASK_GATE | 3);
	check(t.vector == UD && loaded() && (s.flags & NT), "CALL through a task gate from ring 3");
	back();
	go(PM32U, 0, NEW);
	check(FAULTS(GP, NEW) && tr() == TSS, "CALL of a TSS of DPL 0 from ring 3 raises #GP");
	reset();
	other[8] = ENTRY;
	memcpy((u8 *)ENTRY, (const u8[]){0xB8, 1, 2, 3, 4, 0xCF, 0x0F, 0x0B}, 8);
	prepare(PM32U);
	poke32(DATA + 0x304, TASK_GATE | 3);
	run(BYTES(0xFF, 0x1B));
	check(done() && unchanged() && tr() == TSS && !busy(NEW) && busy(TSS), "IRET with NT goes back to the caller");
	check(other[8] == ENTRY + 6 && other[10] == 0x04030201 && !(other[9] & NT), "and saves the task it leaves");
	__asm__ volatile("clts");
	// an interrupt
	reset();
	gate(V, NEW, 0, 0x65, 0);
	prepare(PM32U);
	run(BYTES(0xCD, V));
	check(t.vector == UD && loaded() && saved(CODE + 2) && (s.flags & NT), "INT through a task gate");
	back();
	gate(GP, NEW, 0, 5, 0);
	reset();
	prepare(PM32U);
	run(BYTES(0x90, 0xF4));
	check(t.vector == UD && s.sp == STACK + 0x8000 - 4 && peek32(s.sp) == 0 && saved(CODE + 1), "an exception through a task gate pushes its error code there");
	back();
	idt_reset();
	prepare(PM32U);
	reset();
	poke32(DATA + 0x304, TASK_GATE | 3);
	other[19] = UC32;
	other[18] = other[20] = other[21] = other[22] = other[23] = UD32;
	run(BYTES(0xFF, 0x1B));
	check(t.vector == UD && s.cs == UC32 && s.ss == UD32 && s.ip == ENTRY && t.frame_sp == supervisor_stack() - 0x400, "a task of ring 3, and its own ESP0");
	back();
	prepare(PM32);
	reset();
	poke32(DATA + 0x304, NEW);
	other[9] = 2 | VM;
	other[8] = 0x800;
	other[19] = other[18] = other[20] = other[21] = other[22] = other[23] = CODE >> 4;
	run(BYTES(0xFF, 0x2B));
	check(t.vector == UD && (s.flags & VM) && s.ip == 0x800 && s.cs == CODE >> 4 && s.ds == CODE >> 4, "a task in virtual-8086 mode");
	back();
	// refusals
	static const struct { const char *name; u32 type, limit; int vector; u32 error; } bad[] = {
		{"a busy TSS", 0x8B, 103, GP, NEW}, {"an absent TSS", 0x09, 103, NP, NEW}, {"a TSS that is too small", 0x89, 102, TS, NEW},
	};
	for (u32 i = 0; i < 3; i++) {
		prepare(PM32);
		reset();
		set_gdt(NEW, descriptor((u32)other, bad[i].limit, bad[i].type, 0));
		poke32(DATA + 0x304, NEW);
		run(BYTES(0xFF, 0x1B));
		check(FAULTS(bad[i].vector, bad[i].error) && tr() == TSS, "CALL of %s", bad[i].name);
	}
	prepare(PM32);
	s.flags |= NT;
	*(u16 *)task.tss = 0;
	run(BYTES(0xCF));
	check(FAULTS(TS, 0), "IRET with NT and a null link raises #TS");
	prepare(PM32);
	s.flags |= NT;
	*(u16 *)task.tss = NEW;
	reset();
	run(BYTES(0xCF));
	check(FAULTS(TS, NEW), "IRET with NT to a task that is not busy raises #TS");
	set_gdt(NEW, 0);
	set_gdt(TASK_GATE, 0);
}
