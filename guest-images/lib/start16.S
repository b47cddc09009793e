// Start of a raw image (-bios): 64 KiB of ROM whose last 16 bytes hold the reset vector.
//
// The processor fetches its first instruction at F000:FFF0 with a CS base of FFFF0000. The far jump loads CS
// anew, which brings us to the copy of the ROM below 1 MiB. From there the image copies itself to
// RAM at 1000:0000 and runs there as a "tiny" program: CS = DS = ES = SS = 1000, stack at the top, so that C
// compiled with -m16 can use near pointers for everything. Ends in guest_start(), which does not return.

	.section .text
	.code16
	.globl _start
_start:
	cli
	cld
	mov $0xF000, %ax
	mov %ax, %ds
	mov $0x1000, %ax
	mov %ax, %es
	xor %si, %si
	xor %di, %di
	mov $0x4000, %cx
	rep movsl
	ljmp $0x1000, $1f
1:  mov %ax, %ds
	mov %ax, %fs
	mov %ax, %gs
	mov %ax, %ss
	mov $0xFFF0, %esp
	xor %eax, %eax                  // no loader, no information
	xor %edx, %edx
	pushl %edx
	pushl %eax
	calll guest_start

	.section .reset, "ax"
	.code16
	.globl reset_vector
reset_vector:
	ljmp $0xF000, $_start

	.section .note.GNU-stack, "", @progbits
