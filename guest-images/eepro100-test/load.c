// Both controllers by the driver that other guests use: frames both ways at once, promiscuous, closed and opened again.
#include "parts.h"

enum { Packets = 1500 };

static struct nic nics[2];

static const uint8_t stranger[] = { 0x02, 0x00, 0x00, 0x12, 0x34, 0x56 };

static bool open_both(void)
{
	static const struct nic_driver *const drivers[] = { &eepro100_driver, &eepro100_er_driver };
	return nic_open(drivers, 2, 0, &nics[0]) && nic_open(drivers, 2, 1, &nics[1]);
}

static unsigned length_of(uint32_t seed) { return 60 + seed * 37 % 1455; }

// As many as the rings take, both ways; each side takes what came as it goes.
static bool stream(uint32_t first)
{
	static uint8_t packet[NIC_LONGEST_FRAME], got[NIC_LONGEST_FRAME];
	uint32_t sent[2] = { 0, 0 }, came[2] = { 0, 0 };
	uint64_t begin = rdtsc();
	while (came[0] < Packets || came[1] < Packets) {
		for (unsigned i = 0; i < 2; i++) {
			// No more under way than the other's ring holds: there is nobody who would send them again.
			if (sent[i] < Packets && sent[i] - came[1 - i] < 24) {
				make_packet(packet, nics[1 - i].address, i == 0 ? &tested : &peer, length_of(first + sent[i]), first + sent[i]);
				sent[i] += nics[i].driver->send(&nics[i], packet, length_of(first + sent[i]));
			}
			unsigned length = nics[i].driver->receive(&nics[i], got, sizeof got);
			if (length != 0) {
				uint32_t seed = first + came[i]++;
				if (length != length_of(seed) || !is_packet(got, length, seed)) {
					return false;
				}
			}
		}
		if (rdtsc() - begin > 60 * tsc_frequency()) {
			return false;
		}
	}
	return within_deadline(nics[0].driver->all_sent(&nics[0])) && within_deadline(nics[1].driver->all_sent(&nics[1]));
}

static void check_promiscuous(void)
{
	static uint8_t packet[NIC_SHORTEST_FRAME], got[NIC_LONGEST_FRAME];
	struct nic *receiver = &nics[1];
	make_packet(packet, stranger, &tested, sizeof packet, 1);
	receiver->driver->set_promiscuous(receiver, true);
	bool took = nic_send(&nics[0], packet, sizeof packet) && nic_receive(receiver, got, sizeof got) == sizeof packet && is_packet(got, sizeof packet, 1);
	receiver->driver->set_promiscuous(receiver, false);
	(void)nic_send(&nics[0], packet, sizeof packet);
	make_packet(packet, receiver->address, &tested, sizeof packet, 2);
	bool left = nic_send(&nics[0], packet, sizeof packet) && nic_receive(receiver, got, sizeof got) == sizeof packet && is_packet(got, sizeof packet, 2);
	report("driver: promiscuous, and no longer", took && left);
}

// More than the ring takes: what is lost is lost, and the receiver is started again.
static void check_overrun(void)
{
	static uint8_t packet[NIC_SHORTEST_FRAME], got[NIC_LONGEST_FRAME];
	for (unsigned i = 0; i < 100; i++) {
		make_packet(packet, nics[1].address, &tested, sizeof packet, i);
		(void)nic_send(&nics[0], packet, sizeof packet);
	}
	bool in_order = within_deadline(nics[0].driver->all_sent(&nics[0]));
	settle();
	for (uint32_t next = 0; nics[1].driver->receive(&nics[1], got, sizeof got) != 0;) {
		in_order = in_order && seed_of(got) >= next;
		next = seed_of(got) + 1;
	}
	make_packet(packet, nics[1].address, &tested, sizeof packet, 1000);
	bool last = false;
	for (unsigned i = 0; i < 200 && !last; i++) {
		// While the receiver is still stopped it may be lost as well.
		last = nic_send(&nics[0], packet, sizeof packet);
		for (unsigned polls = 0; polls < 1000; polls++) {
			last = nics[1].driver->receive(&nics[1], got, sizeof got) != 0 && seed_of(got) == 1000;
			if (last) {
				break;
			}
		}
	}
	report("driver: a ring that overflows is started again", in_order && last);
}

void check_load(void)
{
	if (!report("driver: it opens both", open_both())) {
		return;
	}
	report("driver: the addresses are the EEPROM's", memcmp(nics[0].address, tested.address, NIC_ADDRESS) == 0);
	report("driver: the link is up", nics[0].driver->link_up(&nics[0]));
	report("driver: 1500 frames both ways at once", stream(1));
	check_promiscuous();
	check_overrun();
	bool again = true;
	for (unsigned i = 0; i < 6 && again; i++) {
		nics[0].driver->close(&nics[0]);
		nics[1].driver->close(&nics[1]);
		again = open_both();
	}
	report("driver: closed and opened, six times, they go on", again && stream(1));
	nics[0].driver->close(&nics[0]);
	nics[1].driver->close(&nics[1]);
}
