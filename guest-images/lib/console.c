// The console on COM1: a 16550 at 0x3F8, polled.
//
// The FIFOs stay as they are: switching them on or off drops what has been received already, and piped input
// may well be there before the guest is.
// A line ends in '\n' alone, as the bundled guests' expected output does; the terminal adds the rest.
#include "console.h"
#include "uart.h"
#include "x86.h"

void console_init(void)
{
	out8(COM1 + UART_IER, 0);
	out8(COM1 + UART_LCR, UART_LCR_DLAB);
	out8(COM1 + UART_DLL, 1);
	out8(COM1 + UART_DLM, 0);
	out8(COM1 + UART_LCR, UART_LCR_8N1);
	out8(COM1 + UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
}

void console_putchar(char c)
{
	while ((in8(COM1 + UART_LSR) & UART_LSR_THRE) == 0) {
		pause();
	}
	out8(COM1 + UART_THR, (uint8_t)c);
}

void console_write(const char *text)
{
	while (*text != 0) {
		console_putchar(*text++);
	}
}

int console_poll(void)
{
	return (in8(COM1 + UART_LSR) & UART_LSR_DR) != 0 ? in8(COM1 + UART_RBR) : -1;
}
