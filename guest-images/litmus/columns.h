// The columns of the tests: what one processor does in one round, in assembly so that the compiler has no say.
#pragma once

#include <stdint.h>

/// What a round's processors share. Two locations, each on a line of its own; each test uses a few bytes of both.
struct cell {
	uint8_t x[64], y[64];
} __attribute__((aligned(128)));

/// What a column has read: its first load, and its second.
struct loaded { uint64_t a, b; };

typedef struct loaded (*column)(struct cell *cell);

#define COLUMN(name) struct loaded name(struct cell *cell);
// Named by what they do: Wx1 stores 1 to x, Rx loads x, M is MFENCE, L a locked instruction on the stack, X an XCHG store.
COLUMN(Wx1) COLUMN(Wy1)
COLUMN(Wx1_Wy1) COLUMN(Wx1_Wy2) COLUMN(Wy1_Wx2) COLUMN(Wx2_Wy1)
COLUMN(Ry_Rx) COLUMN(Rx_Ry) COLUMN(Rx_Rx)
COLUMN(Wx1_Ry) COLUMN(Wy1_Rx) COLUMN(Wy2_Rx)
COLUMN(Wx1_M_Ry) COLUMN(Wy1_M_Rx) COLUMN(Wy2_M_Rx)
COLUMN(Wx1_L_Ry) COLUMN(Wy1_L_Rx) COLUMN(Wy2_L_Rx)
COLUMN(Xx1_Ry) COLUMN(Xy1_Rx) COLUMN(Xy2_Rx)
COLUMN(Rx_Wy1) COLUMN(Ry_Wx1) COLUMN(Ry_M_Rx) COLUMN(Rx_M_Ry)
COLUMN(Wx1_M_Wy1) COLUMN(Xx1_Xy2) COLUMN(Xy1_Xx2)
// Own stores first: store 1, load it back, then load the other one.
COLUMN(Wx1_Rx_Ry) COLUMN(Wy1_Ry_Rx)
// Eight bytes at a time, and four that are not aligned but inside the line. A value is the same byte all over.
COLUMN(Wx1_Wy1_of_8) COLUMN(Ry_Rx_of_8) COLUMN(Wx1_Wy1_odd) COLUMN(Ry_Rx_odd)
#undef COLUMN
