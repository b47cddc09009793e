// The IDT, dispatch of exceptions and interrupts, and the fixups behind TRY.
#include "interrupts.h"
#include "console.h"
#include "exit.h"
#include "report.h"
#include "selectors.h"

extern const char vector_stubs[], software_stubs[], software_interrupts[];
extern const uint32_t fixups_start[][2], fixups_end[][2];

void interrupt_dispatch(struct frame *frame);

struct gate idt[256] __attribute__((aligned(16)));
struct tss tss __attribute__((aligned(128)));
volatile struct fault last_fault = { .vector = -1 };

static interrupt_handler handlers[256];
static interrupt_handler irq_handlers[16];
static uint8_t ring0_stack[16384] __attribute__((aligned(16)));
#ifdef __x86_64__
static uint8_t double_fault_stack[8192] __attribute__((aligned(16)));
#endif

static void set_gate(uint8_t vector, unsigned dpl, bool interrupt_gate, unsigned ist)
{
	uint64_t offset = (uintptr_t)vector_stubs + vector * 16u;
	uint64_t type = (interrupt_gate ? 0x8Eu : 0x8Fu) | dpl << 5;
	idt[vector].words[0] = (offset & 0xFFFF) | (uint64_t)KERNEL_CS << 16 | (uint64_t)ist << 32 | type << 40
						   | (offset >> 16 & 0xFFFF) << 48;
#ifdef __x86_64__
	idt[vector].words[1] = offset >> 32;
#endif
}

void gdt_system_descriptor(uint16_t selector, uintptr_t base, uint32_t limit, unsigned type)
{
	uint64_t low = base & 0xFFFFFFFF;
	gdt[selector / 8] = (limit & 0xFFFF) | (low & 0xFFFFFF) << 16 | (uint64_t)(0x80 | type) << 40
						| (uint64_t)(limit >> 16 & 0xF) << 48 | (low >> 24) << 56;
#ifdef __x86_64__
	gdt[selector / 8 + 1] = base >> 32;
#endif
}

void interrupts_init(void)
{
	for (unsigned vector = 0; vector < 256; vector++) {
		set_gate((uint8_t)vector, 0, true, 0);
	}
#ifdef __x86_64__
	tss.rsp[0] = (uintptr_t)ring0_stack + sizeof ring0_stack;
	tss.ist[0] = (uintptr_t)double_fault_stack + sizeof double_fault_stack;
	set_gate(DF, 0, true, 1);
#else
	tss.esp0 = (uintptr_t)ring0_stack + sizeof ring0_stack;
	tss.ss0 = KERNEL_DS;
#endif
	tss.io_map_base = sizeof tss;
	gdt_system_descriptor(TSS_SELECTOR, (uintptr_t)&tss, sizeof tss - 1, 9);
	ltr(TSS_SELECTOR);

	struct descriptor_pointer pointer = { sizeof idt - 1, (uintptr_t)idt };
	lidt(&pointer);
}

void vector_handle(uint8_t vector, interrupt_handler handler)
{
	handlers[vector] = handler;
}

void vector_gate(uint8_t vector, unsigned dpl, bool interrupt_gate)
{
	set_gate(vector, dpl, interrupt_gate, (unsigned)(idt[vector].words[0] >> 32) & 7);
}

void software_interrupt(uint8_t vector)
{
	struct gate saved = idt[vector];
	if (vector < 32) {
		uint64_t offset = (uintptr_t)software_stubs + vector * 16u;
		idt[vector].words[0] = (saved.words[0] & 0x0000FFFFFFFF0000) | (offset & 0xFFFF) | (offset >> 16 & 0xFFFF) << 48;
	}
	((void (*)(void))(software_interrupts + vector * 3u))();
	idt[vector] = saved;
}

void irq_handle(unsigned irq, interrupt_handler handler)
{
	irq_handlers[irq] = handler;
}

bool fixup(struct frame *frame)
{
	for (const uint32_t(*range)[2] = fixups_start; range < fixups_end; range++) {
		if (frame->ip >= (*range)[0] && frame->ip <= (*range)[1]) {
			last_fault.vector = (int32_t)frame->vector;
			last_fault.error = (uint32_t)frame->error;
			last_fault.address = frame->vector == PF ? read_cr2() : 0;
			last_fault.ip = frame->ip;
			last_fault.flags = frame->flags;
			frame->ip = (*range)[1];
			return true;
		}
	}
	return false;
}

void interrupt_dispatch(struct frame *frame)
{
	unsigned vector = (unsigned)frame->vector;
	unsigned irq = vector - IRQ_VECTOR;
	if (handlers[vector] != NULL) {
		handlers[vector](frame);
	} else if (irq < 16 && irq_handlers[irq] != NULL) {
		irq_handlers[irq](frame);
		irq_end(irq);
	} else if (!fixup(frame)) {
		report_fail("exception", "unexpected %s (vector 0x%x)", exception_name(vector), vector);
		frame_print(frame);
		exit_with(1);
	}
}

const char *exception_name(unsigned vector)
{
	static const char *const names[] = {
		"#DE divide error", "#DB debug", "NMI", "#BP breakpoint", "#OF overflow", "#BR bound range", "#UD invalid opcode",
		"#NM device not available", "#DF double fault", "coprocessor segment overrun", "#TS invalid TSS",
		"#NP segment not present", "#SS stack fault", "#GP general protection", "#PF page fault", "reserved",
		"#MF x87 error", "#AC alignment check", "#MC machine check", "#XM SIMD error",
	};
	if (vector < sizeof names / sizeof *names) {
		return names[vector];
	}
	return vector >= IRQ_VECTOR && vector < IRQ_VECTOR + 16 ? "hardware interrupt" : "interrupt";
}

void frame_print(const struct frame *frame)
{
#ifdef __x86_64__
#define R "%016lx"
#else
#define R "%08x"
#endif
	printf("  error " R "  cr2 " R "  cr3 " R "\n", frame->error, read_cr2(), read_cr3());
	printf("  ip " R "  cs %04x  flags " R "  sp " R "\n", frame->ip, (unsigned)frame->cs & 0xFFFF, frame->flags,
		   frame_sp(frame));
	printf("  ax " R "  bx " R "  cx " R "  dx " R "\n", frame->ax, frame->bx, frame->cx, frame->dx);
	printf("  si " R "  di " R "  bp " R "\n", frame->si, frame->di, frame->bp);
#ifdef __x86_64__
	printf("  r8 " R "  r9 " R "  r10 " R "  r11 " R "\n", frame->r8, frame->r9, frame->r10, frame->r11);
	printf("  r12 " R "  r13 " R "  r14 " R "  r15 " R "\n", frame->r12, frame->r13, frame->r14, frame->r15);
#endif
#undef R
}
