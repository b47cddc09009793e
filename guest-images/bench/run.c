// The guest around a benchmark's kernel: times it and compares its checksum.
//
// The time is that of the kernel alone, by the time stamp counter, whose frequency is measured against the PIT before.
#include "bench.h"
#include "guest.h"

int main(void)
{
	uint32_t rounds = multiboot_option("rounds", benchmark_rounds);
	tsc_frequency();
	uint64_t begin = rdtsc();
	uint32_t checksum = benchmark(rounds);
	uint64_t ticks = rdtsc() - begin;
	printf("checksum %s 0x%08x\n", benchmark_name, checksum);
	printf("time %s %llu us\n", benchmark_name, (unsigned long long)tsc_to_us(ticks));
	if (rounds == benchmark_rounds) {
		report_equal(benchmark_name, checksum, benchmark_checksum);
		return report_summary();
	}
	return 0;
}
