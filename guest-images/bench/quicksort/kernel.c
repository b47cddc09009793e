// Quicksort of a million words, with an insertion sort for what is short.
#include "bench.h"

#define COUNT (1u << 20)

const char benchmark_name[] = "quicksort";
const uint32_t benchmark_rounds = 8;
const uint32_t benchmark_checksum = 0x52fb1620;

static uint32_t words[COUNT];

static void sort(uint32_t *first, uint32_t *last)
{
	while (last - first > 12) {
		uint32_t *i = first, *j = last, pivot = first[(last - first) / 2];
		while (i <= j) {
			while (*i < pivot) {
				i++;
			}
			while (*j > pivot) {
				j--;
			}
			if (i <= j) {
				uint32_t t = *i;
				*i++ = *j;
				*j-- = t;
			}
		}
		if (j - first < last - i) {
			sort(first, j);
			first = i;
		} else {
			sort(i, last);
			last = j;
		}
	}
	for (uint32_t *i = first + 1; i <= last; i++) {
		uint32_t t = *i, *j = i;
		for (; j > first && j[-1] > t; j--) {
			*j = j[-1];
		}
		*j = t;
	}
}

uint32_t benchmark(uint32_t rounds)
{
	uint32_t x = 88172645u, sum = 0;
	for (uint32_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			words[i] = x;
		}
		sort(words, words + COUNT - 1);
		for (uint32_t i = 0; i < COUNT; i++) {
			sum = (sum << 1 | sum >> 31) ^ words[i];
			if (i > 0 && words[i - 1] > words[i]) {
				return 0xBADBAD;
			}
		}
	}
	return sum;
}
