// Two network controllers, of any kinds that there are drivers for, exchange so many bytes each way at the same time, and
// check every one. bytes=N says how many (a megabyte if not given). With two processors each drives one controller; with one
// it drives both in turn. role=a or role=b: the machine has one controller, and the other station is in another machine.
#include "exchange.h"

static const struct nic_driver *const drivers[] = { &e1000_driver, &eepro100_driver, &rtl8139_driver, &rtl8139cp_driver };
enum { Drivers = sizeof drivers / sizeof *drivers, Megabyte = 1 << 20 };
enum { SeedA = 0x1234567, SeedB = 0x89ABCDE };

static struct nic nics[2];
static struct station stations[2];
static unsigned count; // stations of this machine

static bool all_parted(void)
{
	for (unsigned i = 0; i < count; i++) {
		if (!station_parted(&stations[i])) {
			return false;
		}
	}
	return true;
}

// Until both are done: then neither waits for the other's last word. Gives up when nothing has come for half a minute.
static void drive(unsigned first, unsigned last)
{
	uint64_t patience = 30 * tsc_frequency();
	while (!all_parted()) {
		for (unsigned i = first; i <= last; i++) {
			station_step(&stations[i]);
			if (rdtsc() - stations[i].last_heard > patience) {
				return;
			}
		}
		pause();
	}
}

static void drive_own(void *argument)
{
	(void)argument;
	drive(processor_number(), processor_number());
}

static void check(const struct station *station, uint32_t peer_seed, const char *name)
{
	char text[64];
	snprintf(text, sizeof text, "%s received everything", name);
	report_equal(text, station->received, station->bytes);
	snprintf(text, sizeof text, "%s: every byte it sent was acknowledged", name);
	report_equal(text, station->acknowledged, station->bytes);
	snprintf(text, sizeof text, "%s: the sum is the one the sender gave", name);
	report_equal(text, station->sum_received, station->expected);
	snprintf(text, sizeof text, "%s: and the one the bytes must have", name);
	report_equal(text, station->sum_received, stream_sum(peer_seed, station->bytes));
	snprintf(text, sizeof text, "%s: no frame was damaged", name);
	report_equal(text, station->damaged, 0);
}

int main(void)
{
	static const char *const roles[] = { "a", "b" };
	int role = multiboot_choice("role", roles, 2);
	uint32_t bytes = multiboot_option("bytes", Megabyte) & ~3u;
	count = role < 0 ? 2 : 1;
	uint32_t seeds[] = { role == 1 ? SeedB : SeedA, role == 1 ? SeedA : SeedB };
	for (unsigned i = 0; i < count; i++) {
		char text[64];
		snprintf(text, sizeof text, "controller %u is there, and its link is up", i);
		if (!report(text, nic_open(drivers, Drivers, i, &nics[i]))) {
			return report_summary();
		}
		const uint8_t *a = nics[i].address;
		printf("controller %u: %s, %02x:%02x:%02x:%02x:%02x:%02x\n", i, nics[i].driver->name, a[0], a[1], a[2], a[3], a[4], a[5]);
		station_init(&stations[i], &nics[i], bytes, seeds[i]);
	}

	uint64_t begin = rdtsc();
	if (count == 2 && smp_start(NULL) >= 2) {
		printf("a processor for each\n");
		smp_run(2, drive_own, NULL);
	} else {
		drive(0, count - 1);
	}
	uint32_t elapsed = (uint32_t)tsc_to_us(rdtsc() - begin);

	for (unsigned i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof name, "controller %u (%s)", i, nics[i].driver->name);
		check(&stations[i], seeds[1 - i], name);
		(void)within_deadline(nics[i].driver->all_sent(&nics[i]));
		nics[i].driver->close(&nics[i]);
	}
	printf("%u and %u frames in %u.%03u s, sent again %u and %u times\n", stations[0].frames_sent, stations[0].frames_received,
	       elapsed / 1000000, elapsed / 1000 % 1000, stations[0].resent, stations[1].resent);
	return report_summary();
}
