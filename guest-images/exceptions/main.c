// Every exception a program can raise: vector, error code, CR2, where it restarts, and what is left unchanged.
#include "parts.h"

static const struct world worlds[] = {
	{"32-bit", go_paged, PM32, PM32U, 0, 0},
	{"PAE", go_pae, PM32, PM32U, 0, 1},
	{"compatibility", go_long, COMPAT32, COMPAT32U, 0, 1},
	{"64-bit", go_long, LONG, LONGU, 1, 1},
};
const struct world *w;

int main(void)
{
	probe_init();
	int has_long = cpuid(0x80000000).a >= 0x80000001 && cpuid(0x80000001).d >> 29 & 1;
	for (u32 i = 0; i < sizeof worlds / sizeof *worlds; i++) {
		w = &worlds[i];
		where = w->name;
		if (w->go == go_long && !has_long) {
			report_skip(w->name, "no long mode");
			continue;
		}
		w->go();
		paging();
		restart();
		if (w->go == go_pae) {
			continue;
		}
		divide();
		opcodes();
		debugging();
		breakpoints();
		segments();
		gates_of_idt();
		privileges();
		alignment();
		if (w->wide) {
			canonical();
		}
	}
	return report_summary();
}
