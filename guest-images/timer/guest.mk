# timer: PIC, PIT, CMOS clock and how the processor takes their interrupts. 32 bits.
