// Start of a 32-bit guest: entered by a Multiboot 1 loader in flat protected mode without paging.
//
// Puts our own GDT and stack in place, then never returns from guest_start(magic, information).
#include "selectors.h"

	.section .multiboot, "a"
	.balign 4
	.long 0x1BADB002                // magic
	.long 0x00000003                // modules on page boundaries; memory map, please
	.long -(0x1BADB002 + 0x00000003)

	.section .text
	.code32
	.globl _start
_start:
	cli
	cld
	mov $stack_top, %esp
	lgdt gdt_pointer
	ljmp $KERNEL_CS, $1f
1:  mov $KERNEL_DS, %ecx
	mov %ecx, %ds
	mov %ecx, %es
	mov %ecx, %fs
	mov %ecx, %gs
	mov %ecx, %ss
	xor %ebp, %ebp                  // ends a walk of the frames
	push %ebx
	push %eax
	call guest_start

	.section .bss
	.balign 4096
	.globl stack_top
	.skip 64 * 1024
stack_top:

	.section .note.GNU-stack, "", @progbits
