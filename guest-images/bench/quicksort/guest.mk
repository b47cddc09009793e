NAME := bench-quicksort
SOURCES := kernel.c ../run.c
CFLAGS_GUEST := -Ibench
