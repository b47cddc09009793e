// The SCSI controller LSI53C895A, by its technical manual, check by check; then the disks behind it. The first controller has disks at the
// IDs 0 and 1, the second one has one at 0; one with blocks of 4096 bytes may be at the first one's ID 2, and more anywhere. What is on them is
// lost. only=PART leaves out the others; parity=N says how the first one's cable is.
#include "units.h"

static const struct part { const char *name; void (*check)(void); bool of_units; } parts[] = {
	{ "registers", check_registers, false }, { "arithmetic", check_arithmetic, false }, { "control", check_control, false }, { "memory", check_memory, false },
	{ "phases", check_phases, false }, { "selection", check_selection, false }, { "interrupts", check_interrupts, false }, { "timers", check_timers, false },
	{ "endless", check_endless, false }, { "parity", check_parity, false },
	{ "inquiry", check_inquiry, true }, { "modes", check_modes, true }, { "blocks", check_blocks, true }, { "ranges", check_ranges, true },
	{ "requests", check_requests, true }, { "large-blocks", check_large_blocks, true }, { "places", check_places, true }, { "load", check_load, true }, { "aborts", check_aborts, true }, { "resets", check_resets, true },
};
enum { Parts = sizeof parts / sizeof *parts };

int main(void)
{
	const char *names[Parts];
	for (unsigned i = 0; i < Parts; i++) {
		names[i] = parts[i].name;
	}
	int only = multiboot_choice("only", names, Parts);
	tsc_frequency();
	if (!report("there is an LSI53C895A", lsi_open(0, &lsi))) {
		return report_summary();
	}
	bool opened = false;
	for (int i = 0; i < (int)Parts; i++) {
		if (only < 0 || only == i) {
			if (parts[i].of_units && !opened && !report("there are two controllers, with two disks and one", opened = units_open())) {
				break;
			}
			parts[i].check();
		}
	}
	return report_summary();
}
