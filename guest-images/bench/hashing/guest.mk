NAME := bench-hashing
SOURCES := kernel.c ../run.c
CFLAGS_GUEST := -Ibench
