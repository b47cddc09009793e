// Checksums that C+ mode computes for the driver, sending and receiving, against those computed here.
#include "packets.h"

static uint32_t serial;

// Sends a packet without checksums, and sees which the peer gets, and that nothing else has changed.
static bool sent_with(const struct shape *shape, uint32_t flags, uint32_t vlan, bool ip_sum, bool transport)
{
	unsigned length = make_packet(frame, peer.address, dut.address, shape), shift = (vlan & CP_TAGC) != 0 ? 4 : 0;
	unsigned on_wire = (length < NIC_SHORTEST_FRAME ? NIC_SHORTEST_FRAME : length) + shift;
	if (!within_deadline(rtl8139cp_send(cplus, frame, length, flags, vlan)) || nic_receive(&peer, came, sizeof came) != on_wire) {
		return false;
	}
	if (shift != 0) {
		memmove(came + 12, came + 16, on_wire - 16);
	}
	bool right = ip_sum_is_right(came) == ip_sum && transport_sum_is_right(came) == transport;
	put16(came + EthernetHeader + 10, 0);
	put16(came + transport_sum_offset(came), 0);
	return right && memcmp(came, frame, length) == 0;
}

static void check_sending(const char *name, struct shape shape, uint32_t flag)
{
	bool ok = begin_cplus(16, 16, RTL_APM, 0);
	drain_peer();
	for (unsigned payload = 0; payload < 1400 && ok; payload += payload < 80 ? 1 : 53) {
		shape.payload = payload;
		shape.serial = ++serial;
		ok = sent_with(&shape, CP_IPCS | flag, 0, true, true) && sent_with(&shape, CP_IPCS, 0, true, false)
			 && sent_with(&shape, flag, 0, false, true) && sent_with(&shape, 0, 0, false, false)
			 && sent_with(&shape, CP_IPCS | flag, CP_TAGC | 0x0500, true, true);
	}
	report(name, ok);
}

// In pieces: the checksum is over all of them.
static void check_pieces(void)
{
	struct shape shape = { Tcp, 0, 12, 700, 0 };
	bool ok = begin_cplus(16, 16, RTL_APM, 0);
	for (unsigned split = 1; split < 120 && ok; split++) {
		shape.serial = ++serial;
		unsigned length = make_packet(frame, peer.address, dut.address, &shape);
		uint32_t flags = CP_IPCS | CP_TCPCS;
		ok = rtl8139cp_describe(cplus, CP_FS | flags, 0, frame, split) && rtl8139cp_describe(cplus, flags, 0, frame + split, 401)
			 && rtl8139cp_describe(cplus, CP_LS | flags, 0, frame + split + 401, length - split - 401);
		rtl8139cp_poll(cplus);
		ok = ok && nic_receive(&peer, came, sizeof came) == length && ip_sum_is_right(came) && transport_sum_is_right(came);
		ok = ok && within_deadline(rtl8139cp_reclaim(cplus));
	}
	report("checksums: of a packet in pieces", ok);
}

// A sum that comes out as 0 is sent as 0xFFFF, for 0 means that there is none (RFC 768).
static void check_udp_zero(void)
{
	struct shape shape = { Udp, 0, 0, 40, 77 };
	if (on_qemu()) {
		report_skip("checksums: UDP's is never 0", "QEMU sends 0");
		return;
	}
	begin_cplus(16, 16, RTL_APM, 0);
	unsigned length = make_packet(frame, peer.address, dut.address, &shape);
	sum_packet(frame);
	unsigned missing = get16(frame + transport_sum_offset(frame)); // what must be added for the sum to be 0xFFFF
	uint8_t *word = frame + payload_offset(frame);
	uint32_t changed = get16(word) + missing;
	put16(word, (changed & 0xFFFF) + (changed >> 16));
	put16(frame + transport_sum_offset(frame), 0);
	bool ok = rtl8139cp_send(cplus, frame, length, CP_IPCS | CP_UDPCS, 0) && nic_receive(&peer, came, sizeof came) == length;
	report_equal("checksums: UDP's is never 0", ok ? get16(came + transport_sum_offset(came)) : 0, 0xFFFF);
}

