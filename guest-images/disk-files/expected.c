#include "expected.h"

static const char *number(const char *p, const char *end, unsigned base, uint32_t *value)
{
	*value = 0;
	for (; p < end && *p != ' '; p++) {
		*value = *value * base + (uint32_t)(*p <= '9' ? *p - '0' : (*p | 32) - 'a' + 10);
	}
	return p < end ? p + 1 : p;
}

bool expected_next(const char **text, struct expected *file)
{
	const struct multiboot_module *module = multiboot_module(0);
	if (module == NULL) {
		return false;
	}
	const char *p = *text != NULL ? *text : (const char *)(uintptr_t)module->start, *end = (const char *)(uintptr_t)module->end;
	p = number(number(p, end, 16, &file->crc), end, 10, &file->size);
	unsigned length = 0;
	for (; p < end && *p != '\n'; p++) {
		if (length + 1 < sizeof file->path) {
			file->path[length++] = *p;
		}
	}
	file->path[length] = '\0';
	*text = p + 1;
	return length != 0;
}
