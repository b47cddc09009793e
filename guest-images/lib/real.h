// Real-mode code inside a 32-bit guest.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifndef __x86_64__

#define REAL_CODE_SEGMENT 0x1000 // where real_call() puts the code: linear 0x10000, up to 64 KiB

struct real_registers {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp, eflags;
	uint16_t ds, es;
};

/// Copies `size` bytes of 16-bit code to REAL_CODE_SEGMENT:0, goes to real mode, calls it with the registers
/// given (far; it ends with LRET) on a stack at 0000:7C00, comes back and stores the registers it left.
/// IF is 0 on entry and the interrupt table is at 0. The code must leave CR0 without PE. Paging must be off.
void real_call(const void *code, size_t size, struct real_registers *registers);

#endif
