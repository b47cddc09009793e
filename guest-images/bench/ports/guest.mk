NAME := bench-ports
SOURCES := kernel.c
