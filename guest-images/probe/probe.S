// Ways into a snippet and out of it, one for each world. Layout of `struct state` in bytes below.
	.set S_SP, 32
	.set S_IP, 128
	.set S_FLAGS, 136
	.set S_CS, 144
	.set S_SS, 148
	.set S_DS, 152
	.set S_ES, 156
	.set S_FS, 160
	.set S_GS, 164
	.set S_FSBASE, 168
	.set S_GSBASE, 176
	.set KC32, 0x08
	.set KD, 0x10
	.set KC64, 0x18
	.set RC16, 0x20
	.set RD16, 0x28
	.set TRAMPOLINE, 0x8000
	.set TRAMPSEG, 0x800

	.bss
	.balign 16
	.globl probe_kernel_esp, probe_frame, probe_frame_kind, probe_enter_kind, probe_running
probe_kernel_esp: .skip 4
probe_enter_kind: .skip 4
probe_running: .skip 4
	.balign 16
probe_frame: .skip 40 * 8
frame_stack: .skip 4096
frame_stack_top:

	.text
	.code32
// 0: same privilege, 1: outer ring, 2: virtual-8086
	.globl probe_enter_legacy
probe_enter_legacy:
	pushal
	mov %esp, probe_kernel_esp
	movl $1, probe_running
	cmpl $1, probe_enter_kind
	jae 1f
	mov s+S_SS, %ss
	mov s+S_SP, %esp
	jmp 3f
1:  mov $frame_stack_top, %esp
	cmpl $2, probe_enter_kind
	jne 2f
	pushl s+S_GS
	pushl s+S_FS
	pushl s+S_DS
	pushl s+S_ES
2:  pushl s+S_SS
	pushl s+S_SP
3:  pushl s+S_FLAGS
	pushl s+S_CS
	pushl s+S_IP
	cmpl $2, probe_enter_kind
	je 4f
	mov s+S_GS, %gs
	mov s+S_FS, %fs
	mov s+S_ES, %es
	mov s+S_DS, %ds
4:  mov %cs:s+0, %eax
	mov %cs:s+8, %ecx
	mov %cs:s+16, %edx
	mov %cs:s+24, %ebx
	mov %cs:s+40, %ebp
	mov %cs:s+48, %esi
	mov %cs:s+56, %edi
	iretl

	.balign 16
	.globl probe_stubs32
probe_stubs32:
	.set vec, 0
	.rept 64
	.balign 16
	.if (vec == 8) || (vec >= 10 && vec <= 14) || (vec == 17) || (vec == 21)
	.else
	pushl $0
	.endif
	pushl $vec
	jmp trap32
	.set vec, vec + 1
	.endr

trap32:
	pushal
	pushl %es
	pushl %ds
	pushl %fs
	pushl %gs
	mov $KD, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %ss, %ecx
	lar %ecx, %ecx
	mov %esp, %esi
	test $1 << 22, %ecx
	jnz 1f
	movzwl %si, %esi
1:  mov $probe_frame, %edi
	mov $17, %ecx
	cld
	rep movsl %ss:(%esi), %es:(%edi)
	testl $VMFLAG, probe_frame + 16 * 4
	jnz 2f
	testb $3, probe_frame + 15 * 4
	jz 3f
2:  mov $2, %ecx
	rep movsl %ss:(%esi), %es:(%edi)
	testl $VMFLAG, probe_frame + 16 * 4
	jz 3f
	mov $4, %ecx
	rep movsl %ss:(%esi), %es:(%edi)
3:  mov %esi, probe_frame + 24 * 4
	mov %ss, probe_frame + 25 * 4
	mov $KD, %eax
	mov %eax, %ss
	mov probe_kernel_esp, %esp
	pushl $2
	popfl
	jmp leave
	.set VMFLAG, 0x20000

	.globl probe_leave
probe_leave:                    // flat 32-bit, anything else lost
leave:
	mov $KD, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	cmpl $0, probe_running
	je 1f
	movl $0, probe_running
	mov probe_kernel_esp, %esp
	popal
	ret
1:  call probe_panic
	jmp 1b

// the long world
	.globl probe_enter_long
probe_enter_long:
	pushal
	mov %esp, probe_kernel_esp
	movl $1, probe_running
	ljmp $KC64, $1f
	.code64
1:  mov $frame_stack_top, %esp
	mov $s, %ebx
	mov S_SS(%rbx), %eax
	push %rax
	push S_SP(%rbx)
	push S_FLAGS(%rbx)
	mov S_CS(%rbx), %eax
	push %rax
	push S_IP(%rbx)
	mov S_DS(%rbx), %eax
	mov %eax, %ds
	mov S_ES(%rbx), %eax
	mov %eax, %es
	mov S_FS(%rbx), %eax
	mov %eax, %fs
	mov S_GS(%rbx), %eax
	mov %eax, %gs
	mov S_FSBASE(%rbx), %eax
	mov S_FSBASE+4(%rbx), %edx
	mov %eax, %ecx
	or %edx, %ecx
	jz 2f
	mov $0xC0000100, %ecx
	wrmsr
2:  mov S_GSBASE(%rbx), %eax
	mov S_GSBASE+4(%rbx), %edx
	mov %eax, %ecx
	or %edx, %ecx
	jz 3f
	mov $0xC0000101, %ecx
	wrmsr
