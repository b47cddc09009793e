// Exceptions, interrupts and the PIC pair.
#pragma once

#include "x86.h"

enum exception {
	DE = 0, DB = 1, NMI = 2, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11, SS = 12, GP = 13,
	PF = 14, MF = 16, AC = 17, MC = 18, XM = 19,
};

#define IRQ_VECTOR 0x20 // of IRQ 0; IRQ 8 follows at 0x28

/// What the stubs in vectors.S push. A handler may change anything in it: that is what the interrupted code gets.
/// In a 32-bit guest sp and ss are there only if the interrupt came from ring 3; use frame_sp().
struct frame {
#ifdef __x86_64__
	reg_t r15, r14, r13, r12, r11, r10, r9, r8, di, si, bp, bx, dx, cx, ax;
#else
	reg_t gs, fs, es, ds, di, si, bp, unused, bx, dx, cx, ax;
#endif
	reg_t vector, error; // error is 0 for a vector that has no error code
	reg_t ip, cs, flags, sp, ss;
};

/// The stack pointer before the interrupt.
static inline reg_t frame_sp(const struct frame *frame)
{
#ifndef __x86_64__
	if ((frame->cs & 3) == 0) {
		return (reg_t)&frame->sp;
	}
#endif
	return frame->sp;
}

typedef void (*interrupt_handler)(struct frame *frame);

void interrupts_init(void);

/// Sends `vector` to `handler`, before any fixup; null gives the default back: the fixups of TRY, then a report of
/// an unexpected exception and the end of the guest.
void vector_handle(uint8_t vector, interrupt_handler handler);

/// Changes the privilege level that INT n needs, and whether the gate clears IF (an interrupt gate) or not (a trap gate).
void vector_gate(uint8_t vector, unsigned dpl, bool interrupt_gate);

/// Executes INT n. Its handler finds an error of 0 in the frame whatever the vector: INT n never pushes one.
void software_interrupt(uint8_t vector);

/// If the frame's ip is inside a TRY, records the fault in last_fault, moves ip behind the TRY and returns true.
bool fixup(struct frame *frame);

/// Prints the frame, registers included.
void frame_print(const struct frame *frame);
const char *exception_name(unsigned vector);

/// The last exception that a TRY caught; vector is -1 since the beginning of a TRY that caught none.
struct fault {
	int32_t vector;
	uint32_t error;
	uintptr_t address; // CR2 if it was a page fault
	uintptr_t ip;
	reg_t flags;
};
extern volatile struct fault last_fault;

/// Instructions that may fault, for use in an asm template: an exception with an ip from their beginning up to
/// and including their end (a trap reports the next instruction) is recorded in last_fault and skips what is left of them.
///
///     asm volatile(TRY("movl %1, %0") : "=r"(value) : "m"(*p) : "memory");
///     if (last_fault.vector == PF) …
#define TRY(instructions)                                                                                    \
	"movl $-1, last_fault\n"                                                                                 \
	"771:\n\t" instructions "\n"                                                                             \
	"772:\n\t"                                                                                               \
	".pushsection .fixups, \"a\"\n\t"                                                                        \
	".long 771b, 772b\n\t"                                                                                   \
	".popsection\n\t"

// The PIC pair.

#define PIC1_COMMAND 0x20
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xA0
#define PIC2_DATA 0xA1

/// Initialises both (edge triggered, cascade on IRQ 2, vectors from IRQ_VECTOR) with all lines masked but the cascade.
void pic_init(void);

/// Calls `handler` for an IRQ and then sends the end of interrupt. A guest that wants to do that itself uses vector_handle().
void irq_handle(unsigned irq, interrupt_handler handler);
void irq_mask(unsigned irq);
void irq_unmask(unsigned irq);
void irq_end(unsigned irq); // non-specific EOI, to both PICs if it is the slave's

/// The IRR and ISR of both PICs; the slave's is the upper byte.
uint16_t pic_irr(void);
uint16_t pic_isr(void);

// The task state segment: loaded in TR, with a ring 0 stack. In a 64-bit guest #DF has a stack of its own (IST 1).

#ifdef __x86_64__
struct __attribute__((packed)) tss {
	uint32_t reserved0;
	uint64_t rsp[3], reserved1, ist[7], reserved2;
	uint16_t reserved3, io_map_base;
};
#else
struct tss {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, io_map_base;
};
#endif
extern struct tss tss;

// Descriptor tables, for guests that change them. See selectors.h for the layout of the GDT.

struct gate { uint64_t words[sizeof(void *) / 4]; };
extern struct gate idt[256];
extern uint64_t gdt[];

/// Makes a TSS or LDT descriptor (type 9: available TSS; 2: LDT) in the GDT; two slots in a 64-bit guest.
void gdt_system_descriptor(uint16_t selector, uintptr_t base, uint32_t limit, unsigned type);