// Packets that do not keep to their own headers are sent as they are (no length in them is believed).
static void check_malformed(void)
{
	static const struct { unsigned at, value; } wrongs[] = {
		{ 14, 0x40 }, { 14, 0x44 }, { 14, 0x4F }, { 14, 0x65 }, { 16, 0 }, { 16, 0xFF }, { 46, 0x00 }, { 46, 0x40 }, { 46, 0xF0 }, { 12, 0x86 },
	};
	struct shape shape = { Tcp, 0, 0, 20, 0 };
	bool ok = begin_cplus(16, 16, RTL_APM, 0);
	for (unsigned i = 0; i < sizeof wrongs / sizeof *wrongs && ok; i++) {
		shape.serial = ++serial;
		unsigned length = make_packet(frame, peer.address, dut.address, &shape);
		frame[wrongs[i].at] = (uint8_t)wrongs[i].value;
		ok = rtl8139cp_send(cplus, frame, length, CP_IPCS | CP_TCPCS, 0) && nic_receive(&peer, came, sizeof came) == length
			 && memcmp(came, frame, 24) == 0;
	}
	struct shape good = { Tcp, 0, 0, 100, ++serial };
	report("checksums: packets with wrong lengths are sent, and then a right one rightly", ok && sent_with(&good, CP_IPCS | CP_TCPCS, 0, true, true));
}

enum verdict { NotIp, IsTcp, IsUdp, IsIp };

static bool received_as(unsigned length, uint32_t protocol, uint32_t failures)
{
	struct rtl8139cp_descriptor *descriptor = NULL;
	if (!nic_send(&peer, frame, length) || !within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL)) {
		return false;
	}
	uint32_t status = descriptor->status;
	rtl8139cp_consume(cplus);
	return CP_PROTOCOL(status) == protocol && (status & (CP_IP_FAILED | CP_UDP_FAILED | CP_TCP_FAILED)) == failures;
}

static void check_receiving(void)
{
	static const char name[] = "checksums: what came is judged, right and wrong, with options and without";
	if (on_qemu()) {
		report_skip(name, "QEMU does not look at what came");
		return;
	}
	bool ok = begin_cplus(16, 16, RTL_APM, RTL_RXCHKSUM);
	for (unsigned i = 0; i < 120 && ok; i++) {
		struct shape shape = { i % 2 == 0 ? Tcp : Udp, i % 3 * 4, i % 5 * 4, i * 11, ++serial };
		uint32_t protocol = shape.protocol == Tcp ? IsTcp : IsUdp, failed = shape.protocol == Tcp ? CP_TCP_FAILED : CP_UDP_FAILED;
		unsigned length = make_packet(frame, dut.address, peer.address, &shape);
		sum_packet(frame);
		ok = received_as(length, protocol, 0);
		frame[payload_offset(frame) - 1] ^= 0x10;
		ok = ok && received_as(length, protocol, failed);
		frame[payload_offset(frame) - 1] ^= 0x10;
		frame[EthernetHeader + 8] ^= 1; // the time to live is in the one and not in the other
		ok = ok && received_as(length, protocol, CP_IP_FAILED);
	}
	struct shape other = { 1, 0, 0, 60, ++serial };
	unsigned length = make_packet(frame, dut.address, peer.address, &other);
	sum_packet(frame);
	ok = ok && received_as(length, IsIp, 0);
	make_frame(frame, dut.address, peer.address, serial, 100);
	ok = ok && received_as(100, NotIp, 0);
	report(name, ok);
}

void check_offload(void)
{
	check_sending("checksums: IP and TCP", (struct shape){ .protocol = Tcp }, CP_TCPCS);
	check_sending("checksums: IP and TCP, both with options", (struct shape){ .protocol = Tcp, .ip_options = 8, .tcp_options = 12 }, CP_TCPCS);
	check_sending("checksums: IP and UDP", (struct shape){ .protocol = Udp }, CP_UDPCS);
	check_sending("checksums: IP and UDP, the longest header", (struct shape){ .protocol = Udp, .ip_options = 40 }, CP_UDPCS);
	check_pieces();
	check_udp_zero();
	check_malformed();
	check_receiving();
}