3:  mov 0(%rbx), %rax
	mov 8(%rbx), %rcx
	mov 16(%rbx), %rdx
	mov 40(%rbx), %rbp
	mov 48(%rbx), %rsi
	mov 56(%rbx), %rdi
	mov 64(%rbx), %r8
	mov 72(%rbx), %r9
	mov 80(%rbx), %r10
	mov 88(%rbx), %r11
	mov 96(%rbx), %r12
	mov 104(%rbx), %r13
	mov 112(%rbx), %r14
	mov 120(%rbx), %r15
	mov 24(%rbx), %rbx
	iretq

	.balign 16
	.globl probe_stubs64
probe_stubs64:
	.set vec, 0
	.rept 64
	.balign 16
	.if (vec == 8) || (vec >= 10 && vec <= 14) || (vec == 17) || (vec == 21)
	.else
	pushq $0
	.endif
	pushq $vec
	jmp trap64
	.set vec, vec + 1
	.endr

trap64:
	push %r15
	push %r14
	push %r13
	push %r12
	push %r11
	push %r10
	push %r9
	push %r8
	push %rdi
	push %rsi
	push %rbp
	push %rsp
	push %rbx
	push %rdx
	push %rcx
	push %rax
	mov %rsp, %rsi
	mov $probe_frame, %edi
	mov $23, %ecx               // 16 registers, vector, error, IRETQ frame
	cld
	rep movsq
	mov $probe_frame, %edi
	mov %rsi, 23*8(%rdi)
	mov %ds, %eax
	mov %eax, 24*8(%rdi)
	mov %es, %eax
	mov %eax, 25*8(%rdi)
	mov %fs, %eax
	mov %eax, 26*8(%rdi)
	mov %gs, %eax
	mov %eax, 27*8(%rdi)
	mov %ss, %eax
	mov %eax, 28*8(%rdi)
	mov %cr2, %rax
	mov %rax, 30*8(%rdi)
	pushq $2
	popfq
	mov $frame_stack_top, %esp
	pushq $KC32
	mov $leave, %eax
	push %rax
	lretq

// real mode: everything between tramp_start and tramp_end is copied to TRAMPOLINE
	.code32
	.globl probe_enter_real
probe_enter_real:
	pushal
	mov %esp, probe_kernel_esp
	movl $1, probe_running
	lidt probe_real_idt
	mov probe_unreal, %ebx
	ljmp $RC16, $(real_go - tramp_start)
real_back:
	mov $KD, %eax
	mov %eax, %ds
	mov %eax, %ss
	mov probe_kernel_esp, %esp
	lidt probe_idtr
	pushl $2
	popfl
	jmp leave

	.data
	.globl probe_real_idt, probe_idtr, probe_gdtr, probe_unreal
	.balign 4
	.skip 2
probe_real_idt: .word 0x3FF
	.long 0
	.skip 2
probe_idtr: .word 0
	.long 0
probe_unreal: .long 0           // not 0: DS, ES, FS and GS keep limits of 4 GiB and base 0

	.section .rodata
	.globl tramp_start, tramp_end, tramp_state, tramp_stubs, tramp_gdtr
	.balign 16
tramp_start:
	.code16
real_go:
	mov $RD16, %eax
	mov %ax, %ss
	test %ebx, %ebx
	jnz 1f
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %fs
	mov %ax, %gs
1:  mov %cr0, %eax
	and $~1, %al
	mov %eax, %cr0
	ljmp $TRAMPSEG, $(2f - tramp_start)
2:  mov $TRAMPSEG, %ax
	mov %ax, %ds
	.set ST, tramp_state - tramp_start
	mov %ds:ST+S_SS, %ax
	mov %ax, %ss
	mov %ds:ST+S_SP, %esp
	pushw %ds:ST+S_FLAGS
	pushw %ds:ST+S_CS
	pushw %ds:ST+S_IP
	test %ebx, %ebx
	mov %ds:ST+S_GS, %ax
	mov %ax, %gs
	mov %ds:ST+S_FS, %ax
	mov %ax, %fs
	mov %ds:ST+S_ES, %ax
	mov %ax, %es
	mov %ds:ST+S_DS, %ax
	mov %ax, %ds
	mov %cs:ST+0, %eax
	mov %cs:ST+8, %ecx
	mov %cs:ST+16, %edx
	mov %cs:ST+24, %ebx
	mov %cs:ST+40, %ebp
	mov %cs:ST+48, %esi
	mov %cs:ST+56, %edi
	iretw

	.balign 16
tramp_stubs:
	.set vec, 0
	.rept 64
	.balign 8
	pushw $vec
	jmp real_trap
	.set vec, vec + 1
	.endr
real_trap:
	movl %eax, %cs:ST+0
	movl %ecx, %cs:ST+8
	movl %edx, %cs:ST+16
	movl %ebx, %cs:ST+24
	movl %ebp, %cs:ST+40
	movl %esi, %cs:ST+48
	movl %edi, %cs:ST+56
	movw %ds, %cs:ST+S_DS
	movw %es, %cs:ST+S_ES
	movw %fs, %cs:ST+S_FS
	movw %gs, %cs:ST+S_GS
	movw %ss, %cs:ST+S_SS
	popw %cs:ST+S_FSBASE        // the vector
	popw %cs:ST+S_IP
	popw %cs:ST+S_CS
	popw %cs:ST+S_FLAGS
	movl %esp, %cs:ST+S_SP
	lgdtl %cs:tramp_gdtr - tramp_start
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $KC32, $real_back
	.balign 8
	.skip 2
tramp_gdtr:
	.word 0
	.long 0
	.balign 8
tramp_state:
	.skip 192
tramp_end:
	.code32

	.section .note.GNU-stack, "", @progbits
