// The function dma-test (docs/devices/dma-test.md), by its driver: what its data sheet says, check by check.
#include "parts.h"

struct dma_test device, second;
struct dma_test_script script;
uint8_t arena[16 * 4096] __attribute__((aligned(4096)));

void begin_script(void)
{
	memset(&script, 0, sizeof script);
}

bool run_script(void)
{
	return DT_STATE(dma_test_run(&device, &script)) == DT_WAS_DONE;
}

bool fails(enum dma_test_error error, unsigned slot)
{
	uint32_t status = dma_test_run(&device, &script);
	return DT_STATE(status) == DT_FAILED && DT_ERROR(status) == error && DT_SLOT(status) == slot;
}

void fill_pattern(void *at, size_t count, uint8_t seed)
{
	for (size_t i = 0; i < count; i++) {
		((uint8_t *)at)[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	}
}

bool is_pattern(const void *at, size_t count, uint8_t seed)
{
	for (size_t i = 0; i < count; i++) {
		if (((const volatile uint8_t *)at)[i] != (uint8_t)(seed + i * 7 + (i >> 8))) {
			return false;
		}
	}
	return true;
}

int main(void)
{
	tsc_frequency();
	if (!report("there is a dma-test function", dma_test_open(0, &device))) {
		return report_summary();
	}
	dma_test_open(1, &second);
	smp_start(NULL);
	check_registers();
	check_instructions();
	check_accesses();
	check_bulk();
	check_refusals();
	check_resets();
	check_interrupts();
	check_lines();
	return report_summary();
}
