// The global descriptor table that every 32- and 64-bit guest runs on. See selectors.h.
#include "selectors.h"

	.section .data
	.balign 16
	.globl gdt, gdt_pointer
gdt:
	.quad 0
#ifdef __x86_64__
	.quad 0x00AF9B000000FFFF        // KERNEL_CS: 64-bit code, ring 0
#else
	.quad 0x00CF9B000000FFFF        // KERNEL_CS: 32-bit code, ring 0
#endif
	.quad 0x00CF93000000FFFF        // KERNEL_DS
	.quad 0x00CF9B000000FFFF        // CODE32
	.quad 0x00009B000000FFFF        // CODE16
	.quad 0x000093000000FFFF        // DATA16
#ifdef __x86_64__
	.quad 0x00AFFB000000FFFF        // USER_CS: 64-bit code, ring 3
#else
	.quad 0x00CFFB000000FFFF        // USER_CS: 32-bit code, ring 3
#endif
	.quad 0x00CFF3000000FFFF        // USER_DS
	.quad 0x00CFFB000000FFFF        // USER_CODE32
	// TSS_SELECTOR is filled in by interrupts_init(), those of the other processors by smp.c.
	.fill GDT_ENTRIES - 9, 8, 0

gdt_pointer:
	.word GDT_ENTRIES * 8 - 1
#ifdef __x86_64__
	.quad gdt
#else
	.long gdt
#endif

	.section .note.GNU-stack, "", @progbits
