// What a Multiboot 1 loader tells.
#include "multiboot.h"
#include "string.h"

const struct multiboot_info *multiboot;

void multiboot_init(uint32_t magic, uintptr_t information)
{
	multiboot = magic == MULTIBOOT_MAGIC ? (const struct multiboot_info *)information : NULL;
}

static bool has(uint32_t flag)
{
	return multiboot != NULL && (multiboot->flags & flag) != 0;
}

const char *multiboot_cmdline(void)
{
	return has(MULTIBOOT_CMDLINE) ? (const char *)(uintptr_t)multiboot->cmdline : "";
}

static uint32_t parse(const char *text)
{
	uint32_t base = 10, value = 0;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	for (;; text++) {
		uint32_t digit = *text >= '0' && *text <= '9' ? (uint32_t)(*text - '0')
						 : (*text | 32) >= 'a' && (*text | 32) <= 'f' ? (uint32_t)((*text | 32) - 'a' + 10) : 99;
		if (digit >= base) {
			return value;
		}
		value = value * base + digit;
	}
}

// What stands behind `name=`, or null.
static const char *find(const char *name)
{
	size_t length = strlen(name);
	for (const char *p = multiboot_cmdline(); *p != 0; p++) {
		bool word = p == multiboot_cmdline() || p[-1] == ' ';
		if (word && strncmp(p, name, length) == 0 && p[length] == '=') {
			return p + length + 1;
		}
	}
	return NULL;
}

uint32_t multiboot_option(const char *name, uint32_t otherwise)
{
	const char *text = find(name);
	return text != NULL ? parse(text) : otherwise;
}

int multiboot_choice(const char *name, const char *const words[], int count)
{
	const char *text = find(name);
	for (int i = 0; text != NULL && i < count; i++) {
		size_t length = strlen(words[i]);
		if (strncmp(text, words[i], length) == 0 && (text[length] == 0 || text[length] == ' ')) {
			return i;
		}
	}
	return -1;
}

const struct multiboot_module *multiboot_module(unsigned index)
{
	if (!has(MULTIBOOT_MODULES) || index >= multiboot->mods_count) {
		return NULL;
	}
	return (const struct multiboot_module *)(uintptr_t)multiboot->mods_addr + index;
}

const struct multiboot_memory *multiboot_next_memory(const struct multiboot_memory *entry)
{
	if (!has(MULTIBOOT_MMAP)) {
		return NULL;
	}
	uintptr_t next = entry == NULL ? multiboot->mmap_addr : (uintptr_t)entry + entry->size + sizeof entry->size;
	return next < (uintptr_t)multiboot->mmap_addr + multiboot->mmap_length ? (const struct multiboot_memory *)next : NULL;
}
