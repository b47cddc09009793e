# dma-ordering: what a processor and a function that does DMA may see of each other's stores, under each ordering of the bus.
BITS := 64
SOURCES := main.c interrupts.c records.c rounds.c ../litmus/vcpu_columns.S ../litmus/outcomes.c ../drivers/dma_test.c
