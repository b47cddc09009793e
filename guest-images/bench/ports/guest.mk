NAME := bench-ports
SOURCES := main.c
