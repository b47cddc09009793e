// Walks through the processor's modes, up and down again, and tests each.
#include "parts.h"

int has_long;

static void walk(const char *name, void (*go)(void), const enum mode *modes, u32 count)
{
	go();
	for (u32 i = 0; i < count; i++) {
		char text[64];
		snprintf(text, sizeof text, "%s, %s", name, mode_names[modes[i]]);
		where = text;
		sizes(modes[i]);
	}
	where = name;
}

#define WALK(name, go, ...)                                                                                           \
	do {                                                                                                          \
		static const enum mode modes[] = {__VA_ARGS__};                                                       \
		walk(name, go, modes, sizeof modes / sizeof *modes);                                                  \
	} while (0)

int main(void)
{
	probe_init();
	has_long = cpuid(0x80000000).a >= 0x80000001 && cpuid(0x80000001).d >> 29 & 1;
	WALK("no paging", go_unpaged, REAL, PM16, PM32, V86, PM16U, PM32U);
	real_mode();
	virtual_8086();
	call_gates();
	interrupt_stacks();
	fast_calls();
	tasks();
	queries();
	transitions();
	WALK("paging", go_paged, PM16, PM32, V86, PM16U, PM32U);
	translation();
	virtual_8086();
	call_gates();
	tasks();
	transitions();
	WALK("PAE", go_pae, PM16, PM32, V86, PM16U, PM32U);
	translation();
	if (has_long) {
		WALK("long mode", go_long, LONG, COMPAT32, COMPAT16, LONGU, COMPAT32U, COMPAT16U);
		translation();
		call_gates();
		interrupt_stacks();
		fast_calls();
		queries();
		transitions();
	} else {
		report_skip("long mode", "CPUID does not have it");
	}
	WALK("back again", go_unpaged, PM32, REAL, V86);
	real_mode();
	return report_summary();
}
