// The way to real mode and back, for real_call() in real.h. 32-bit guests only.
//
// The trampoline is copied to linear 0x8000 each time: a real-mode segment cannot reach where the guest runs.
#include "selectors.h"

#ifndef __x86_64__
#define TRAMPOLINE 0x8000
#define AT(label) (label - trampoline + TRAMPOLINE)

	.section .text
	.code32
	.globl real_call
real_call:                          // (code, size, registers)
	push %ebp
	mov %esp, %ebp
	push %ebx
	push %esi
	push %edi
	pushf
	cli
	cld
	mov $trampoline, %esi
	mov $TRAMPOLINE, %edi
	mov $trampoline_end - trampoline, %ecx
	rep movsb
	mov 8(%ebp), %esi
	mov $0x10000, %edi
	mov 12(%ebp), %ecx
	rep movsb
	mov 16(%ebp), %esi
	mov $AT(registers), %edi
	mov $36, %ecx
	rep movsb
	sidt saved_idt
	mov %esp, saved_esp
	ljmp $CODE16, $TRAMPOLINE

back:
	mov $KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	mov saved_esp, %esp
	lidt saved_idt
	lea 16(%esp), %ebp
	cld
	mov $AT(registers), %esi
	mov 16(%ebp), %edi
	mov $36, %ecx
	rep movsb
	popf
	pop %edi
	pop %esi
	pop %ebx
	pop %ebp
	ret

	.code16
trampoline:
	mov $DATA16, %ax                // segments with a limit of 64 KiB, as real mode expects them
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %fs
	mov %ax, %gs
	mov %ax, %ss
	lidtw AT(real_idt)
	mov %cr0, %eax
	and $~1, %eax
	mov %eax, %cr0
	ljmp $0, $AT(1f)
1:  xor %ax, %ax
	mov %ax, %ss
	mov $0x7C00, %sp
	mov %ax, %ds
	mov %ax, %fs
	mov %ax, %gs
	mov AT(registers) + 0, %eax
	mov AT(registers) + 4, %ebx
	mov AT(registers) + 8, %ecx
	mov AT(registers) + 12, %edx
	mov AT(registers) + 16, %esi
	mov AT(registers) + 20, %edi
	mov AT(registers) + 24, %ebp
	mov AT(registers) + 34, %es
	mov AT(registers) + 32, %ds
	lcall $0x1000, $0
	pushfl
	pushw %ds
	cli
	cld
	pushw $0
	popw %ds
	mov %eax, AT(registers) + 0
	mov %ebx, AT(registers) + 4
	mov %ecx, AT(registers) + 8
	mov %edx, AT(registers) + 12
	mov %esi, AT(registers) + 16
	mov %edi, AT(registers) + 20
	mov %ebp, AT(registers) + 24
	mov %es, AT(registers) + 34
	popw AT(registers) + 32
	popl AT(registers) + 28
	lgdtl AT(real_gdt)              // the code may have loaded its own
	mov %cr0, %eax
	or $1, %eax
	mov %eax, %cr0
	ljmpl $KERNEL_CS, $back
	.balign 4
real_idt:
	.word 0x3FF
	.long 0
real_gdt:
	.word GDT_ENTRIES * 8 - 1
	.long gdt
	.balign 4
registers:
	.skip 36
trampoline_end:

	.section .bss
	.balign 4
saved_esp:
	.skip 4
saved_idt:
	.skip 8
#endif

	.section .note.GNU-stack, "", @progbits
