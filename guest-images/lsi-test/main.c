// The SCSI controller LSI53C895A, by its technical manual, check by check; then the disks behind it. The first controller has disks at the
// IDs 0 and 1, the second one has one at 0; what is on them is lost. only=PART leaves out the others.
#include "parts.h"

static const struct part { const char *name; void (*check)(void); } parts[] = {
	{ "registers", check_registers }, { "arithmetic", check_arithmetic }, { "control", check_control }, { "memory", check_memory },
	{ "phases", check_phases }, { "selection", check_selection }, { "interrupts", check_interrupts }, { "timers", check_timers },
	{ "endless", check_endless },
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
	for (int i = 0; i < (int)Parts; i++) {
		if (only < 0 || only == i) {
			parts[i].check();
		}
	}
	return report_summary();
}
