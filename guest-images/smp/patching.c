// Code that one processor writes and another runs (SDM volume 3, 8.1.3, "Handling Self- and Cross-Modifying Code").
#include "parts.h"

static uint8_t code[2 * 4096] __attribute__((aligned(4096)));
static volatile uint32_t released OWN_CACHE_LINE, ran OWN_CACHE_LINE;
static volatile uint32_t wrong;
static uint32_t times, place;

// mov $value, %eax; ret
static void write_code(uint8_t *at, uint32_t value)
{
	at[0] = 0xB8;
	memcpy(at + 1, &value, sizeof value);
	at[5] = 0xC3;
}

static uint32_t call(uint8_t *at)
{
	return ((uint32_t(*)(void))(uintptr_t)at)();
}

static void patch(void)
{
	for (uint32_t i = 1; i <= times; i++) {
		write_code(code + place, i * 0x01010101u);
		compiler_barrier(); // stores stay in order: the code, then the word that releases it
		released = i;
		while (ran != i) {
			pause();
		}
	}
}

static void execute(void)
{
	for (uint32_t i = 1; i <= times; i++) {
		while (released != i) {
			pause();
		}
		cpuid(0, 0); // serialises: what was fetched before is fetched again
		wrong += call(code + place) != i * 0x01010101u;
		compiler_barrier();
		ran = i;
	}
}

static void first_patches(void *unused)
{
	(void)unused;
	processor_number() == 0 ? patch() : execute();
}

static void first_executes(void *unused)
{
	(void)unused;
	processor_number() == 0 ? execute() : patch();
}

static void try(const char *name, void (*roles)(void *), uint32_t offset)
{
	times = rounds / 50;
	place = offset;
	released = ran = wrong = 0;
	smp_run(2, roles, NULL);
	report_equal(name, wrong, 0);
}

static volatile uint32_t laps;

// Counts its laps until the jump at its end leads on instead of back.
static void write_loop(void)
{
	static const uint8_t loop[] = { 0xFF, 0x04, 0x25, 0, 0, 0, 0, 0xEB, 0xF7, 0xC3 }; // incl laps; jmp back; ret
	uint32_t address = (uint32_t)(uintptr_t)&laps;
	memcpy(code, loop, sizeof loop);
	memcpy(code + 3, &address, sizeof address);
}

static void run_in_circles(void *unused)
{
	(void)unused;
	call(code);
}

void check_patching(void)
{
	if (smp_count() < 2) {
		report_skip("patching: code written by another processor", "there is one");
		return;
	}
	try("patching: the first writes code, the second runs it", first_patches, 64);
	try("patching: the second writes, the first runs", first_executes, 64);
	try("patching: an instruction across two pages", first_patches, 4096 - 3);
	try("patching: the same, written by the second", first_executes, 4096 - 3);

	if (is_tcg()) {
		// It forgets its translation, then does the store; a loop as tight as this is translated again in between.
		report_skip("patching: a processor leaves a loop whose jump another changes", "TCG can miss it");
		return;
	}
	bool left = true;
	for (unsigned i = 0; i < 100 && left; i++) {
		laps = 0;
		write_loop();
		processor_run(1, run_in_circles, NULL);
		left = within_deadline(laps >= 100);
		((volatile uint8_t *)code)[8] = 0;
		processor_wait(1);
	}
	report("patching: a processor leaves a loop whose jump another changes", left);
}
