// Fibonacci numbers by recursion: calls, returns and the stack.
#include "bench.h"

const char benchmark_name[] = "fib";
const uint32_t benchmark_rounds = 6;
const uint32_t benchmark_checksum = 0x2e197360;

// One call for each number, as written; guest.mk sees to it that the second does not become a loop.
__attribute__((noinline, noclone)) static uint32_t fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

uint32_t benchmark(uint32_t rounds)
{
	uint32_t sum = 0;
	for (uint32_t round = 0; round < rounds; round++) {
		sum = sum * 31 + fib(35);
		__asm__ volatile("" : : : "memory");
	}
	return sum;
}
