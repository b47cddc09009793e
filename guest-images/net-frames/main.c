// Sends frames=N frames of size=N bytes from the first network controller to the second, on one processor that drives both, and
// prints how long that took. Each frame carries its number; all must come, in their order.
#include "../drivers/nic.h"

static const struct nic_driver *const drivers[] = { &e1000_driver, &eepro100_driver, &rtl8139_driver, &rtl8139cp_driver };
enum { Drivers = sizeof drivers / sizeof *drivers, Header = 14, AtOnce = 32 };

static struct nic from, to;
static uint8_t frame[NIC_LONGEST_FRAME] __attribute__((aligned(4)));
static uint8_t heard[NIC_LONGEST_FRAME + 16] __attribute__((aligned(4)));

int main(void)
{
	uint32_t count = multiboot_option("frames", 20000), size = multiboot_option("size", NIC_SHORTEST_FRAME);
	if (!report("the size is that of a frame", size >= NIC_SHORTEST_FRAME && size <= NIC_LONGEST_FRAME) ||
	    !report("two controllers are there, and their links are up", nic_open(drivers, Drivers, 0, &from) && nic_open(drivers, Drivers, 1, &to))) {
		return report_summary();
	}
	memcpy(frame, to.address, NIC_ADDRESS);
	memcpy(frame + NIC_ADDRESS, from.address, NIC_ADDRESS);
	frame[12] = 0x88;
	frame[13] = 0xB5;

	uint32_t sent = 0, received = 0, wrong = 0;
	uint64_t begin = rdtsc(), now = begin, last = begin, patience = 10 * tsc_frequency();
	for (; received < count && now - last < patience; now = rdtsc()) {
		for (unsigned i = 0; i < AtOnce && sent < count; i++) {
			memcpy(frame + Header, &sent, sizeof sent);
			if (!from.driver->send(&from, frame, size)) {
				break;
			}
			sent++;
		}
		unsigned length;
		while ((length = to.driver->receive(&to, heard, sizeof heard)) != 0) {
			uint32_t number;
			memcpy(&number, heard + Header, sizeof number);
			wrong += number != received || length < size;
			received++;
			last = now;
		}
	}
	printf("%s: %u frames of %u bytes in %u us\n", from.driver->name, received, size, (uint32_t)tsc_to_us(now - begin));
	report_equal("every frame came", received, count);
	report_equal("in its order and whole", wrong, 0);
	from.driver->close(&from);
	to.driver->close(&to);
	return report_summary();
}
