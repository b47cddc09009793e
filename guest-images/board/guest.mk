# board: the chipset and the legacy devices, without time and interrupts (timer has those). 32 bits.
