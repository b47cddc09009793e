NAME := bench-fib
SOURCES := kernel.c ../run.c
CFLAGS_GUEST := -Ibench -fno-optimize-sibling-calls
