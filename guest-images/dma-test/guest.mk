# dma-test: the function of that name: its registers, instructions, refusals, interrupts and resets.
BITS := 64
SOURCES := main.c accesses.c bulk.c instructions.c interrupts.c lines.c refusals.c registers.c resets.c ../drivers/dma_test.c
