// The few functions of <string.h> that guests need.
#include "string.h"

#include <stdint.h>

void *memcpy(void *destination, const void *source, size_t count)
{
	void *d = destination;
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(source), "+c"(count) : : "memory");
	return destination;
}

void *memmove(void *destination, const void *source, size_t count)
{
	if ((uintptr_t)destination - (uintptr_t)source >= count) {
		return memcpy(destination, source, count);
	}
	char *d = (char *)destination + count - 1;
	const char *s = (const char *)source + count - 1;
	__asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(d), "+S"(s), "+c"(count) : : "memory");
	return destination;
}

void *memset(void *destination, int value, size_t count)
{
	void *d = destination;
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(count) : "a"(value) : "memory");
	return destination;
}

int memcmp(const void *a, const void *b, size_t count)
{
	const uint8_t *p = a, *q = b;
	for (size_t i = 0; i < count; i++) {
		if (p[i] != q[i]) {
			return p[i] - q[i];
		}
	}
	return 0;
}

size_t strlen(const char *text)
{
	const char *p = text;
	while (*p != 0) {
		p++;
	}
	return (size_t)(p - text);
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t count)
{
	for (; count > 0; a++, b++, count--) {
		if (*a != *b || *a == 0) {
			return (uint8_t)*a - (uint8_t)*b;
		}
	}
	return 0;
}
