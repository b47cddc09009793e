# smp: several processors, their start-up, interrupts and atomic operations, in 32 bits; smp64 is the same in 64 bits.
