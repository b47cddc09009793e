// The console: COM1, a 16550, polled for output; input polled, or by interrupt (console_input.c).
#pragma once

#include <stdarg.h>
#include <stddef.h>

void console_init(void);
void console_putchar(char c);
void console_write(const char *text);

/// The next character of input, or -1 if there is none now. Polls the UART.
int console_poll(void);

/// printf with %d %i %u %x %X %p %s %c %%, the flags - and 0, a width (or *), and the sizes hh h l ll z.
__attribute__((format(printf, 1, 2))) int printf(const char *format, ...);
int vprintf(const char *format, va_list arguments);
__attribute__((format(printf, 3, 4))) int snprintf(char *buffer, size_t size, const char *format, ...);
int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);

#ifndef GUEST_RAW
/// From now on received characters come in by IRQ 4 and wait in a buffer of 4 KiB. Needs interrupts on.
void console_enable_input(void);

/// Halts until there is a character and returns it. After console_enable_input() only; turns interrupts on.
int console_getchar(void);
#endif
