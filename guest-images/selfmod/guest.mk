NAME := selfmod
BITS := 32
CFLAGS_GUEST := -Iprobe -Wno-array-bounds
