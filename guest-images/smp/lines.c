// Lines of the board through the I/O APIC: the PIT's, edge-triggered, and the UART's as a level.
#include "parts.h"
#include "uart.h"

enum { PitPin = 2, UartPin = 4, EdgeVector = TEST_VECTOR + 9, LevelVector = 0x90 };

static void check_edge(void)
{
	forget_interrupts();
	bool each = true, alone = true;
	pit_program(0, 2, 5966); // 200 Hz
	for (unsigned i = 0; i < smp_count(); i++) {
		uint32_t before = total(EdgeVector);
		ioapic_redirect(PitPin, EdgeVector, processor_apic_id(i));
		each = within_deadline(taken[i][EdgeVector] >= 3) && each;
		ioapic_redirect(PitPin, APIC_MASKED, 0);
		reaches(i, TEST_VECTOR); // what was on its way is there
		alone = alone && total(EdgeVector) - before == taken[i][EdgeVector];
	}
	report("lines: the PIT's edges through the I/O APIC, to each processor", each);
	report("lines: and to that one alone", alone);

	ioapic_redirect(PitPin, APIC_LOGICAL | EdgeVector, 0xFF);
	apic_write(APIC_LDR, 1u << 24);
	bool logical = within_deadline(taken[0][EdgeVector] >= 6);
	ioapic_redirect(PitPin, APIC_MASKED, 0);
	report("lines: to a logical destination", logical);
	pit_program(0, 1, 0);
}

static volatile uint32_t served, served_by, remote_irr, trigger_mode;

static void serve(struct frame *frame)
{
	(void)frame;
	served_by |= 1u << processor_number();
	remote_irr += (ioapic_entry(UartPin) & IOAPIC_REMOTE_IRR) != 0;
	trigger_mode += apic_bit(APIC_TMR, LevelVector);
	if (++served == 5) {
		out8(COM1 + UART_IER, 0); // only now is the request taken back
	}
	apic_end();
}

static void raise_line(void)
{
	served = served_by = remote_irr = trigger_mode = 0;
	out8(COM1 + UART_IER, UART_IER_ETBEI); // the holding register is empty
}

static void check_level(unsigned target)
{
	vector_handle(LevelVector, serve);
	while ((in8(COM1 + UART_LSR) & UART_LSR_TEMT) == 0) {
		pause();
	}
	ioapic_redirect(UartPin, APIC_MASKED | IOAPIC_LEVEL | LevelVector, processor_apic_id(target));
	raise_line();
	reaches(target, TEST_VECTOR);
	bool masked = served == 0;
	ioapic_redirect(UartPin, IOAPIC_LEVEL | LevelVector, processor_apic_id(target));
	bool came = within_deadline(served >= 5) && reaches(target, TEST_VECTOR);
	report("lines: a level waits while it is masked", masked);
	report_equal("lines: a level comes again after each end of interrupt until it is taken back", came ? served : 0, 5);
	report("lines: on the processor that it is redirected to", served_by == 1u << target);
	report_equal("lines: the I/O APIC remembers that it is being served", remote_irr, 5);
	report_equal("lines: the local APIC knows it as a level", trigger_mode, 5);
	report("lines: after the last end of interrupt the I/O APIC does not", (ioapic_entry(UartPin) & IOAPIC_REMOTE_IRR) == 0);
	raise_line();
	report("lines: and the next level comes", within_deadline(served >= 5));
	ioapic_redirect(UartPin, APIC_MASKED, 0);
	vector_handle(LevelVector, NULL);
}

static volatile uint32_t by_pic;

static void serve_pic(struct frame *frame)
{
	(void)frame;
	by_pic++;
}

void check_lines(void)
{
	report_equal("lines: the I/O APIC has 24 pins", ioapic_read(1) >> 16 & 0xFF, IOAPIC_PINS - 1);
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
		ioapic_redirect(pin, APIC_MASKED, 0);
	}
	sti();
	irq_handle(0, serve_pic);
	irq_unmask(0);
	pit_program(0, 2, 5966);
	report("lines: the PIC's request comes through LINT0 of the first processor", within_deadline(by_pic >= 3));
	irq_mask(0);
	irq_handle(0, NULL);
	check_edge();
	check_level(smp_count() - 1);
	cli();
}
