// Sending: every format of descriptor, chains, the ring's end.
#include "parts.h"

enum { Ring = 8, Last = E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS };

static unsigned put_data(const void *buffer, unsigned length, uint32_t command)
{
	union e1000_transmit_descriptor descriptor = {
		.data = { .buffer = (uintptr_t)buffer, .length_command = length | E1000_TXD_DATA | E1000_TXD_COMMAND(E1000_TXD_DEXT | command) },
	};
	return e1000_put(&device.nic, descriptor);
}

static void check_lengths(void)
{
	static const unsigned lengths[] = { 60, 61, 64, 65, 127, 128, 256, 511, 1000, 1513, 1514, 1515, 1518, 4000, 9000, 16000 };
	bool legacy = true, data = true;
	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		make_frame(scratch, peer.nic.address, device.nic.address, lengths[i], i);
		legacy = legacy && send_frame(&device, scratch, lengths[i]) && peer_receives(scratch, lengths[i]);
		make_frame(scratch, peer.nic.address, device.nic.address, lengths[i], i + 100);
		put_data(scratch, lengths[i], Last);
		data = data && send_and_wait(&device) && peer_receives(scratch, lengths[i]);
	}
	report("sending: frames of 60 to 16,000 bytes, by legacy descriptors", legacy);
	report("sending: the same by data descriptors", data);

	bool aligned = true;
	for (unsigned offset = 0; offset < 64 && aligned; offset++) {
		make_frame(scratch + offset, peer.nic.address, device.nic.address, 300, offset);
		aligned = send_frame(&device, scratch + offset, 300) && peer_receives(scratch + offset, 300);
	}
	report("sending: from any alignment", aligned);

	bool padded = true;
	for (unsigned length = HeaderSize; length < NIC_SHORTEST_FRAME && padded; length++) {
		memset(scratch, 0, NIC_SHORTEST_FRAME);
		make_frame(scratch, peer.nic.address, device.nic.address, length, length);
		padded = send_frame(&device, scratch, length) && peer_receives(scratch, NIC_SHORTEST_FRAME);
	}
	report("sending: short ones are padded with zeros", padded);
}

// `parts` of unequal sizes.
static bool send_chain(unsigned parts, bool data, uint32_t seed)
{
	unsigned length = 60 + 97 * parts, at = 0, first = device.nic.transmit.next;
	make_frame(scratch, peer.nic.address, device.nic.address, length, seed);
	for (unsigned part = 0; part < parts; part++) {
		bool last = part == parts - 1;
		unsigned count = last ? length - at : 1 + (seed * 13 + part * 29) % 97;
		uint8_t command = last ? Last : E1000_TXD_IFCS;
		if (data) {
			put_data(scratch + at, count, command);
		} else {
			e1000_put_legacy(&device.nic, scratch + at, count, command);
		}
		at += count;
	}
	if (!send_and_wait(&device) || !peer_receives(scratch, length)) {
		return false;
	}
	bool quiet = true;
	for (unsigned part = 0; part < parts - 1; part++) {
		quiet = quiet && !e1000_is_sent(&device.nic, (first + part) % device.nic.transmit.count);
	}
	return quiet;
}

// In a ring of 8, chains of 1 to 7 from each place; a frame in between makes the next begin one further on.
static void check_ring(bool data, const char *name)
{
	bool ok = true;
	unsigned begun[Ring] = { 0 };
	for (unsigned parts = 1; parts < Ring && ok; parts++) {
		for (unsigned place = 0; place < Ring && ok; place++) {
			while (device.nic.transmit.next != place && ok) {
				make_frame(scratch, peer.nic.address, device.nic.address, 60, place);
				ok = send_frame(&device, scratch, 60) && peer_receives(scratch, 60);
			}
			begun[device.nic.transmit.next]++;
			ok = ok && send_chain(parts, data, parts * Ring + place);
		}
	}
	for (unsigned place = 0; place < Ring; place++) {
		ok = ok && begun[place] == Ring - 1;
	}
	report(name, ok);
}

static void check_batches(void)
{
	bool ok = true, heads = true;
	enum { Length = 200 };
	for (unsigned round = 0; round < 40 && ok; round++) {
		unsigned count = 1 + round % (Ring - 1);
		for (unsigned i = 0; i < count; i++) {
			make_frame(scratch + i * Length, peer.nic.address, device.nic.address, Length, round * Ring + i);
			e1000_put_legacy(&device.nic, scratch + i * Length, Length, Last);
		}
		ok = send_and_wait(&device);
		for (unsigned i = 0; i < count && ok; i++) {
			ok = peer_receives(scratch + i * Length, Length);
		}
		heads = heads && within_deadline(e1000_read(&device.nic, E1000_TDH) == device.nic.transmit.next);
	}
	report("sending: one to seven frames by one write of the tail", ok);
	report("sending: then the head is the tail", heads);
}

static void check_mixed(void)
{
	bool ok = true;
	for (unsigned i = 0; i < 16 && ok; i++) {
		ok = send_chain(1 + i % 3, i % 2 != 0, 1000 + i);
	}
	report("sending: legacy and data descriptors in turn", ok);
}

static void check_switch(void)
{
	uint32_t control = e1000_read(&device.nic, E1000_TCTL);
	e1000_write(&device.nic, E1000_TCTL, control & ~(uint32_t)E1000_TCTL_EN);
	make_frame(scratch, peer.nic.address, device.nic.address, 100, 5);
	unsigned place = e1000_put_legacy(&device.nic, scratch, 100, Last);
	e1000_send(&device.nic);
	delay_us(200);
	bool waits = !e1000_is_sent(&device.nic, place) && !has_frame(&peer);
	e1000_write(&device.nic, E1000_TCTL, control);
	report("sending: while TCTL.EN is off it waits", waits);
	report("sending: and goes on when it is on", peer_receives(scratch, 100) && within_deadline(e1000_is_sent(&device.nic, place)));
}

void check_transmit(void)
{
	begin(0);
	check_lengths();
	check_switch();
	station_begin(&device, Ring, 2048, E1000_RCTL_BAM);
	check_ring(false, "sending: chains of legacy descriptors from each place of the ring");
	check_ring(true, "sending: chains of data descriptors from each place of the ring");
	check_batches();
	check_mixed();
}
