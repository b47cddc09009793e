// What x86 lets the processors see of each other's stores, and what it forbids (SDM volume 3, 9.2), as litmus tests: the
// shapes are the field's. rounds=N says how often each is run; columns=N leaves out those of fewer columns.
//
// A round has a cell of its own, so rounds need not wait for each other to be right; they wait only to be simultaneous,
// for a moment, since on a host with fewer processors the other one may not be running at all. Each column then spins
// for 0 to 63 laps more, another number every time, so that every way in which the columns can overlap is met.
#include "guest.h"
#include "../litmus/outcomes.h"

enum { Cells = 16384, Patience = 1000 };

enum verdict { Never, Allowed };

static const struct test {
	const char *name;
	column columns[Columns];
	const char *outcome; // as outcomes.h has it
	enum verdict verdict;
} tests[] = {
	{ "MP", { Wx1_Wy1, Ry_Rx }, "1:a=1 1:b=0", Never },
	{ "MP+8 bytes", { Wx1_Wy1_of_8, Ry_Rx_of_8 }, "1:a=1 1:b=0", Never },
	{ "MP+not aligned", { Wx1_Wy1_odd, Ry_Rx_odd }, "1:a=1 1:b=0", Never },
	{ "MP+mfences", { Wx1_M_Wy1, Ry_M_Rx }, "1:a=1 1:b=0", Never },
	{ "SB", { Wx1_Ry, Wy1_Rx }, "0:a=0 1:a=0", Allowed },
	{ "SB+mfence+none", { Wx1_M_Ry, Wy1_Rx }, "0:a=0 1:a=0", Allowed },
	{ "SB+own loads", { Wx1_Rx_Ry, Wy1_Ry_Rx }, "0:a=1 0:b=0 1:a=1 1:b=0", Allowed },
	{ "SB+mfences", { Wx1_M_Ry, Wy1_M_Rx }, "0:a=0 1:a=0", Never },
	{ "SB+locked adds", { Wx1_L_Ry, Wy1_L_Rx }, "0:a=0 1:a=0", Never },
	{ "SB+xchgs", { Xx1_Ry, Xy1_Rx }, "0:a=0 1:a=0", Never },
	{ "SB+mfence+xchg", { Wx1_M_Ry, Xy1_Rx }, "0:a=0 1:a=0", Never },
	{ "LB", { Rx_Wy1, Ry_Wx1 }, "0:a=1 1:a=1", Never },
	{ "S", { Wx2_Wy1, Ry_Wx1 }, "1:a=1 x=2", Never },
	{ "R", { Wx1_Wy1, Wy2_Rx }, "1:a=0 y=2", Allowed },
	{ "R+none+mfence", { Wx1_Wy1, Wy2_M_Rx }, "1:a=0 y=2", Never },
	{ "R+none+locked add", { Wx1_Wy1, Wy2_L_Rx }, "1:a=0 y=2", Never },
	{ "R+none+xchg", { Wx1_Wy1, Xy2_Rx }, "1:a=0 y=2", Never },
	{ "2+2W", { Wx1_Wy2, Wy1_Wx2 }, "x=1 y=1", Never },
	{ "2+2W+xchgs", { Xx1_Xy2, Xy1_Xx2 }, "x=1 y=1", Never },
	{ "CoRR", { Wx1, Rx_Rx }, "1:a=1 1:b=0", Never },
	{ "WRC", { Wx1, Rx_Wy1, Ry_Rx }, "1:a=1 2:a=1 2:b=0", Never },
	{ "IRIW", { Wx1, Wy1, Rx_Ry, Ry_Rx }, "2:a=1 2:b=0 3:a=1 3:b=0", Never },
	{ "IRIW+mfences", { Wx1, Wy1, Rx_M_Ry, Ry_M_Rx }, "2:a=1 2:b=0 3:a=1 3:b=0", Never },
};

static struct outcome outcome;
static const struct test *test;
static uint32_t batches;
static unsigned width; // columns of this test
static struct meeting meeting;

static struct cell cells[Cells];
static struct loaded loads[Columns][Cells];
static struct { volatile uint32_t round; } OWN_CACHE_LINE progress[Columns];
static struct { uint32_t counts[Outcomes]; } OWN_CACHE_LINE histograms[Columns];

static void spin(unsigned laps)
{
	__asm__ volatile("test %0, %0\n\tjz 2f\n1:\tdec %0\n\tjnz 1b\n2:" : "+r"(laps) : : "cc");
}

