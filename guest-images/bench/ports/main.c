// How fast accesses to ports are: each is an exit of the vCPU. No processor work to speak of, hence no checksum.
#include "guest.h"

static void note(const char *name, uint32_t accesses, uint64_t ticks)
{
	uint64_t us = tsc_to_us(ticks);
	printf("time %s %llu us, %llu ns an access\n", name, (unsigned long long)us,
		   (unsigned long long)divide64(us * 1000, accesses));
}

int main(void)
{
	uint32_t rounds = multiboot_option("rounds", 1000000);
	tsc_frequency();

	uint64_t begin = rdtsc();
	for (uint32_t i = 0; i < rounds; i++) {
		out8(0x80, (uint8_t)i);
	}
	note("ports-write-80", rounds, rdtsc() - begin);

	begin = rdtsc();
	for (uint32_t i = 0; i < rounds; i++) {
		in8(0x80);
	}
	note("ports-read-80", rounds, rdtsc() - begin);

	begin = rdtsc();
	for (uint32_t i = 0; i < rounds; i++) {
		out8(0x80, (uint8_t)i);
		in8(0x61);
	}
	note("ports-write-80-read-61", rounds * 2, rdtsc() - begin);

	begin = rdtsc();
	for (uint32_t i = 0; i < rounds; i++) {
		in8(0x3FD);
	}
	note("ports-read-lsr", rounds, rdtsc() - begin);
	report("ports: timed", true);
	return report_summary();
}
