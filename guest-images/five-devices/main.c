// Five devices at once: e1000, eepro100 and rtl8139 send frames to each other, an LSI53C895A and a virtio block device read and write, all
// at the same time; a processor for the nets, another for the disks, if there are two. What each device owes its driver in order is
// looked at with each frame and request. Then comes the monitor's prompt. rounds=N says how many of each; patience=N how
// many milliseconds nothing may come; prompt=0 ends behind the table.
#include "five.h"
#include "../monitor/monitor.h"

uint64_t patience(void) { return divide64(tsc_frequency(), 1000) * multiboot_option("patience", 20000); }

static void work_nets(void) { while (nets_step()) { pause(); } }
static void work_disks(void) { while (disks_step()) { pause(); } }

static void work(void *argument)
{
	(void)argument;
	(processor_number() == 0 ? work_nets : work_disks)();
}

static void work_alone(void)
{
	bool net = true, disk = true;
	while (net || disk) {
		net = net && nets_step();
		disk = disk && disks_step();
	}
}

static void check(const struct worker *worker, uint32_t rounds, const char *what)
{
	char text[80];
	snprintf(text, sizeof text, "%s: %u %s", worker->name, rounds, what);
	if (worker->done == rounds && !worker->stuck) {
		report(text, true);
	} else {
		report_fail(text, "%u, and then no more", worker->done);
	}
}

static void print_promises(const struct worker workers[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < workers[i].promise_count; j++) {
			const struct promise *promise = &workers[i].promises[j];
			printf("%-34s %-50s %7u %7u\n", promise->site, promise->text, promise->looked, promise->broken);
		}
	}
}

// Accuses the sites whose promises are broken; how many those are.
static uint32_t accuse(const struct worker workers[], unsigned count)
{
	uint32_t accused = 0;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < workers[i].promise_count; j++) {
			const struct promise *promise = &workers[i].promises[j];
			if (promise->broken != 0) {
				report_fail(promise->site, "broken %u of %u times", promise->broken, promise->looked);
				accused++;
			}
		}
	}
	return accused;
}

int main(void)
{
	uint32_t rounds = multiboot_option("rounds", 2000);
	bool there = nets_open(rounds);
	there = disks_open(rounds) && there;
	if (there) {
		unsigned processors = smp_start(NULL);
		tsc_frequency();
		uint64_t begin = rdtsc();
		if (processors >= 2) {
			smp_run(2, work, NULL);
		} else {
			work_alone();
		}
		uint32_t elapsed = (uint32_t)tsc_to_us(rdtsc() - begin);
		nets_close();
		for (unsigned i = 0; i < NETS; i++) {
			check(&nets[i], rounds, "frames sent, all of them came");
		}
		for (unsigned i = 0; i < DISKS; i++) {
			check(&disks[i], rounds, "requests, 16 at once, all of them done");
		}
		printf("\n%-34s %-50s %7s %7s\n", "What must be in order", "", "looked", "broken");
		print_promises(nets, NETS);
		print_promises(disks, DISKS);
		printf("\n");
		report_equal("nothing was seen out of order", accuse(nets, NETS) + accuse(disks, DISKS), 0);
		printf("all at once, in %u.%03u s, on %u processor%s\n", elapsed / 1000000, elapsed / 1000 % 1000, processors, processors == 1 ? "" : "s");
	}
	int result = report_summary();
	if (multiboot_option("prompt", 1) == 0) {
		return result;
	}
	console_enable_input();
	banner_print();
	char line[LINE_SIZE];
	while (line_read("monitor> ", line)) {
		command_run(line);
	}
	return result;
}
