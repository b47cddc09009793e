NAME := instructions
BITS := 32
CFLAGS_GUEST := -Iprobe -Wno-array-bounds
