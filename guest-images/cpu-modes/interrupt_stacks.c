// Which stack an interrupt arrives on.
#include "parts.h"

enum { V = 0x30 };

void interrupt_stacks(void)
{
	static u8 stack[4096] __attribute__((aligned(16)));
	u32 top = (u32)stack + sizeof stack;
	if (!in_long) {
		prepare(PM32U);
		run(BYTES(0xCD, V));
		check(t.vector == V && t.frame_sp == supervisor_stack() && t.handler_ss == KD, "an interrupt in ring 3 arrives on ESP0");
		prepare(PM32);
		run(BYTES(0xCD, V));
		check(t.vector == V && t.handler_ss == D32 && s.sp == STACK + STACK_TOP, "an interrupt in ring 0 stays on its stack");
		// a trap gate leaves IF
		prepare(PM32);
		s.flags |= IF;
		gate(V, C32, CODE + 0x400, 0x0F, 0);
		*(u16 *)(CODE + 0x400) = 0x0B0F;
		run(BYTES(0xCD, V));
		int good = t.vector == UD && (u32)s.ip == CODE + 0x400 && (s.flags & IF);
		gate(V, C32, CODE + 0x400, 0x0E, 0);
		prepare(PM32);
		s.flags |= IF | NT;
		run(BYTES(0xCD, V));
		check(good && t.vector == UD && !(s.flags & (IF | NT)), "a trap gate leaves IF, an interrupt gate clears it, and NT");
		set_gdt(T0, descriptor(CODE, 0xFFFF, 0x9A, 0));
		gate(V, T0, 0x400, 0x06, 0);
		prepare(PM32);
		run(BYTES(0xCD, V));
		check(t.vector == UD && s.cs == T0 && s.ip == 0x400 && s.sp == STACK + STACK_TOP - 6 && (u16)peek32(s.sp) == 2, "a 16-bit gate pushes words");
		idt_reset();
		set_gdt(T0, 0);
		return;
	}
	for (u32 user = 0; user < 4; user++) {
		static const enum mode modes[4] = {LONG, LONGU, COMPAT32, COMPAT32U};
		u32 outer = modes[user] == LONGU || modes[user] == COMPAT32U;
		*(u64 *)(task.tss + 36 + 8) = top - 0x800;
		gate(V, KC64, stub(V), 0x6E, 2);
		prepare(modes[user]);
		run(BYTES(0xCD, V));
		check(t.vector == V && t.frame_sp == top - 0x800, "IST 2 is used from %s", mode_names[modes[user]]);
		*(u64 *)(task.tss + 36 + 8) = top - 0x7F3;
		prepare(modes[user]);
		run(BYTES(0xCD, V));
		check(t.vector == V && t.frame_sp == top - 0x800, "an IST that is not aligned is rounded down, from %s", mode_names[modes[user]]);
		gate(V, KC64, stub(V), 0x6E, 0);
		prepare(modes[user]);
		s.sp -= 3;
		run(BYTES(0xCD, V));
		check(t.vector == V && s.sp == start.sp && s.ss == start.ss &&
			(outer ? t.frame_sp == supervisor_stack() : t.frame_sp == ((u32)start.sp & ~15u)), "without IST %s is used, aligned to 16, from %s",
			outer ? "RSP0" : "its own stack", mode_names[modes[user]]);
		if (outer) {
			check(t.handler_ss == 0, "SS is null in the handler, from %s", mode_names[modes[user]]);
		}
	}
	// and back by IRETQ, with a null SS at CPL 0
	prepare(LONG);
	s.ss = 0;
	run(BYTES(0x90));
	check(done() && s.ss == 0, "IRETQ to CPL 0 with a null SS");
	idt_reset();
}
