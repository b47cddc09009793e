// Interrupt-driven console input: IRQ 4 empties the UART's FIFO into a ring that main code drains.
#include "console.h"
#include "interrupts.h"
#include "uart.h"
#include "x86.h"

#define RING 4096u // a power of two

static volatile uint8_t ring[RING];
static volatile uint32_t head, tail; // head: written by the handler; tail: by the reader; both run freely

static void receive(struct frame *frame)
{
	(void)frame;
	// A full ring leaves the rest in the UART, which makes the other side wait instead of losing bytes.
	while (head - tail < RING && (in8(COM1 + UART_LSR) & UART_LSR_DR) != 0) {
		ring[head % RING] = in8(COM1 + UART_RBR);
		head++;
	}
	if (head - tail == RING) {
		out8(COM1 + UART_IER, 0);
	}
}

void console_enable_input(void)
{
	irq_handle(4, receive);
	out8(COM1 + UART_IER, UART_IER_ERBFI);
	irq_unmask(4);
	sti();
}

int console_getchar(void)
{
	for (;;) {
		cli();
		if (head != tail) {
			uint8_t c = ring[tail % RING];
			tail++;
			if (head - tail == RING - 1) {
				out8(COM1 + UART_IER, UART_IER_ERBFI); // there is room again
			}
			sti();
			return c;
		}
		sti_hlt();
	}
}
