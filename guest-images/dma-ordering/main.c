// What a processor and a function that does DMA may see of each other's stores, as litmus tests. rounds=N says how often each
// is run, ordering=NAME under which ordering of the bus, model=NAME in which memory model (host if not given): those decide
// what must never be seen, and what must. from=N leaves out the first N tests, tests=N those behind the first N and the parts
// about records and interrupts.
//
// "Must be seen" holds, for host, on one that lets a store and a later load pass each other, as x86-64 does, and looks often
// enough.
#include "rounds.h"

enum ordering { Full, Tracked, Split, Pci, Relaxed, Orderings };
static const char *const ordering_names[] = { "full", "tracked", "split", "pci", "relaxed" };

enum model { Host, Tso, Weak, Models };
static const char *const model_names[] = { "host", "tso", "weak" };

enum verdict {
	Never,      // forbidden under every ordering: one location, an access that waits for a load, or a fence of the function's own
	StoreLoad,  // the function stores, then loads: never under full, tracked and pci; split and relaxed let it be seen
	StoreStore, // it stores twice: relaxed lets it be seen, in weak
	LoadLoad,   // it loads twice: pci and relaxed let it be seen, in weak
	Whatever,   // under every ordering: this processor left out its own barrier, and no bus can mend that
};

static const struct test {
	const char *name;
	column processor;
	const char *dma, *outcome;
	enum verdict verdict;
	bool variant; // of another one: an eighth of the rounds
} tests[] = {
	{ "SB", Wx1_M_Ry, "Wy1 Rx", "0:a=0 1:a=0", StoreLoad, false },
	{ "SB, a locked add on our side", Wx1_L_Ry, "Wy1 Rx", "0:a=0 1:a=0", StoreLoad, true },
	{ "SB, an xchg on our side", Xx1_Ry, "Wy1 Rx", "0:a=0 1:a=0", StoreLoad, true },
	{ "SB, the function asks for its barrier", Wx1_M_Ry, "Wy1 M Rx", "0:a=0 1:a=0", Never, true },
	{ "SB, no barrier on our side", Wx1_Ry, "Wy1 Rx", "0:a=0 1:a=0", Whatever, true },
	{ "SB, a barrier on the function's side alone", Wx1_Ry, "Wy1 M Rx", "0:a=0 1:a=0", Whatever, true },
	{ "MP, the function writes", Ry_Rx, "Wx1 Wy1", "0:a=1 0:b=0", StoreStore, false },
	{ "MP, the function publishes", Ry_Rx, "Wx1 Py1", "0:a=1 0:b=0", Never, true },
	{ "MP, the function reads", Wx1_Wy1, "Ry Rx", "1:a=1 1:b=0", LoadLoad, false },
	{ "S, the function writes twice", Ry_Wx1, "Wx2 Wy1", "0:a=1 x=2", StoreStore, false },
	{ "S, the function reads and writes", Wx2_Wy1, "Ry Wx1", "1:a=1 x=2", Never, false },
	{ "R, the function writes and reads", Wx1_Wy1, "Wy2 Rx", "1:a=0 y=2", StoreLoad, false },
	{ "R, the function asks for its barrier", Wx1_Wy1, "Wy2 M Rx", "1:a=0 y=2", Never, true },
	{ "R, the function writes twice", Wy2_M_Rx, "Wx1 Wy1", "0:a=0 y=2", StoreStore, false },
	{ "R, no barrier on our side", Wy2_Rx, "Wx1 Wy1", "0:a=0 y=2", Whatever, true },
	{ "2+2W", Wx1_Wy2, "Wy1 Wx2", "x=1 y=1", StoreStore, false },
	{ "LB", Rx_Wy1, "Ry Wx1", "0:a=1 1:a=1", Never, true },
	{ "CoRR, the function writes", Rx_Rx, "Wx1", "0:a=1 0:b=0", Never, true },
	{ "CoRR, the function reads", Wx1, "Rx Rx", "1:a=1 1:b=0", Never, true },
};

