# The same sources as runtime, in 64 bits.
BITS := 64
SOURCES := ../runtime/main.c
