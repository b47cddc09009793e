// TCP segmentation (3.5): one header and much payload go in, frames come out.
#include "parts.h"

enum { Fin = 1, Psh = 8, Ack = 16 };

struct segmented { struct packet packet; unsigned segment, header_part, part; bool tagged; }; // header_part: of the first descriptor

static void put_context(const struct segmented *s, unsigned header)
{
	unsigned transport = transport_at(&s->packet);
	union e1000_transmit_descriptor context = {
		.context = {
			.ipcss = HeaderSize,
			.ipcso = HeaderSize + 10,
			.ipcse = (uint16_t)(transport - 1),
			.tucss = (uint8_t)transport,
			.tucso = (uint8_t)(transport + 16),
			.length_command = s->packet.payload | E1000_TXD_COMMAND(E1000_TXD_DEXT | E1000_TXD_TSE | E1000_TXD_TCP | (s->packet.six ? 0 : E1000_TXD_IP)),
			.header = (uint8_t)header,
			.mss = (uint16_t)s->segment,
		},
	};
	e1000_put(&device.nic, context);
}

static void put_data(const struct segmented *s, const void *buffer, unsigned length, bool last)
{
	unsigned command = E1000_TXD_DEXT | E1000_TXD_IFCS | E1000_TXD_TSE | (last ? E1000_TXD_EOP | E1000_TXD_RS : 0) | (s->tagged ? E1000_TXD_VLE : 0);
	union e1000_transmit_descriptor data = {
		.data = {
			.buffer = (uintptr_t)buffer,
			.length_command = length | E1000_TXD_DATA | E1000_TXD_COMMAND(command),
			.options = (uint8_t)(E1000_TXD_TXSM | (s->packet.six ? 0 : E1000_TXD_IXSM)),
			.special = 0x2345,
		},
	};
	e1000_put(&device.nic, data);
}

// The header that a driver hands over has no lengths, and the pseudo header's sum without one (3.5.6).
static unsigned make_prototype(uint8_t *frame, const struct segmented *s, uint32_t seed)
{
	unsigned length = make_packet(frame, &s->packet, seed), transport = transport_at(&s->packet);
	frame[transport + 13] = Fin | Psh | Ack;
	put16(frame + HeaderSize + (s->packet.six ? 4 : 2), 0);
	if (!s->packet.six) {
		put16(frame + HeaderSize + 10, 0);
	}
	put16(frame + transport + 16, pseudo_sum(frame, &s->packet, 0));
	return length;
}

static bool check_one(const struct segmented *s, const uint8_t *prototype, unsigned index, unsigned offset, unsigned count)
{
	if (!receive_frame(&peer)) {
		return false;
	}
	uint8_t *frame = arrival.frame;
	if (s->tagged) {
		if (get16(frame + 12) != 0x8100 || get16(frame + 14) != 0x2345) {
			return false;
		}
		memmove(frame + 4, frame, 12);
		frame += 4;
		arrival.length -= 4;
	}
	unsigned transport = transport_at(&s->packet), header = payload_at(&s->packet);
	bool last = offset + count == s->packet.payload;
	const uint8_t *ip = frame + HeaderSize, *tcp = frame + transport;
	unsigned length = s->packet.six ? get16(ip + 4) + Ip6 : get16(ip + 2);
	unsigned shortest = s->tagged ? NIC_SHORTEST_FRAME - 4 : NIC_SHORTEST_FRAME;
	return arrival.length == (header + count < shortest ? shortest : header + count) && length == header + count - HeaderSize
		   && memcmp(frame, prototype, HeaderSize) == 0
		   && (s->packet.six || get16(ip + 4) == (uint16_t)(get16(prototype + HeaderSize + 4) + index))
		   && get32(tcp + 4) == get32(prototype + transport + 4) + offset && tcp[13] == (last ? Fin | Psh | Ack : Ack)
		   && memcmp(frame + header, prototype + header + offset, count) == 0 && sums_are_right(frame, &s->packet, header + count);
}

