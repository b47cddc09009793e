// What an RTL8139 owes its driver, under load: rounds=N frames in each mode; driver=classic or driver=cplus for one of them alone.
// Both processors poll what a driver polls, and look at once at what must be there already.
#include "load.h"

struct load load;

void load_begin(uint32_t rounds)
{
	memset(&load, 0, sizeof load);
	load.rounds = rounds;
}

void load_stop(enum verdict verdict, uint32_t number, uint32_t detail)
{
	static volatile uint32_t taken;
	if (exchange(&taken, 1) == 0) {
		if (!load_stopped()) {
			load.at = number;
			load.detail = detail;
			compiler_barrier(); // both are visible before the verdict is
			load.verdict = verdict;
		}
		taken = 0;
	}
}

void load_run(const char *name, void (*receive)(void *), void (*send)(void *), uint32_t rounds)
{
	static const char *const found[Verdicts] = {
		[Incomplete] = "behind its status a frame is not there yet (rtl8139.rx.packet-header-cbr, rtl8139.cplus.rx.body-before-own)",
		[TooNew] = "a buffer was given back and then read (rtl8139.tx.read-before-own)",
		[TooOld] = "it was told, and took what was there before (rtl8139.poll-before-descriptor, rtl8139.cplus.own-before-body)",
		[Garbled] = "it is none that was ever sent",
		[WrongStatus] = "behind its status the rest is not there yet (rtl8139.rx.packet-header-cbr, rtl8139.cplus.rx.body-before-own)",
		[Misplaced] = "it lies where the descriptor before said (rtl8139.cplus.own-before-body)",
		[Unseen] = "it was told, and did not see OWN (rtl8139.poll-before-descriptor)",
		[Stuck] = "nothing comes",
	};
	load_begin(rounds);
	uint64_t begin = rdtsc();
	processor_run(1, receive, NULL);
	send(NULL);
	processor_wait(1);
	printf("NOTE %s: %u frames, %u ms\n", name, load.received, (uint32_t)divide64(tsc_to_us(rdtsc() - begin), 1000));
	if (load_stopped()) {
		report_fail(name, "frame %u, 0x%x: %s", load.at, load.detail, found[load.verdict]);
	} else {
		report_equal(name, load.received, rounds);
	}
}

int main(void)
{
	static const struct nic_driver *const drivers[] = { &rtl8139_driver, &rtl8139cp_driver };
	static const char *const names[] = { "classic", "cplus" };
	static struct nic sender, receiver;
	uint32_t rounds = multiboot_option("rounds", 20000);
	int told = multiboot_choice("driver", names, 2);
	tsc_frequency();
	if (!report("there are two controllers", nic_find(drivers, 2, 0, &sender) && nic_find(drivers, 2, 1, &receiver))
		|| !report("there are two processors", smp_start(NULL) >= 2)) {
		return report_summary();
	}
	if (told != 1) {
		check_classic(&sender, &receiver, rounds);
	}
	if (told != 0 && pci_read8(sender.pci, 0x08) >= RTL8139_CPLUS_REVISION) {
		check_cplus(&sender, &receiver, rounds);
	}
	check_interrupts(&sender, &receiver, rounds / 8);
	return report_summary();
}
