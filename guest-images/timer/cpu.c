// How the processor takes an interrupt that is already waiting: where, and where not (SDM volume 3, 6.8.1 and 6.8.3).
#include "timer.h"

static void prepare(void)
{
	quiet();
	irq_unmask(0);
	request_irq0();
}

#define LABEL(name) ".globl " #name "\n" #name ":\n\t"
extern const char after_sti[], after_shadow[], after_popf[], after_hlt[], after_iret[];

void check_cpu(void)
{
	prepare();
	__asm__ volatile("sti\n" LABEL(after_sti) "nop\n" LABEL(after_shadow) "nop\n\tcli" : : : "memory");
	report_equal("cpu: STI lets one more instruction go before a waiting interrupt", seen_ip[0], (uintptr_t)after_shadow);

	prepare();
	for (unsigned i = 0; i < 1000; i++) {
		__asm__ volatile("sti\n\tcli" : : : "memory");
	}
	report_equal("cpu: STI, CLI never lets one in", seen[0], 0);

	prepare();
	__asm__ volatile("pushfl\n\torl $0x200, (%%esp)\n\tpopfl\n" LABEL(after_popf) "nop\n\tcli" : : : "memory", "cc");
	report_equal("cpu: POPF that sets IF has no such shadow", seen_ip[0], (uintptr_t)after_popf);

	prepare();
	__asm__ volatile("pushfl\n\torl $0x200, (%%esp)\n\tpushl %%cs\n\tpushl $after_iret\n\tiretl\n" LABEL(after_iret) "nop\n\tcli"
					 : : : "memory", "cc");
	report_equal("cpu: nor has IRET", seen_ip[0], (uintptr_t)after_iret);

	prepare();
	__asm__ volatile("sti\n\thlt\n" LABEL(after_hlt) "cli" : : : "memory");
	report_equal("cpu: a waiting interrupt ends HLT at once", seen_ip[0], (uintptr_t)after_hlt);

	quiet();
	irq_unmask(0);
	pit_program(0, 2, 11932);
	unsigned halts = 0;
	for (; halts < 10; halts++) {
		unsigned before = seen[0];
		sti_hlt();
		cli();
		if (seen[0] == before) {
			break;
		}
	}
	report_equal("cpu: HLT sleeps until the next tick, ten times", halts, 10);

	quiet();
	irq_unmask(0);
	pit_program(0, 2, 5966);
	sti();
	unsigned begin = seen[0];
	__asm__ volatile("1: cmpl %1, %0\n\tjb 1b" : : "m"(seen[0]), "r"(begin + 5) : "cc", "memory");
	bool still_on = (read_flags() & FLAG_IF) != 0;
	cli();
	report("cpu: a loop that only compares and jumps is interrupted", still_on);

	quiet();
	irq_unmask(0);
	pit_program(0, 2, 5966);
	sti();
	__asm__ volatile("1: cmpl $3, %0\n\tjae 2f\n\tmovl $0x4000, %%ecx\n\tmovl %%esp, %%esi\n\t3: lodsb\n\tdec %%esi\n\tloop 3b\n\tjmp 1b\n2:"
					 : : "m"(seen[0]) : "eax", "ecx", "esi", "cc", "memory");
	cli();
	report("cpu: registers survive being interrupted", seen[0] >= 3);
}
