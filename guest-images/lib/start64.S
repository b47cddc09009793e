// Start of a 64-bit guest: entered by a Multiboot 1 loader in flat 32-bit protected mode, it switches
// itself to long mode with the first 4 GiB mapped one to one in pages of 2 MiB (supervisor, writable).
//
// The tables are page_pml4, page_pdpt and page_directories (4 of 512 entries), for guests that want to
// change them. NXE is set in EFER if the processor has it. Never returns from guest_start().
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
	mov %eax, %esi                  // the loader's words, kept where CPUID leaves them alone
	mov %ebx, %edi

	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb no_long_mode
	mov $0x80000001, %eax
	cpuid
	bt $29, %edx                    // LM
	jnc no_long_mode
	mov %edx, %ebp

	xor %ecx, %ecx                  // 2048 entries of 2 MiB: present, writable, large
1:  mov %ecx, %eax
	shl $21, %eax
	or $0x83, %eax
	mov %eax, page_directories(, %ecx, 8)
	movl $0, page_directories + 4(, %ecx, 8)
	inc %ecx
	cmp $2048, %ecx
	jb 1b

	movl $page_directories + 0x0003, page_pdpt
	movl $page_directories + 0x1003, page_pdpt + 8
	movl $page_directories + 0x2003, page_pdpt + 16
	movl $page_directories + 0x3003, page_pdpt + 24
	movl $page_pdpt + 3, page_pml4

	mov %cr4, %eax
	or $0x20, %eax                  // PAE
	mov %eax, %cr4
	mov $page_pml4, %eax
	mov %eax, %cr3
	mov $0xC0000080, %ecx           // EFER
	rdmsr
	or $0x100, %eax                 // LME
	bt $20, %ebp                    // NX
	jnc 2f
	or $0x800, %eax                 // NXE
2:  wrmsr
	mov %cr0, %eax
	or $0x80010021, %eax            // PG, WP, NE, PE
	mov %eax, %cr0
	lgdt gdt_pointer
	ljmp $KERNEL_CS, $in_long_mode

no_long_mode:
	mov $0x3F8, %edx
	mov $message, %esi
3:  lodsb
	test %al, %al
	jz 4f
	out %al, %dx
	jmp 3b
4:  mov $0xF4, %edx
	mov $1, %eax
	out %eax, %dx
5:  hlt
	jmp 5b

	.code64
in_long_mode:
	mov $KERNEL_DS, %ecx
	mov %ecx, %ds
	mov %ecx, %es
	mov %ecx, %ss
	xor %ecx, %ecx
	mov %ecx, %fs
	mov %ecx, %gs
	mov $stack_top, %rsp
	xor %ebp, %ebp                  // ends a walk of the frames
	mov %edi, %eax                  // the upper halves are undefined after the switch
	mov %esi, %edi
	mov %eax, %esi
	call guest_start

	.section .rodata
message:
	.asciz "FAIL start: this processor has no long mode\n"

	.section .bss
	.balign 4096
	.globl page_pml4, page_pdpt, page_directories, stack_top
page_pml4:
	.skip 4096
page_pdpt:
	.skip 4096
page_directories:
	.skip 4 * 4096
	.skip 64 * 1024
stack_top:

	.section .note.GNU-stack, "", @progbits
