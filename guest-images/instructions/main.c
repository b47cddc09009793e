// Instructions that only 16- and 32-bit code has, or that behave otherwise there.
#include "probe.h"
#include "parts.h"

int main(void)
{
	probe_init();
	decimal();
	arithmetic();
	bits();
	stack();
	segments();
	control();
	addressing();
	flags();
	return report_summary();
}
