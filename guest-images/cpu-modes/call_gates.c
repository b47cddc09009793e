// Call gates: a change of privilege, parameters, refusals; conforming code.
#include "parts.h"

enum { GATE = T0, CODE0 = T0 + 0x10, INNER = CODE + 0x800 };

static void put_gate(u32 selector, u32 offset, u32 type, u32 count)
{
	set_gdt(GATE, (offset & 0xFFFF) | selector << 16 | (u64)count << 32 | (u64)type << 40 | (u64)(offset >> 16) << 48);
	set_gdt(GATE + 8, 0);
}

/// Far CALL or JMP through the gate from ring 3 (or 0), which ends with the UD2 at INNER.
static void go(enum mode m, u32 selector, int jump)
{
	static const u8 codes[2][2] = {{0xFF, 0x1B}, {0xFF, 0x2B}};
	prepare(m);
	poke32(DATA + 0x300, 0xDEAD0000);
	poke32(DATA + 0x304, selector);
	*(u16 *)INNER = 0x0B0F;
	for (u32 i = 0; i < 8; i++) {
		poke32((u32)s.sp + 4 * i, 0x1000 + i);
	}
	run(code_of(codes[jump], 2));
}

static int arrived(u32 cs) { return t.vector == UD && s.ip == INNER && s.cs == cs; }

static void legacy(void)
{
	put_gate(C32, INNER, 0xEC, 3);
	go(PM32U, GATE | 3, 0);
	const u32 *stack = (const u32 *)(u32)s.sp;
	check(arrived(C32) && s.ss == KD && s.sp == supervisor_stack() - 28, "CALL from ring 3 changes to the stack of ring 0");
	check(stack[0] == CODE + 2 && stack[1] == UC32, "it pushes the return address");
	check(stack[2] == 0x1000 && stack[3] == 0x1001 && stack[4] == 0x1002, "copies three parameters");
	check(stack[5] == STACK + STACK_TOP && stack[6] == UD32, "and pushes the outer stack");
	put_gate(C32, INNER, 0xEC, 0);
	go(PM32U, GATE | 3, 0);
	check(arrived(C32) && s.sp == supervisor_stack() - 16, "no parameters");
	put_gate(C32, INNER, 0xEC, 31);
	go(PM32U, GATE | 3, 0);
	check(arrived(C32) && s.sp == supervisor_stack() - 16 - 31 * 4 && peek32(s.sp + 8 + 7 * 4) == 0x1007, "31 parameters");
	// and back: RET n takes the parameters from both stacks, data segments of ring 0 become null
	put_gate(C32, INNER, 0xEC, 2);
	prepare(PM32U);
	poke32(DATA + 0x304, GATE | 3);
	memcpy((u8 *)INNER, (const u8[]){0xB8, D32, 0, 0, 0, 0x8E, 0xC0, 0xCA, 8, 0}, 10);
	run(BYTES(0xFF, 0x1B));
	check(done() && s.cs == UC32 && s.ss == UD32 && s.sp == STACK + STACK_TOP + 8 && s.es == 0 && s.ds == UD32,
		"RET n goes back, drops the parameters and nulls segments of the inner ring");
	// a 16-bit gate pushes words
	set_gdt(CODE0, descriptor(CODE, 0xFFFF, 0x9A, 0));
	put_gate(CODE0, INNER - CODE, 0xE4, 2);
	prepare(PM16U);
	poke32(DATA + 0x300, (GATE | 3) << 16);
	poke32(STACK + STACK_TOP, 0x22221111);
	*(u16 *)INNER = 0x0B0F;
	run(BYTES(0xFF, 0x1F));
	const u16 *words = (const u16 *)(u32)s.sp;
	check(t.vector == UD && s.cs == CODE0 && s.ip == INNER - CODE && s.sp == supervisor_stack() - 12, "a 16-bit gate pushes words");
	check(words[0] == 2 && words[1] == UC16 && words[2] == 0x1111 && words[3] == 0x2222 && words[4] == STACK_TOP && words[5] == US16, "and copies words");
}

