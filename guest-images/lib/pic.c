// The pair of 8259A interrupt controllers (8259A data sheet, "Programming the 8259A").
#include "interrupts.h"

void pic_init(void)
{
	out8(PIC1_COMMAND, 0x11); // ICW1: edge triggered, cascade, ICW4 follows
	out8(PIC2_COMMAND, 0x11);
	out8(PIC1_DATA, IRQ_VECTOR);
	out8(PIC2_DATA, IRQ_VECTOR + 8);
	out8(PIC1_DATA, 0x04); // ICW3: a slave on IRQ 2 …
	out8(PIC2_DATA, 0x02); // … which is number 2
	out8(PIC1_DATA, 0x01); // ICW4: 8086 mode
	out8(PIC2_DATA, 0x01);
	out8(PIC1_DATA, 0xFB);
	out8(PIC2_DATA, 0xFF);
}

void irq_mask(unsigned irq)
{
	uint16_t port = irq < 8 ? PIC1_DATA : PIC2_DATA;
	out8(port, in8(port) | (uint8_t)(1u << (irq & 7)));
}

void irq_unmask(unsigned irq)
{
	uint16_t port = irq < 8 ? PIC1_DATA : PIC2_DATA;
	out8(port, in8(port) & (uint8_t)~(1u << (irq & 7)));
}

void irq_end(unsigned irq)
{
	if (irq >= 8) {
		out8(PIC2_COMMAND, 0x20);
	}
	out8(PIC1_COMMAND, 0x20);
}

static uint16_t read_both(uint8_t ocw3)
{
	out8(PIC1_COMMAND, ocw3);
	out8(PIC2_COMMAND, ocw3);
	return (uint16_t)(in8(PIC1_COMMAND) | in8(PIC2_COMMAND) << 8);
}

uint16_t pic_irr(void) { return read_both(0x0A); }
uint16_t pic_isr(void) { return read_both(0x0B); }
