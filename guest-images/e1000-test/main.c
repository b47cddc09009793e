// The network controller 82540EM, by its driver: what its manual says, check by check. The second controller, at the other end of the
// wire, sends what the first receives, and says what it sent. Sums are this guest's own. only=PART leaves out the others.
#include "parts.h"

static const struct part { const char *name; void (*check)(void); } parts[] = {
	{ "identity", check_identity }, { "transmit", check_transmit }, { "offloads", check_offloads }, { "segmentation", check_segmentation },
	{ "receive", check_receive }, { "sums", check_received_checksums }, { "filters", check_filters }, { "vlans", check_vlans },
	{ "interrupts", check_interrupts }, { "timers", check_timers }, { "statistics", check_statistics }, { "link", check_link },
	{ "resets", check_resets },
};
enum { Parts = sizeof parts / sizeof *parts };

int main(void)
{
	const char *names[Parts];
	for (unsigned i = 0; i < Parts; i++) {
		names[i] = parts[i].name;
	}
	int only = multiboot_choice("only", names, Parts);
	tsc_frequency();
	if (!report("there is an 82540EM, and its EEPROM is in order", e1000_open(0, &device.nic))
		|| !report("and another one", e1000_open(1, &peer.nic))) {
		return report_summary();
	}
	for (int i = 0; i < (int)Parts; i++) {
		if (only < 0 || only == i) {
			parts[i].check();
		}
	}
	e1000_reset(&device.nic);
	e1000_reset(&peer.nic);
	return report_summary();
}
