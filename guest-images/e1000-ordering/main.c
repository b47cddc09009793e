// What a driver of the 82540EM finds in memory the moment that the controller says it is there: never less than all of it, under
// every ordering of the bus and in every memory model. rounds=N says how many frames, polled; an eighth as many come by causes.
// causes=0 leaves those out.
#include "parts.h"

int main(void)
{
	static struct path path;
	uint32_t rounds = multiboot_option("rounds", 10000);
	if (!report("there are two 82540EM", path_open(&path))) {
		return report_summary();
	}
	check_load(&path, rounds);
	if (multiboot_option("causes", 1) != 0) {
		check_interrupt_causes(&path, rounds / 8);
	}
	e1000_reset(&path.sender);
	e1000_reset(&path.receiver);
	return report_summary();
}
