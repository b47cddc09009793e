# runtime: the library itself and what the loader passes, in 32 bits; runtime64 is the same in 64 bits.
CFLAGS_GUEST := -Wno-array-bounds -Wno-stringop-overflow # addresses below 4 KiB are memory here
