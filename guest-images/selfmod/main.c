// Code that changes code. What a store wrote is what the next fetch of it sees, in the same block too.
#include "probe.h"
#include "parts.h"

static void all(void)
{
	in_place();
	across_pages();
	by_instruction();
	generated();
	if (rd_cr0() >> 31) {
		aliases();
	}
}

int main(void)
{
	probe_init();
	where = "no paging";
	all();
	modes(REAL);
	modes(PM16);
	where = "paging";
	go_paged();
	all();
	modes(V86);
	modes(PM32U);
	if (cpuid(0x80000000).a >= 0x80000001 && cpuid(0x80000001).d >> 29 & 1) {
		where = "long mode";
		go_long();
		all();
		modes(LONG);
		modes(LONGU);
		modes(COMPAT32U);
	} else {
		report_skip("long mode", "CPUID does not have it");
	}
	return report_summary();
}