static bool segment(const struct segmented *s, uint32_t seed)
{
	unsigned length = make_prototype(scratch, s, seed), header = payload_at(&s->packet);
	put_context(s, header);
	unsigned at = 0, part = s->header_part;
	while (at < length) {
		unsigned count = length - at < part ? length - at : part;
		put_data(s, scratch + at, count, at + count == length);
		at += count;
		part = s->part;
	}
	bool ok = send_and_wait(&device);
	for (unsigned offset = 0, index = 0; offset < s->packet.payload && ok; offset += s->segment, index++) {
		unsigned left = s->packet.payload - offset;
		ok = check_one(s, scratch, index, offset, left < s->segment ? left : s->segment);
	}
	return ok;
}

// QEMU counts the header of IPv6 into its payload's length (RFC 8200, 3).
static void check_sizes(bool six, const char *name)
{
	if (six && left_out_by_qemu(name, "that the length in an IPv6 header is without it")) {
		return;
	}
	static const unsigned payloads[] = { 1, 100, 999, 1001, 1999, 2001, 5004, 12345, 16001 };
	bool ok = true;
	for (unsigned i = 0; i < sizeof payloads / sizeof *payloads && ok; i++) {
		unsigned header = HeaderSize + (six ? Ip6 : Ip4) + TcpSize;
		struct segmented s = { { six, Tcp, payloads[i] }, 1000, header, 4096, false };
		ok = segment(&s, i + 1);
	}
	report(name, ok);
}

// A payload of whole segments ends with the last of them; QEMU sends one more, with nothing behind its header.
static void check_whole(void)
{
	static const char name[] = "segmentation: as many as the payload fills";
	if (left_out_by_qemu(name, "the end of a payload that is there when a segment is")) {
		return;
	}
	bool ok = true;
	for (unsigned count = 1; count < 12 && ok; count++) {
		struct segmented s = { { count % 2 != 0, Tcp, count * 800 }, 800, 54 + count % 2 * 20, 4096, false };
		ok = segment(&s, count);
		make_frame(scratch, peer.nic.address, device.nic.address, 99, count);
		ok = ok && send_frame(&device, scratch, 99) && peer_receives(scratch, 99);
	}
	report(name, ok);
}

static void check_splits(void)
{
	bool ok = true, together = true, small = true;
	for (unsigned part = 101; part < 1500 && ok; part += 97) {
		struct segmented s = { { false, Tcp, 2900 }, 536, 54, part, false };
		ok = segment(&s, part);
	}
	report("segmentation: payload in parts of any size", ok);
	for (unsigned first = 54; first < 1200 && together; first += 61) {
		struct segmented s = { { false, Tcp, 2000 }, 536, first, 1000, false };
		together = segment(&s, first);
	}
	report("segmentation: the header's descriptor has payload too", together);
	for (unsigned first = 14; first < 54 && small; first += 5) {
		struct segmented s = { { false, Tcp, 2000 }, 536, first, 700, false };
		small = segment(&s, first);
	}
	report("segmentation: the header in two descriptors", small);
}

static void check_many(void)
{
	struct segmented s = { { false, Tcp, 24000 }, 536, 54, 8000, false };
	report("segmentation: 45 frames of one header", segment(&s, 9));

	bool ok = true;
	for (unsigned i = 0; i < 10 && ok; i++) {
		bool six = i % 2 != 0 && !is_tcg();
		struct segmented next = { { six, Tcp, 3000 + i }, 1460 - i, six ? 74 : 54, 4096, false };
		ok = segment(&next, i);
		make_frame(scratch, peer.nic.address, device.nic.address, 99, i);
		ok = ok && send_frame(&device, scratch, 99) && peer_receives(scratch, 99);
	}
	report("segmentation: again and again, other frames in between", ok);

	e1000_write(&device.nic, E1000_CTRL, e1000_read(&device.nic, E1000_CTRL) | E1000_CTRL_VME);
	struct segmented tagged = { { false, Tcp, 3100 }, 1000, 54, 4096, true };
	report("segmentation: each with a VLAN tag", segment(&tagged, 4));
	e1000_write(&device.nic, E1000_CTRL, e1000_read(&device.nic, E1000_CTRL) & ~(uint32_t)E1000_CTRL_VME);
}

void check_segmentation(void)
{
	begin(0);
	check_sizes(false, "segmentation: behind IPv4");
	check_sizes(true, "segmentation: behind IPv6");
	check_whole();
	check_splits();
	check_many();
}
