// The columns. The cell is in RDI; what is loaded goes to RAX and RDX.
#define X 0(%rdi)
#define Y 64(%rdi)
#define ODD_X 5(%rdi)
#define ODD_Y 64 + 5(%rdi)

#define COLUMN(name, ...) .balign 16; .globl name; name: __VA_ARGS__; ret

#define MFENCE mfence
#define LOCKED lock addl $0, -8(%rsp)
#define XCHG(value, place) mov $value, %ecx; xchg %ecx, place

	.text
COLUMN(Wx1, movl $1, X)
COLUMN(Wy1, movl $1, Y)
COLUMN(Wx1_Wy1, movl $1, X; movl $1, Y)
COLUMN(Wx1_Wy2, movl $1, X; movl $2, Y)
COLUMN(Wy1_Wx2, movl $1, Y; movl $2, X)
COLUMN(Wx2_Wy1, movl $2, X; movl $1, Y)
COLUMN(Wx1_M_Wy1, movl $1, X; MFENCE; movl $1, Y)
COLUMN(Xx1_Xy2, XCHG(1, X); XCHG(2, Y))
COLUMN(Xy1_Xx2, XCHG(1, Y); XCHG(2, X))

COLUMN(Rx_Ry, mov X, %eax; mov Y, %edx)
COLUMN(Ry_Rx, mov Y, %eax; mov X, %edx)
COLUMN(Rx_Rx, mov X, %eax; mov X, %edx)
COLUMN(Rx_M_Ry, mov X, %eax; MFENCE; mov Y, %edx)
COLUMN(Ry_M_Rx, mov Y, %eax; MFENCE; mov X, %edx)

COLUMN(Wx1_Ry, movl $1, X; mov Y, %eax)
COLUMN(Wy1_Rx, movl $1, Y; mov X, %eax)
COLUMN(Wy2_Rx, movl $2, Y; mov X, %eax)
COLUMN(Wx1_M_Ry, movl $1, X; MFENCE; mov Y, %eax)
COLUMN(Wy1_M_Rx, movl $1, Y; MFENCE; mov X, %eax)
COLUMN(Wy2_M_Rx, movl $2, Y; MFENCE; mov X, %eax)
COLUMN(Wx1_L_Ry, movl $1, X; LOCKED; mov Y, %eax)
COLUMN(Wy1_L_Rx, movl $1, Y; LOCKED; mov X, %eax)
COLUMN(Wy2_L_Rx, movl $2, Y; LOCKED; mov X, %eax)
COLUMN(Xx1_Ry, XCHG(1, X); mov Y, %eax)
COLUMN(Xy1_Rx, XCHG(1, Y); mov X, %eax)
COLUMN(Xy2_Rx, XCHG(2, Y); mov X, %eax)
COLUMN(Wx1_Rx_Ry, movl $1, X; mov X, %eax; mov Y, %edx)
COLUMN(Wy1_Ry_Rx, movl $1, Y; mov Y, %eax; mov X, %edx)

COLUMN(Rx_Wy1, mov X, %eax; movl $1, Y)
COLUMN(Ry_Wx1, mov Y, %eax; movl $1, X)

COLUMN(Wx1_Wy1_of_8, mov ones(%rip), %rax; mov %rax, X; mov %rax, Y)
COLUMN(Ry_Rx_of_8, mov Y, %rax; mov X, %rdx)
COLUMN(Wx1_Wy1_odd, movl $0x01010101, ODD_X; movl $0x01010101, ODD_Y)
COLUMN(Ry_Rx_odd, mov ODD_Y, %eax; mov ODD_X, %edx)

	.section .rodata
	.balign 8
ones:
	.quad 0x0101010101010101

	.section .note.GNU-stack, "", @progbits
