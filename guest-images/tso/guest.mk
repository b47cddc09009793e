# tso: what the processors may see of each other's stores, in 64 bits.
BITS := 64
