NAME := bench-bytecode
SOURCES := kernel.c ../run.c
CFLAGS_GUEST := -Ibench