static void refusals(void)
{
	u32 type = 0x8C, code = in_long ? C64 : C32;
	enum mode u = in_long ? LONGU : PM32U, k = in_long ? LONG : PM32;
	static const struct { const char *name; u32 dpl, rpl; int ok; } levels[] = {
		{"DPL 0", 0, 0, 0}, {"DPL 2", 2, 3, 0}, {"DPL 3 and RPL 3", 3, 3, 1}, {"DPL 3 and RPL 0", 3, 0, 1},
	};
	for (u32 i = 0; i < 4; i++) {
		put_gate(code, INNER, type | levels[i].dpl << 5, 0);
		go(u, GATE | levels[i].rpl, 0);
		check(levels[i].ok ? arrived(code) : FAULTS(GP, GATE), "CALL through a gate of %s", levels[i].name);
	}
	put_gate(code, INNER, type | 0x60, 0);
	go(u, GATE | 3, 1);
	check(FAULTS(GP, code), "JMP through a gate to an inner ring is refused");
	put_gate(code, INNER, (type | 0x60) & ~0x80u, 0);
	go(u, GATE | 3, 0);
	check(FAULTS(NP, GATE), "an absent gate");
	put_gate(0, INNER, type | 0x60, 0);
	go(u, GATE | 3, 0);
	check(FAULTS(GP, 0), "a gate with a null selector");
	put_gate(D32, INNER, type | 0x60, 0);
	go(u, GATE | 3, 0);
	check(FAULTS(GP, D32), "a gate to data");
	set_gdt(CODE0, descriptor(0, 0xFFFFF, 0x1A, in_long ? 10 : 12));
	put_gate(CODE0, INNER, type | 0x60, 0);
	go(u, GATE | 3, 0);
	check(FAULTS(NP, CODE0), "a gate to absent code");
	put_gate(code, INNER, type, 0);
	go(k, GATE, 0);
	check(arrived(code) && s.sp == STACK + STACK_TOP - (in_long ? 16 : 8), "CALL through a gate within ring 0 keeps the stack");
	go(k, GATE, 1);
	check(arrived(code) && s.sp == STACK + STACK_TOP, "JMP through a gate within ring 0");
	set_gdt(CODE0, descriptor(0, 0xFFFFF, 0x9E, in_long ? 10 : 12));
	put_gate(CODE0, INNER, type | 0x60, 0);
	go(u, GATE | 3, 0);
	hwcheck(arrived(CODE0 | 3) && s.ss == UD32 && s.sp == STACK + STACK_TOP - (in_long ? 16 : 8), "a gate to conforming code keeps ring 3");
	go(u, GATE | 3, 1);
	hwcheck(arrived(CODE0 | 3), "JMP through a gate to conforming code");
	if (in_long) {
		set_gdt(CODE0, descriptor(0, 0xFFFFF, 0x9A, 12));
		put_gate(CODE0, INNER, type | 0x60, 0);
		go(u, GATE | 3, 0);
		check(FAULTS(GP, CODE0), "a gate to 32-bit code in long mode");
		put_gate(code, INNER, type | 0x60, 0);
		set_gdt(GATE + 8, 1ull << 40);
		go(u, GATE | 3, 0);
		hwcheck(FAULTS(GP, GATE), "a type in the upper half of a gate");
		put_gate(code, INNER, 0xE4, 0);
		go(u, GATE | 3, 0);
		check(FAULTS(GP, GATE), "a 16-bit gate in long mode");
		return;
	}
	set_gdt(CODE0, descriptor(0, 0xFFF, 0x9A, 4));
	put_gate(CODE0, INNER, type | 0x60, 0);
	go(u, GATE | 3, 0);
	hwcheck(FAULTS(GP, 0), "a gate to an offset beyond the limit");
	u32 *tss = (u32 *)task.tss;
	put_gate(C32, INNER, type | 0x60, 0);
	tss[2] = KD | 3;
	gate(TS, DFTSS, 0, 5, 0);
	go(u, GATE | 3, 0);
	check(t.vector == DF && t.error == KD, "a stack of the wrong ring in the TSS raises #TS");
	idt_reset();
	tss[2] = KD;
}

static void wide(void)
{
	for (u32 i = 0; i < 2; i++) {
		enum mode m = i ? COMPAT32U : LONGU;
		put_gate(C64, INNER, 0xEC, 3);
		go(m, GATE | 3, 0);
		const u64 *stack = (const u64 *)(u32)s.sp;
		check(arrived(C64) && s.sp == supervisor_stack() - 32 && (s.ss & 3) == 0, "CALL through a gate from %s changes to RSP0", mode_names[m]);
		check(stack[0] == CODE + 2 && stack[1] == start.cs && stack[2] == STACK + STACK_TOP && stack[3] == UD32, "and pushes four words of 64 bits, from %s", mode_names[m]);
		check(s.ss == 0, "SS is null then, from %s", mode_names[m]);
	}
	prepare(LONGU);
	poke32(DATA + 0x304, GATE | 3);
	memcpy((u8 *)INNER, (const u8[]){0x48, 0xCB}, 2);
	run(BYTES(0xFF, 0x1B));
	check(done() && s.cs == UC64 && s.ss == UD32 && s.sp == STACK + STACK_TOP, "RETFQ goes back");
}

void call_gates(void)
{
	char text[64];
	const char *old = where;
	snprintf(text, sizeof text, "%s, call gates", old);
	where = text;
	if (in_long) {
		wide();
	} else {
		legacy();
	}
	refusals();
	set_gdt(GATE, 0);
	where = old;
}
