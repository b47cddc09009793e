// String instructions against a model in C, interrupted and faulting half way.
#include "probe.h"
#include "parts.h"

int main(void)
{
	probe_init();
	against_model(REAL);
	against_model(PM16);
	against_model(PM32);
	go_paged();
	against_model(V86);
	against_model(PM32U);
	where = "32-bit";
	ports();
	faults();
	interrupts(PM32);
	if (cpuid(0x80000000).a >= 0x80000001 && cpuid(0x80000001).d >> 29 & 1) {
		go_long();
		against_model(LONG);
		against_model(COMPAT32);
		where = "64-bit";
		ports();
		faults();
		interrupts(LONG);
	} else {
		report_skip("64-bit", "CPUID does not have long mode");
	}
	return report_summary();
}
