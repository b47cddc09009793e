// Where an application processor begins: real mode, at the page that the start-up IPI names. See smp.c.
//
// The part in real mode is copied to that page and works at any; from there on the code is where it was linked.
// The control registers are made what the first processor's were when it sent the IPI, paging included.
#include "selectors.h"

	.section .text
	.code16
	.globl trampoline_start, trampoline_end
trampoline_start:
	cli
	mov %cs, %ax
	mov %ax, %ds
	lgdtl trampoline_gdt - trampoline_start
	mov %cr0, %ecx
	and $0x9FFFFFFF, %ecx           // INIT leaves CD and NW set
	or $1, %ecx
	mov %ecx, %cr0
	ljmpl $CODE32, $in_protected_mode
	.balign 4
trampoline_gdt:
	.word GDT_ENTRIES * 8 - 1
	.long gdt
trampoline_end:

	.code32
in_protected_mode:
	movzwl %ax, %esi                // where it began
	mov $KERNEL_DS, %ecx
	mov %ecx, %ds
	mov %ecx, %es
	mov %ecx, %ss
	mov %ecx, %fs
	mov %ecx, %gs
	cld
	mov $1, %eax
	cpuid
	shr $24, %ebx                   // the APIC's initial ID
	movzbl processor_of_apic_id(%ebx), %edi
	cmp $PROCESSORS_MAX, %edi
	jae nobody
	mov $PROCESSOR_STACK, %esp
	imul %edi, %esp
	add $processor_stacks + PROCESSOR_STACK, %esp

	mov first_cr4, %eax
	mov %eax, %cr4
	mov first_cr3, %eax
	mov %eax, %cr3
#ifdef __x86_64__
	mov $0xC0000080, %ecx           // EFER, without LMA: that comes with paging
	mov first_efer, %eax
	and $~0x400, %eax
	xor %edx, %edx
	wrmsr
#endif
	mov first_cr0, %eax
	mov %eax, %cr0
	lgdt gdt_pointer
	lidt idt_pointer
	ljmp $KERNEL_CS, $in_its_mode

nobody:                             // no table names it, so it has no stack
	cli
	hlt
	jmp nobody

#ifdef __x86_64__
	.code64
in_its_mode:
	xor %ebp, %ebp                  // ends a walk of the frames
	mov %esp, %esp                  // the upper halves are undefined after the switch
	mov %edi, %edi
	mov %esi, %esi
	lgdt gdt_pointer
	call processor_main             // (number, segment)
#else
in_its_mode:
	xor %ebp, %ebp
	push %esi
	push %edi
	call processor_main
#endif

	.section .data
	.balign 16
	.globl first_cr0, first_cr3, first_cr4, first_efer, idt_pointer
first_cr0:
	.long 0
first_cr3:
	.long 0
first_cr4:
	.long 0
first_efer:
	.long 0
idt_pointer:
	.word 256 * 2 * __SIZEOF_POINTER__ - 1
#ifdef __x86_64__
	.quad idt
#else
	.long idt
#endif

	.section .note.GNU-stack, "", @progbits
