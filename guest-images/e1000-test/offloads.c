// Checksums that the controller puts into what it sends (3.5, 3.6), against this guest's own.
#include "parts.h"

static const struct packet kinds[] = {
	{ false, Tcp, 0 }, { false, Udp, 0 }, { true, Tcp, 0 }, { true, Udp, 0 },
};

static void put_context(const struct packet *packet, unsigned transport_end)
{
	unsigned transport = transport_at(packet);
	union e1000_transmit_descriptor context = {
		.context = {
			.ipcss = HeaderSize,
			.ipcso = HeaderSize + 10,
			.ipcse = (uint16_t)(transport - 1),
			.tucss = (uint8_t)transport,
			.tucso = (uint8_t)(transport + (packet->protocol == Tcp ? 16 : 6)),
			.tucse = (uint16_t)transport_end,
			.length_command = E1000_TXD_COMMAND(E1000_TXD_DEXT | (packet->protocol == Tcp ? E1000_TXD_TCP : 0) | (packet->six ? 0 : E1000_TXD_IP)),
		},
	};
	e1000_put(&device.nic, context);
}

static unsigned put_data(const void *buffer, unsigned length, unsigned command, unsigned options)
{
	union e1000_transmit_descriptor data = {
		.data = {
			.buffer = (uintptr_t)buffer,
			.length_command = length | E1000_TXD_DATA | E1000_TXD_COMMAND(E1000_TXD_DEXT | E1000_TXD_IFCS | command),
			.options = (uint8_t)options,
		},
	};
	return e1000_put(&device.nic, data);
}

// What a driver hands over: the pseudo header's sum where the sum is to be, and none in the IP header.
static unsigned make_unsummed(uint8_t *frame, const struct packet *packet, unsigned options, uint32_t seed)
{
	unsigned length = make_packet(frame, packet, seed), transport = transport_at(packet);
	if (options & E1000_TXD_TXSM) {
		put16(frame + transport + (packet->protocol == Tcp ? 16 : 6), pseudo_sum(frame, packet, length - transport));
	}
	if ((options & E1000_TXD_IXSM) && !packet->six) {
		put16(frame + HeaderSize + 10, 0);
	}
	return length;
}

// Two sums that differ in the two representations of zero are the same sum.
static bool peer_receives_summed(const uint8_t *frame, const struct packet *packet, unsigned length)
{
	unsigned header = payload_at(packet);
	return receive_frame(&peer) && arrival.length == length && sums_are_right(arrival.frame, packet, length)
		   && memcmp(arrival.frame + header, frame + header, length - header) == 0 && memcmp(arrival.frame, frame, HeaderSize + 10) == 0;
}

static void check_kind(struct packet packet, const char *name)
{
	static const unsigned payloads[] = { 18, 19, 100, 333, 1000, 1459, 1460 };
	bool ok = true;
	for (unsigned i = 0; i < sizeof payloads / sizeof *payloads && ok; i++) {
		packet.payload = payloads[i] - (packet.six ? 20 : 0) % payloads[i];
		unsigned options = E1000_TXD_TXSM | (packet.six ? 0 : E1000_TXD_IXSM), length = make_unsummed(scratch, &packet, options, i);
		put_context(&packet, 0);
		put_data(scratch, length, E1000_TXD_EOP | E1000_TXD_RS, options);
		ok = send_and_wait(&device) && peer_receives_summed(scratch, &packet, length);
	}
	report(name, ok);
}

// Only what the first data descriptor asks for, in frames that come in parts.
static void check_parts(void)
{
	bool ok = true;
	for (unsigned options = 0; options < 4 && ok; options++) {
		for (unsigned split = 1; split < 130 && ok; split += 5) {
			struct packet packet = { false, Tcp, 200 };
			unsigned length = make_unsummed(scratch, &packet, options, split);
			put_context(&packet, 0);
			put_data(scratch, split, 0, options);
			put_data(scratch + split, 70, 0, 0);
			put_data(scratch + split + 70, length - split - 70, E1000_TXD_EOP | E1000_TXD_RS, 0);
			ok = send_and_wait(&device) && peer_receives_summed(scratch, &packet, length);
		}
	}
	report("sums: what the first descriptor asks for, wherever the frame is split", ok);
}

// One context is good for many frames, and frames without sums go in between.
static void check_context_stays(void)
{
	struct packet packet = { false, Udp, 77 };
	unsigned options = E1000_TXD_TXSM | E1000_TXD_IXSM;
	bool ok = true;
	put_context(&packet, 0);
	for (unsigned i = 0; i < 20 && ok; i++) {
		bool summed = i % 3 != 1;
		unsigned length = make_unsummed(scratch, &packet, summed ? options : 0, i);
		if (i % 3 == 1) {
			ok = send_frame(&device, scratch, length) && peer_receives(scratch, length);
		} else {
			put_data(scratch, length, E1000_TXD_EOP | E1000_TXD_RS, options);
			ok = send_and_wait(&device) && peer_receives_summed(scratch, &packet, length);
		}
	}
	report("sums: a context stays until the next, legacy frames in between", ok);
}

static void check_end(void)
{
	struct packet packet = { false, Tcp, 300 };
	unsigned length = make_packet(scratch, &packet, 3), transport = transport_at(&packet), end = transport + 119;
	put16(scratch + transport + 16, 0);
	put_context(&packet, end);
	put_data(scratch, length, E1000_TXD_EOP | E1000_TXD_RS, E1000_TXD_TXSM);
	uint16_t sum = (uint16_t)~internet_sum(scratch + transport, end - transport + 1, 0);
	put16(scratch2, sum);
	bool came = send_and_wait(&device) && receive_frame(&peer) && arrival.length == length;
	report("sums: TUCSE is the last byte that is summed", came && get16(arrival.frame + transport + 16) == sum);
}

// IC of a legacy descriptor: from CSS to the end, into CSO (3.3.3).
static void check_legacy(void)
{
	static const char name[] = "sums: a legacy descriptor's, from CSS to the end";
	if (left_out_by_qemu(name, "IC of legacy descriptors")) {
		return;
	}
	bool ok = true;
	for (unsigned payload = 30; payload < 60 && ok; payload++) {
		struct packet packet = { false, Udp, payload };
		unsigned length = make_unsummed(scratch, &packet, E1000_TXD_TXSM, payload), transport = transport_at(&packet);
		union e1000_transmit_descriptor descriptor = {
			.legacy = {
				.buffer = (uintptr_t)scratch,
				.length = (uint16_t)length,
				.cso = (uint8_t)(transport + 6),
				.css = (uint8_t)transport,
				.command = E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS | E1000_TXD_IC,
			},
		};
		e1000_put(&device.nic, descriptor);
		ok = send_and_wait(&device) && peer_receives_summed(scratch, &packet, length);
	}
	report(name, ok);
}

void check_offloads(void)
{
	static const char *const names[] = {
		"sums: IP and TCP", "sums: IP and UDP", "sums: TCP behind IPv6", "sums: UDP behind IPv6",
	};
	begin(0);
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		check_kind(kinds[i], names[i]);
	}
	check_parts();
	check_context_stays();
	check_end();
	check_legacy();
}
