// The host program around a benchmark's kernel: computes natively what the guest must compute.
#include "bench.h"

#include <stdio.h>
#include <time.h>

int main(void)
{
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	uint32_t checksum = benchmark(benchmark_rounds);
	clock_gettime(CLOCK_MONOTONIC, &end);
	double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
	printf("checksum %s 0x%08x, %s, %.3f s natively\n", benchmark_name, checksum,
		   checksum == benchmark_checksum ? "as expected" : "NOT AS EXPECTED", seconds);
	return checksum == benchmark_checksum ? 0 : 1;
}
