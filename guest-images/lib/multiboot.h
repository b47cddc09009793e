// What a Multiboot 1 loader tells (Multiboot Specification 0.6.96, 3.3).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MULTIBOOT_MAGIC 0x2BADB002u

enum multiboot_flags {
	MULTIBOOT_MEMORY = 1 << 0, MULTIBOOT_CMDLINE = 1 << 2, MULTIBOOT_MODULES = 1 << 3, MULTIBOOT_MMAP = 1 << 6,
	MULTIBOOT_LOADER_NAME = 1 << 9,
};

struct __attribute__((packed)) multiboot_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	uint32_t mmap_length, mmap_addr, drives_length, drives_addr, config_table, boot_loader_name;
};

struct __attribute__((packed)) multiboot_module { uint32_t start, end, string, reserved; };
struct __attribute__((packed)) multiboot_memory { uint32_t size; uint64_t base, length; uint32_t type; };

/// Null if the loader was not a Multiboot 1 loader.
extern const struct multiboot_info *multiboot;

void multiboot_init(uint32_t magic, uintptr_t information);

/// The command line, with the image's own name in front if the loader puts it there; "" if there is none.
const char *multiboot_cmdline(void);

/// The value of `name=VALUE` on the command line, decimal or 0x…, or `otherwise`.
uint32_t multiboot_option(const char *name, uint32_t otherwise);

/// Which of these words `name=WORD` has on the command line, or -1.
int multiboot_choice(const char *name, const char *const words[], int count);

/// Module `index`, or null.
const struct multiboot_module *multiboot_module(unsigned index);

/// Walks the memory map: null gives the first entry; null at the end.
const struct multiboot_memory *multiboot_next_memory(const struct multiboot_memory *entry);
