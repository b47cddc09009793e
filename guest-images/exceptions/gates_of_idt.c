// Faults while an interrupt is delivered, and #DF.
#include "parts.h"

enum { V = 0x30 };

static void one(const char *name, int vector, u32 error)
{
	prepare(w->user);
	run(BYTES(0xCD, V));
	// TCG puts 16 times the vector into error codes in long mode
	(w->go == go_long && (error & 2) ? hwcheck : check)(fault(vector, error, vector == V ? 2 : 0) && unchanged(), "INT n through %s", name);
}

static u32 limit_of_idt(u32 limit)
{
	struct __attribute__((packed)) { u16 limit; u32 base; } p;
	__asm__ volatile("sidt %0" : "=m"(p));
	u32 old = p.limit;
	p.limit = limit;
	__asm__ volatile("lidt %0" ::"m"(p));
	return old;
}

static void software(void)
{
	u32 cs = w->go == go_long ? KC64 : KC32, entry = w->go == go_long ? 16 : 8;
	one("a gate of DPL 3", V, 0);
	gate(V, cs, stub(V), 0x0E, w->go == go_long);
	one("a gate of DPL 0", GP, V * 8 + 2);
	gates[w->go == go_long ? 2 * V : V] &= ~(0x80ull << 40);
	one("an absent gate of DPL 0", GP, V * 8 + 2);
	gate(V, cs, stub(V), 0x6E, 0);
	gates[w->go == go_long ? 2 * V : V] &= ~(0x80ull << 40);
	one("an absent gate", NP, V * 8 + 2);
	gate(V, cs, stub(V), 0x62, 0);
	one("an LDT descriptor", GP, V * 8 + 2);
	gate(V, 0, stub(V), 0x6E, 0);
	one("a gate with a null selector", GP, 0);
	gate(V, 0xFF0, stub(V), 0x6E, 0);
	one("a gate with a selector beyond the GDT", GP, 0xFF0);
	gate(V, D32, stub(V), 0x6E, 0);
	one("a gate to a data segment", GP, D32);
	set_gdt(T0, descriptor(0, 0xFFFFF, 0x1A, w->go == go_long ? 10 : 12));
	gate(V, T0, stub(V), 0x6E, 0);
	one("a gate to an absent segment", NP, T0);
	if (w->go == go_long) {
		set_gdt(T0, descriptor(0, 0xFFFFF, 0x9A, 12));
		gate(V, T0, stub(V), 0x6E, 0);
		one("a gate to a 32-bit segment", GP, T0);
		gate(V, KC64, stub(V), 0x65, 0);
		one("a task gate", GP, V * 8 + 2);
	}
	gate(V, cs, stub(V), 0x6E, w->go == go_long);
	u32 old = limit_of_idt(V * entry + entry - 2);
	one("a gate across the IDT's limit", GP, V * 8 + 2);
	limit_of_idt(V * entry + entry - 1);
	one("the last gate", V, 0);
	limit_of_idt(old);
}

static void bad_stack(void)
{
	if (w->go == go_long) {
		// the stack of ring 0 is not there: #PF of the push arrives on its own stack
		u64 *rsp0 = (u64 *)(task.tss + 4), saved = *rsp0;
		gate(V, KC64, stub(V), 0x6E, 0);
		set_pte(FAULT_PAGE, 0);
		*rsp0 = FAULT_PAGE + 0x800;
		prepare(w->user);
		run(BYTES(0xCD, V));
		hwcheck(FAULTS(PF, 2) && t.cr2 >> 12 == FAULT_PAGE >> 12, "INT n whose stack is absent raises #PF");
		*rsp0 = 0x8000000000000000;
		prepare(w->user);
		run(BYTES(0xCD, V));
		hwcheck(FAULTS(SS, t.error), "INT n whose stack is not canonical raises #SS");
		*rsp0 = saved;
		set_pte(FAULT_PAGE, FAULT_PAGE | 7);
		gate(V, KC64, stub(V), 0x6E, 1);
		return;
	}
	u32 *tss = (u32 *)task.tss, esp0 = tss[1];
	static const struct { const char *name; u32 ss; int vector; u32 error; } cases[] = {
		{"a null SS0", 0, TS, 0}, {"SS0 beyond the GDT", 0xFF0, TS, 0xFF0}, {"an SS0 of RPL 3", KD | 3, TS, KD}, {"an SS0 of DPL 3", UD32 & ~3, TS, UD32 & ~3},
		{"SS0 that is code", KC32, TS, KC32}, {"an absent SS0", T0, SS, T0},
	};
	set_gdt(T0, descriptor(0, 0xFFFFF, 0x12, 12));
	// these faults need a stack themselves: a task gate gives them one
	for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
		prepare(w->user);
		tss[2] = cases[i].ss;
		gate(cases[i].vector, DFTSS, 0, 0x05, 0);
		run(BYTES(0xCD, V));
		tss[2] = KD;
		idt_reset();
		// df_arrived reports all as #DF
		// TCG raises #NP for an absent SS0
		(cases[i].vector == SS ? hwcheck : check)(t.vector == DF && t.error == cases[i].error && offset() == 0, "INT n with %s raises #%s with its selector", cases[i].name, cases[i].vector == TS ? "TS" : "SS");
	}
	if (!hardware("exceptions whose stack is absent")) {
		return;
	}
	set_pte(FAULT_PAGE, 0);
	tss[1] = FAULT_PAGE + 0x800;
	prepare(w->user);
	run(BYTES(0xCD, V));
	check(fault(DF, 0, 0), "INT n whose stack is absent: #PF cannot be delivered there either, so #DF");
	prepare(w->user);
	run(BYTES(0x0F, 0x0B));
	check(fault(DF, 0, 0), "an exception whose stack is absent ends in #DF");
	tss[1] = esp0;
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
}

