// The network controller 82540EM, by its driver: what its manual says, check by check. The second controller, at the other end of the
// wire, sends what the first receives, and says what it sent. Sums are this guest's own.
#include "parts.h"

int main(void)
{
	tsc_frequency();
	if (!report("there is an 82540EM, and its EEPROM is in order", e1000_open(0, &device.nic))
		|| !report("and another one", e1000_open(1, &peer.nic))) {
		return report_summary();
	}
	check_identity();
	check_transmit();
	check_offloads();
	check_segmentation();
	check_receive();
	check_received_checksums();
	check_filters();
	check_vlans();
	check_interrupts();
	check_timers();
	check_statistics();
	check_link();
	check_resets();
	return report_summary();
}
