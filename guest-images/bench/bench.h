// A benchmark: a kernel that computes something whose result proves that all of it was done.
//
// Each kernel.c is compiled twice: into a guest, with run.c, and into a host program, with verify.c, which
// makes sure that the expected checksum is not just what the emulator says it is.
#pragma once

#include <stdint.h>

/// Computes the checksum, the same one at each call with the same count of rounds.
uint32_t benchmark(uint32_t rounds);

extern const char benchmark_name[];
extern const uint32_t benchmark_rounds;   // by default; a guest takes rounds=N on its command line too
extern const uint32_t benchmark_checksum; // of the default count of rounds
