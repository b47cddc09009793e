// 256 interrupt stubs, 16 bytes apart. They push what struct frame in interrupts.h describes.
#include "selectors.h"

	.section .text
	.balign 16
	.globl vector_stubs
vector_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	push $0
	.endif
	push $vector
	jmp common
	.set vector, vector + 1
	.endr

// INT n pushes no error code, not even where the exception of that number does: for software_interrupt().
	.balign 16
	.globl software_stubs
software_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	push $0
	push $vector
	jmp common
	.set vector, vector + 1
	.endr

// 256 times INT n, RET: three bytes each.
	.globl software_interrupts
software_interrupts:
	.set vector, 0
	.rept 256
	.byte 0xCD, vector, 0xC3
	.set vector, vector + 1
	.endr

	.balign 16
#ifdef __x86_64__
common:
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	mov %rsp, %rbp
	and $-16, %rsp
	call interrupt_dispatch
	mov %rbp, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq
#else
common:
	pusha
	push %ds
	push %es
	push %fs
	push %gs
	mov $KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %esp, %eax
	cld
	push %eax
	call interrupt_dispatch
	add $4, %esp
	pop %gs
	pop %fs
	pop %es
	pop %ds
	popa
	add $8, %esp
	iret
#endif

	.section .note.GNU-stack, "", @progbits
