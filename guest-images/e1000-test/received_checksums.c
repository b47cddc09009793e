// What the controller says of the sums in what it receives (3.2.9).
#include "parts.h"

enum { IpSum = HeaderSize + 10, All = E1000_RXCSUM_IPOFL | E1000_RXCSUM_TUOFL };
enum { Checks = E1000_RXD_IXSM | E1000_RXD_TCPCS | E1000_RXD_IPCS, Errors = E1000_RXD_IPE | E1000_RXD_TCPE };

static unsigned make_for_device(const struct packet *packet, uint32_t seed)
{
	unsigned length = make_packet(scratch, packet, seed);
	memcpy(scratch, device.nic.address, NIC_ADDRESS);
	memcpy(scratch + NIC_ADDRESS, peer.nic.address, NIC_ADDRESS);
	return length;
}

// Sends what is in `scratch`; true if it came with these checks and errors.
static bool comes(unsigned length, unsigned checks, unsigned errors)
{
	return send_frame(&peer, scratch, length) && receive_frame(&device) && arrival.length == length && memcmp(arrival.frame, scratch, length) == 0
		   && (arrival.status & Checks) == checks && (arrival.errors & Errors) == errors;
}

static void check_kind(const char *name, uint8_t protocol)
{
	struct packet packet = { false, protocol, 0 };
	bool right = true, wrong_ip = true, wrong_data = true;
	for (unsigned i = 0; i < 40; i++) {
		packet.payload = 18 + i * 31;
		unsigned length = make_for_device(&packet, i), both = E1000_RXD_IPCS | E1000_RXD_TCPCS;
		right = right && comes(length, both, 0);
		scratch[IpSum + i % 2] ^= (uint8_t)(1 + i);
		wrong_ip = wrong_ip && send_frame(&peer, scratch, length) && receive_frame(&device) && (arrival.status & E1000_RXD_IPCS) != 0
				   && (arrival.errors & E1000_RXD_IPE) != 0;
		scratch[IpSum + i % 2] ^= (uint8_t)(1 + i);
		scratch[payload_at(&packet) + i % packet.payload] ^= 0x10;
		wrong_data = wrong_data && comes(length, both, E1000_RXD_TCPE);
	}
	char text[80];
	snprintf(text, sizeof text, "received sums: right ones, IP and %s", name);
	report(text, right);
	snprintf(text, sizeof text, "received sums: a wrong one in the IP header, before %s", name);
	report(text, wrong_ip);
	snprintf(text, sizeof text, "received sums: a wrong one of %s", name);
	report(text, wrong_data);
}

static void check_switches(void)
{
	struct packet packet = { false, Tcp, 100 };
	unsigned length = make_for_device(&packet, 1);
	scratch[length - 1] ^= 1;
	e1000_write(&device.nic, E1000_RXCSUM, E1000_RXCSUM_IPOFL);
	report("received sums: with IPOFL alone, that of the IP header", comes(length, E1000_RXD_IPCS, 0));
	e1000_write(&device.nic, E1000_RXCSUM, 0);
	report("received sums: with neither, none", send_frame(&peer, scratch, length) && receive_frame(&device)
		   && (arrival.status & (E1000_RXD_TCPCS | E1000_RXD_IPCS)) == 0 && (arrival.errors & Errors) == 0);
	e1000_write(&device.nic, E1000_RXCSUM, All);
}

static void check_others(void)
{
	make_frame(scratch, device.nic.address, peer.nic.address, 200, 1);
	bool came = send_frame(&peer, scratch, 200) && receive_frame(&device) && (arrival.errors & Errors) == 0;
	report("received sums: what is not IP is left alone", came && ((arrival.status & E1000_RXD_IXSM) != 0 || (arrival.status & Checks) == 0));
	struct packet packet = { false, Tcp, 200 };
	unsigned length = make_for_device(&packet, 2);
	put16(scratch + HeaderSize + 6, 0x2000); // more fragments
	put16(scratch + IpSum, 0);
	put16(scratch + IpSum, (uint16_t)~internet_sum(scratch + HeaderSize, Ip4, 0));
	report("received sums: of a fragment, that of the IP header", comes(length, E1000_RXD_IPCS, 0));
}

void check_received_checksums(void)
{
	if (left_out_by_qemu("received sums", "the checks of what is received: it sets IXSM, which says so")) {
		return;
	}
	begin(0);
	e1000_write(&device.nic, E1000_RXCSUM, All);
	check_kind("TCP", Tcp);
	check_kind("UDP", Udp);
	check_switches();
	check_others();
}
