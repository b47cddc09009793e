// printf for guests: small, no floating point, no library division.
#include "console.h"
#include "string.h"

#include <stdbool.h>
#include <stdint.h>

struct sink {
	char *buffer; // null: the console
	size_t size;
	size_t count; // characters produced, also those that found no room
};

static void put(struct sink *sink, char c)
{
	if (sink->buffer == NULL) {
		console_putchar(c);
	} else if (sink->count + 1 < sink->size) {
		sink->buffer[sink->count] = c;
	}
	sink->count++;
}

// Divides in place and returns the remainder. In 32-bit code a plain 64-bit division would call libgcc, of which
// there is no 16-bit build.
static uint32_t divide(uint64_t *value, uint32_t divisor)
{
#ifdef __x86_64__
	uint32_t remainder = (uint32_t)(*value % divisor);
	*value /= divisor;
	return remainder;
#else
	uint32_t high = (uint32_t)(*value >> 32), low = (uint32_t)*value;
	uint32_t quotient_high = high / divisor, remainder = high % divisor, quotient_low;
	__asm__("divl %4" : "=a"(quotient_low), "=d"(remainder) : "0"(low), "1"(remainder), "rm"(divisor) : "cc");
	*value = (uint64_t)quotient_high << 32 | quotient_low;
	return remainder;
#endif
}

static void put_padded(struct sink *sink, const char *text, size_t length, int width, bool left, char fill)
{
	int padding = width - (int)length;
	if (fill == '0' && length > 0 && *text == '-') {
		put(sink, *text++);
		length--;
	}
	for (; !left && padding > 0; padding--) {
		put(sink, fill);
	}
	for (size_t i = 0; i < length; i++) {
		put(sink, text[i]);
	}
	for (; padding > 0; padding--) {
		put(sink, ' ');
	}
}

static void put_number(struct sink *sink, uint64_t value, uint32_t base, bool negative, bool upper, int width,
					   bool left, char fill)
{
	char text[24];
	char *p = text + sizeof text;
	do {
		uint32_t digit = divide(&value, base);
		*--p = (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
	} while (value != 0);
	if (negative) {
		*--p = '-';
	}
	put_padded(sink, p, (size_t)(text + sizeof text - p), width, left, left ? ' ' : fill);
}

static void format_to(struct sink *sink, const char *format, va_list arguments)
{
	for (; *format != 0; format++) {
		if (*format != '%') {
			put(sink, *format);
			continue;
		}
		format++;
		bool left = false;
		char fill = ' ';
		for (; *format == '-' || *format == '0'; format++) {
			left |= *format == '-';
			fill = *format == '0' ? '0' : fill;
		}
		int width = 0;
		if (*format == '*') {
			width = va_arg(arguments, int);
			format++;
		}
		for (; *format >= '0' && *format <= '9'; format++) {
			width = width * 10 + (*format - '0');
		}
		int longs = 0;
		for (; *format == 'l' || *format == 'h' || *format == 'z'; format++) {
			longs += *format == 'l' || (*format == 'z' && sizeof(size_t) == 8);
		}
		bool wide = longs >= 2 || (longs == 1 && sizeof(long) == 8);
		switch (*format) {
		case 'd':
		case 'i': {
			int64_t value = wide ? va_arg(arguments, int64_t) : va_arg(arguments, int);
			put_number(sink, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0, false, width, left, fill);
			break;
		}
		case 'u':
		case 'x':
		case 'X': {
			uint64_t value = wide ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned);
			put_number(sink, value, *format == 'u' ? 10 : 16, false, *format == 'X', width, left, fill);
			break;
		}
		case 'p':
			put_padded(sink, "0x", 2, 0, false, ' ');
			put_number(sink, (uintptr_t)va_arg(arguments, void *), 16, false, false, 2 * (int)sizeof(void *), false, '0');
			break;
		case 's': {
			const char *text = va_arg(arguments, const char *);
			put_padded(sink, text, strlen(text), width, left, ' ');
			break;
		}
		case 'c': {
			char c = (char)va_arg(arguments, int);
			put_padded(sink, &c, 1, width, left, ' ');
			break;
		}
		case 0:
			return;
		default:
			put(sink, *format);
			break;
		}
	}
}

int vprintf(const char *format, va_list arguments)
{
	struct sink sink = { NULL, 0, 0 };
	format_to(&sink, format, arguments);
	return (int)sink.count;
}

int printf(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int count = vprintf(format, arguments);
	va_end(arguments);
	return count;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	struct sink sink = { buffer, size, 0 };
	format_to(&sink, format, arguments);
	if (size > 0) {
		buffer[sink.count < size ? sink.count : size - 1] = 0;
	}
	return (int)sink.count;
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int count = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return count;
}
