# tso: what the processors may see of each other's stores, in 64 bits.
BITS := 64
SOURCES := main.c ../litmus/vcpu_columns.S ../litmus/outcomes.c