// What is looked for and not seen is looked for again for this many seconds before it counts as missing: a host that is
// busy may run the two in turn and never at once. A nap in between lets it think again where to run them.
enum { Patience = 40, NapVector = 0x5F };

static void end_only(struct frame *frame)
{
	(void)frame;
	apic_end();
}

static void nap(uint32_t milliseconds)
{
	vector_handle(NapVector, end_only);
	cli();
	apic_timer_start(NapVector, apic_timer_frequency() / 1000 * milliseconds);
	sti_hlt();
	cli();
	apic_timer_stop();
}

static bool must_be_seen(enum verdict verdict, enum ordering ordering, enum model model)
{
	switch (verdict) {
	case Never: return false;
	case StoreLoad: return ordering == Split || ordering == Relaxed;
	case StoreStore: return model == Weak && ordering == Relaxed;
	case LoadLoad: return model == Weak && (ordering == Pci || ordering == Relaxed);
	case Whatever: break;
	}
	return true;
}

static void run(struct dma_test *device, const struct test *test, enum ordering ordering, enum model model, uint32_t rounds)
{
	static uint32_t counts[Outcomes];
	static const char *const names[] = { "P0", "D0" };
	struct outcome outcome = outcome_parse(test->outcome);
	bool wanted = must_be_seen(test->verdict, ordering, model);
	uint32_t total = 0, count = test->variant ? rounds / 8 : rounds;
	memset(counts, 0, sizeof counts);
	uint64_t begin = rdtsc();
	bool ended = run_rounds(device, test->processor, test->dma, &outcome, count, counts);
	for (uint32_t i = 1; wanted && ended && counts[outcome.asked] == 0 && rdtsc() - begin < Patience * tsc_frequency(); i++) {
		nap(i % 8 + 1);
		ended = run_rounds(device, test->processor, test->dma, &outcome, count / 8, counts);
	}
	uint32_t milliseconds = (uint32_t)divide64(tsc_to_us(rdtsc() - begin), 1000);
	for (unsigned code = 0; code < Outcomes; code++) {
		total += counts[code];
	}
	outcome_print(&outcome, counts, names);
	uint32_t seen = counts[outcome.asked], torn = outcome_torn(&outcome, counts);
	printf("NOTE %s: %s seen %u times in %u, %u ms\n", test->name, test->outcome, seen, total, milliseconds);

	if (!ended) {
		report_fail(test->name, "the script did not end: status 0x%x", dma_test_read(device, DT_STATUS));
		dma_test_reset(device);
	} else if (torn != 0) {
		report_fail(test->name, "%u times a value that nobody stored", torn);
	} else if (wanted ? seen == 0 : seen != 0) {
		report_fail(test->name, "under %s in %s, %s %s: seen %u times in %u", ordering_names[ordering], model_names[model],
					test->outcome, wanted ? "must be seen" : "must never be seen", seen, total);
	} else {
		report(test->name, true);
	}
}

int main(void)
{
	struct dma_test device;
	uint32_t rounds = multiboot_option("rounds", 1000000);
	int ordering = multiboot_choice("ordering", ordering_names, Orderings);
	int model = multiboot_choice("model", model_names, Models);
	model = model < 0 ? Host : model;
	tsc_frequency();
	apic_enable();
	apic_timer_frequency();
	if (!report("ordering= names one", ordering >= 0) || !report("there is a dma-test function", dma_test_open(0, &device))) {
		return report_summary();
	}
	uint32_t all = sizeof tests / sizeof *tests, wanted = multiboot_option("tests", all);
	for (uint32_t i = multiboot_option("from", 0); i < wanted && i < all; i++) {
		run(&device, &tests[i], (enum ordering)ordering, (enum model)model, rounds);
	}
	if (wanted >= all) {
		check_records(&device, rounds / 200);
		check_interrupt_order(&device, rounds / 200);
	}
	return report_summary();
}
