// The sieve of Eratosthenes over 8 MB, a byte a number.
#include "bench.h"

#define LIMIT 8000000u

const char benchmark_name[] = "sieve";
const uint32_t benchmark_rounds = 5;
const uint32_t benchmark_checksum = 0x008e41c7;

static uint8_t composite[LIMIT];

uint32_t benchmark(uint32_t rounds)
{
	uint32_t sum = 0;
	for (uint32_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < LIMIT; i++) {
			composite[i] = 0;
		}
		uint32_t primes = 0;
		for (uint32_t i = 2; i < LIMIT; i++) {
			if (composite[i] == 0) {
				primes++;
				sum += i;
				for (uint32_t j = i + i; j < LIMIT; j += i) {
					composite[j] = 1;
				}
			}
		}
		sum ^= primes << round % 8;
	}
	return sum;
}
