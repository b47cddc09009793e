// Real-mode interrupt handlers: each notes what the processor pushed, ends the interrupt if it came from the PIC, and
// goes on at `resume` if that is not 0. Reached through the interrupt vector table at 0000:0000.

	.section .text
	.code16
	.balign 8
	.globl stubs
stubs:                                  // 256 of them, 8 bytes apart
	.set vector, 0
	.rept 256
	.balign 8
	pushw $vector
	jmp common
	.set vector, vector + 1
	.endr

common:
	pushw %bp
	movw %sp, %bp                       // bp: old bp, vector, ip, cs, flags
	pushw %ax
	pushfw
	popw %ax
	movw %ax, %cs:flags_inside
	movw 2(%bp), %ax
	movw %ax, %cs:caught
	movw 4(%bp), %ax
	movw %ax, %cs:caught_ip
	movw 6(%bp), %ax
	movw %ax, %cs:caught_cs
	movw 8(%bp), %ax
	movw %ax, %cs:caught_flags
	incw %cs:caught_count
	cmpw $0x20, 2(%bp)
	jb 1f
	cmpw $0x27, 2(%bp)
	ja 1f
	movb $0x20, %al
	outb %al, $0x20
1:  movw %cs:resume, %ax
	testw %ax, %ax
	jz 2f
	movw %ax, 4(%bp)
2:  andw $~0x100, 8(%bp)                // a single step is one step
	popw %ax
	popw %bp
	addw $2, %sp
	iretw

	.section .data
	.globl caught, caught_ip, caught_cs, caught_flags, caught_count, flags_inside, resume
caught: .word 0
caught_ip: .word 0
caught_cs: .word 0
caught_flags: .word 0
caught_count: .word 0
flags_inside: .word 0
resume: .word 0

	.section .note.GNU-stack, "", @progbits
