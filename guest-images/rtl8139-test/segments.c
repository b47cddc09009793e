// Large send: one packet of TCP, cut by the device into segments that the peer gets as if they had been sent one by one.
#include "packets.h"

enum { Most = 60000, Piece = 8000 };

static uint8_t whole[Most + 200], segment[FrameRoom];
static bool ends_right; // FIN and PSH are in the last segment alone

static bool handed_over(unsigned length, unsigned mss, uint32_t vlan)
{
	unsigned at = 0;
	do {
		unsigned piece = length - at < Piece ? length - at : Piece;
		uint32_t flags = CP_LARGE_SEND(mss) | (at == 0 ? CP_FS : 0) | (at + piece == length ? CP_LS : 0);
		if (!rtl8139cp_describe(cplus, flags, vlan, whole + at, piece)) {
			return false;
		}
		at += piece;
	} while (at < length);
	rtl8139cp_poll(cplus);
	return true;
}

// Is what came this part of the packet, with all that changes from one segment to the next?
static bool is_segment(unsigned number, unsigned from, unsigned count, bool last)
{
	unsigned transport = transport_offset(whole), headers = payload_offset(whole);
	if (get16(segment + 16) != headers - EthernetHeader + count || get16(segment + 18) != ((get16(whole + 18) + number) & 0xFFFF)) {
		return false;
	}
	ends_right = ends_right && (segment[transport + 13] & (TcpFin | TcpPush)) == (last ? TcpFin | TcpPush : 0);
	return get32(segment + transport + 4) == get32(whole + transport + 4) + from && (segment[transport + 13] & TcpAck) != 0
		   && ip_sum_is_right(segment) && transport_sum_is_right(segment) && memcmp(segment, whole, 16) == 0
		   && memcmp(segment + 26, whole + 26, transport + 4 - 26) == 0 && memcmp(segment + transport + 8, whole + transport + 8, 5) == 0
		   && memcmp(segment + headers, whole + headers + from, count) == 0;
}

static bool sent_in_segments(const struct shape *shape, unsigned mss, uint32_t vlan)
{
	unsigned length = make_packet(whole, peer.address, dut.address, shape), headers = payload_offset(whole), tag = vlan != 0 ? 4 : 0;
	if (!handed_over(length, mss, vlan)) {
		return false;
	}
	for (unsigned from = 0, number = 0; from < shape->payload; from += mss, number++) {
		unsigned count = shape->payload - from < mss ? shape->payload - from : mss, on_wire = headers + count + tag;
		on_wire = on_wire < NIC_SHORTEST_FRAME ? NIC_SHORTEST_FRAME : on_wire;
		if (nic_receive(&peer, segment, sizeof segment) != on_wire) {
			return false;
		}
		if (tag != 0) {
			if (get16(segment + 12) != 0x8100 || get16(segment + 14) != 0x0123) {
				return false;
			}
			memmove(segment + 12, segment + 16, on_wire - 16);
		}
		if (!is_segment(number, from, count, from + count == shape->payload)) {
			return false;
		}
	}
	return within_deadline(rtl8139cp_reclaim(cplus));
}

void check_segments(void)
{
	static const unsigned sizes[] = { 100, 536, 1000, 1200, 1459, 1460 };
	ends_right = true;
	bool ok = begin_cplus(16, 16, RTL_APM, 0), options = true, tags = true;
	drain_peer();
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes && ok; i++) {
		for (unsigned extra = 0; extra < 5 && ok; extra++) {
			struct shape shape = { Tcp, 0, 0, sizes[i] * (2 + extra * extra) + (extra == 0 ? 0 : extra == 1 ? 1 : sizes[i] - extra), i * 10 + extra };
			ok = sent_in_segments(&shape, sizes[i], 0);
		}
	}
	report("large send: segments of six sizes", ok);
	for (unsigned i = 0; i <= 40 && options; i += 4) {
		struct shape shape = { Tcp, i, i, 5000 + i, 0xFFFE };
		options = sent_in_segments(&shape, 1460 - 2 * i, 0);
	}
	report("large send: with options of IP and TCP", options);
	struct shape most = { Tcp, 0, 0, Most, 3 };
	report("large send: sixty thousand bytes", sent_in_segments(&most, 1460, 0));
	for (unsigned i = 0; i < 10 && tags; i++) {
		struct shape shape = { Tcp, 0, 12, 4000 + i * 300, 500 + i };
		tags = sent_in_segments(&shape, 1000 + i, CP_TAGC | 0x2301);
	}
	report("large send: each segment with a tag", tags);
	struct shape small = { Tcp, 0, 0, 500, 9 };
	report("large send: what fits goes in one", sent_in_segments(&small, 1460, 0));
	if (on_qemu()) {
		report_skip("large send: FIN and PSH are in the last segment alone", "QEMU forgets them in the first and has none left for the last");
	} else {
		report("large send: FIN and PSH are in the last segment alone", ends_right);
	}
}
