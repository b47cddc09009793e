NAME := bench-sieve
SOURCES := kernel.c ../run.c
CFLAGS_GUEST := -Ibench