static void absent(int vector)
{
	gates[w->go == go_long ? 2 * vector : vector] &= ~(0x80ull << 40);
}

static void second_fault(void)
{
	absent(DE);
	prepare(w->user);
	s.cx = 0;
	run(BYTES(0xF7, 0xF1));
	check(fault(DF, 0, 0), "#DE, then #NP: #DF");
	idt_reset();
	absent(GP);
	prepare(w->user);
	run(BYTES(0xFA));
	check(fault(DF, 0, 0), "#GP, then #NP: #DF");
	idt_reset();
	absent(PF);
	set_pte(FAULT_PAGE, 0);
	prepare(w->user);
	s.bx = FAULT_PAGE;
	run(BYTES(0x8B, 0x03));
	check(fault(DF, 0, 0), "#PF, then #NP: #DF");
	idt_reset();
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	absent(BP);
	prepare(w->user);
	run(BYTES(0xCC));
	(w->go == go_long ? hwcheck : check)(FAULTS(NP, BP * 8 + 2), "INT3 through an absent gate: #NP at INT3, not external");
	idt_reset();
	if (!w->wide) {
		absent(BR);
		prepare(w->user);
		poke32(DATA + 0x300, 5);
		poke32(DATA + 0x304, 5);
		run(BYTES(0x62, 0x03));
		hwcheck(FAULTS(NP, BR * 8 + 3), "#BR through an absent gate: #NP with EXT");
		idt_reset();
	}
	absent(DB);
	prepare(w->user);
	s.flags |= TF;
	run(BYTES(0x90));
	hwcheck(fault(NP, DB * 8 + 3, 1), "a trap through an absent gate: #NP with EXT");
	idt_reset();
	// a stack that is absent at CPL 0: #PF, then #PF
	if (!w->wide && w->go != go_long) {
		set_pte(FAULT_PAGE, 0);
		prepare(w->kernel);
		s.sp = FAULT_PAGE + 0x800;
		run(BYTES(0x50));
		check(t.vector == DF, "PUSH at CPL 0 to an absent stack: #PF twice is #DF");
		set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	} else {
		gate(PF, KC64, stub(PF), 0x0E, 0);
		set_pte(FAULT_PAGE, 0);
		prepare(w->kernel);
		s.sp = FAULT_PAGE + 0x800;
		run(BYTES(0x50));
		check(fault(DF, 0, 0), "PUSH at CPL 0 to an absent stack: #PF twice is #DF");
		idt_reset();
		gate(GP, KC64, stub(GP), 0x0E, 0);
		prepare(w->kernel);
		s.sp = FAULT_PAGE + 0x800;
		s.bx = 0;
		s.ax = 0xFF8;
		run(BYTES(0x8E, 0xD8));
		check(fault(PF, 2, 0) && t.cr2 >> 12 == FAULT_PAGE >> 12, "#GP, then #PF: the #PF is delivered");
		idt_reset();
		set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	}
}

void gates_of_idt(void)
{
	software();
	bad_stack();
	second_fault();
	idt_reset();
	set_gdt(T0, 0);
}