// What is left, for each column, of the time that may be spent on waiting for others that the host does not run.
static struct { uint64_t ticks; } OWN_CACHE_LINE budgets[Columns];

static bool has_come(unsigned column, uint32_t round)
{
	return (int32_t)(progress[column].round - round) >= 0;
}

// On a busy host a processor may be away for some milliseconds, and at the beginning of a batch it may still be waking up.
static void wait_long(unsigned me, unsigned column, uint32_t round)
{
	uint64_t begin = rdtsc(), elapsed = 0, most = tsc_frequency() / 50;
	while (!has_come(column, round) && elapsed < most && elapsed < budgets[me].ticks) {
		elapsed = rdtsc() - begin;
	}
	budgets[me].ticks -= elapsed < budgets[me].ticks ? elapsed : budgets[me].ticks;
}

// One that did not come in time is not waited for again until it has moved.
static void wait_a_moment(unsigned me, uint32_t round, uint32_t stalled[])
{
	progress[me].round = round;
	for (unsigned i = 0; i < width; i++) {
		for (unsigned lap = 0; !has_come(i, round) && progress[i].round != stalled[i];) {
			if (++lap == Patience) {
				wait_long(me, i, round);
				stalled[i] = progress[i].round;
			}
		}
	}
	unsigned laps = (round * 0x9E3779B1u) >> (8 * me) & 127;
	spin(laps < 64 ? laps : 0);
}

static void judge(unsigned me)
{
	for (unsigned i = Cells / width * me; i < (me == width - 1 ? Cells : Cells / width * (me + 1)); i++) {
		const struct loaded *round[] = { &loads[0][i], &loads[1][i], &loads[2][i], &loads[3][i] };
		histograms[me].counts[outcome_of(&outcome, round, &cells[i])]++;
		memset(cells[i].x, 0, 16);
		memset(cells[i].y, 0, 16);
	}
}

// Two stay awake: a host that wakes one up likes to put it where the other runs, and then they never run at once.
// More than two may be more than the host has, and let the others go on.
static void meet_all(void)
{
	if (width == 2) {
		meet(&meeting, width);
	} else {
		meet_asleep(&meeting, width);
	}
}

static void run_column(void *unused)
{
	(void)unused;
	unsigned me = processor_number();
	column column = test->columns[me];
	uint32_t round = 0, stalled[Columns] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	for (uint32_t batch = 0; batch < batches; batch++) {
		meet_all();
		for (unsigned i = 0; i < Cells; i++) {
			wait_a_moment(me, ++round, stalled);
			loads[me][i] = column(&cells[i]);
		}
		meet_all();
		judge(me);
	}
}

static void run(void)
{
	outcome = outcome_parse(test->outcome);
	memset(cells, 0, sizeof cells);
	memset(histograms, 0, sizeof histograms);
	for (unsigned i = 0; i < Columns; i++) {
		progress[i].round = 0;
		budgets[i].ticks = tsc_frequency() / 2;
	}
	uint64_t begin = rdtsc();
	smp_run(width, run_column, NULL);
	uint32_t microseconds = (uint32_t)tsc_to_us(rdtsc() - begin);

	static uint32_t counts[Outcomes];
	for (unsigned code = 0; code < Outcomes; code++) {
		counts[code] = 0;
		for (unsigned i = 0; i < width; i++) {
			counts[code] += histograms[i].counts[code];
		}
	}
	static const char *const names[] = { "P0", "P1", "P2", "P3" };
	outcome_print(&outcome, counts, names);
	uint32_t torn = outcome_torn(&outcome, counts);
	uint32_t seen = counts[outcome.asked];
	printf("NOTE %s: %s seen %u times in %u, %u ms\n", test->name, test->outcome, seen, batches * Cells, microseconds / 1000);
	if (torn != 0) {
		report_fail(test->name, "%u times a value that nobody stored", torn);
	} else if (test->verdict == Never && seen != 0) {
		report_fail(test->name, "%s seen %u times in %u", test->outcome, seen, batches * Cells);
	} else {
		report(test->name, true);
	}
}

int main(void)
{
	batches = (multiboot_option("rounds", 1000000) + Cells - 1) / Cells;
	tsc_frequency();
	unsigned processors = smp_start(NULL), least = multiboot_option("columns", 2);
	for (test = tests; test < tests + sizeof tests / sizeof *tests; test++) {
		for (width = 0; width < Columns && test->columns[width] != NULL; width++) {
		}
		if (width < least) {
			continue;
		}
		if (width > processors) {
			report_skip(test->name, "that takes %u processors", width);
		} else {
			run();
		}
	}
	return report_summary();
}
