// Internet packets, and their sums, which are computed here and nowhere else.
#include "parts.h"

uint16_t internet_sum(const void *data, unsigned count, uint32_t sum)
{
	const uint8_t *bytes = data;
	for (unsigned i = 0; i < count; i++) {
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	}
	while (sum >> 16 != 0) {
		sum = (sum & 0xFFFF) + (sum >> 16);
	}
	return (uint16_t)sum;
}

unsigned transport_at(const struct packet *packet)
{
	return HeaderSize + (packet->six ? Ip6 : Ip4);
}

unsigned payload_at(const struct packet *packet)
{
	return transport_at(packet) + (packet->protocol == Tcp ? TcpSize : UdpSize);
}

static unsigned sum_at(const struct packet *packet)
{
	return transport_at(packet) + (packet->protocol == Tcp ? 16 : 6);
}

uint16_t pseudo_sum(const uint8_t *frame, const struct packet *packet, unsigned transport_length)
{
	const uint8_t *addresses = frame + HeaderSize + (packet->six ? 8 : 12);
	return internet_sum(addresses, packet->six ? 32 : 8, packet->protocol + transport_length);
}

unsigned make_packet(uint8_t *frame, const struct packet *packet, uint32_t seed)
{
	unsigned transport = transport_at(packet), payload = payload_at(packet), length = payload + packet->payload;
	uint8_t *ip = frame + HeaderSize, *header = frame + transport;
	memset(frame, 0, payload);
	memcpy(frame, peer.nic.address, NIC_ADDRESS);
	memcpy(frame + NIC_ADDRESS, device.nic.address, NIC_ADDRESS);
	put16(frame + 12, packet->six ? 0x86DD : 0x0800);
	if (packet->six) {
		ip[0] = 0x60;
		put16(ip + 4, (uint16_t)(length - transport));
		ip[6] = packet->protocol;
		ip[7] = 64;
		fill_pattern(ip + 8, 32, seed + 7);
		ip[8] = ip[24] = 0xFE; // not multicast
	} else {
		ip[0] = 0x45;
		put16(ip + 2, (uint16_t)(length - HeaderSize));
		put16(ip + 4, (uint16_t)(seed * 257));
		ip[8] = 64;
		ip[9] = packet->protocol;
		put32(ip + 12, 0x0A000001 + (seed & 0xFF) * 256);
		put32(ip + 16, 0x0A000002);
		put16(ip + 10, (uint16_t)~internet_sum(ip, Ip4, 0));
	}
	put16(header, (uint16_t)(1024 + seed));
	put16(header + 2, 80);
	if (packet->protocol == Tcp) {
		put32(header + 4, seed * 0x01010101);
		put32(header + 8, seed + 5);
		header[12] = TcpSize / 4 << 4;
		header[13] = 0x18; // PSH, ACK
		put16(header + 14, 0x2000);
	} else {
		put16(header + 4, (uint16_t)(length - transport));
	}
	fill_pattern(frame + payload, packet->payload, seed);
	uint16_t sum = (uint16_t)~internet_sum(header, length - transport, pseudo_sum(frame, packet, length - transport));
	put16(frame + sum_at(packet), sum == 0 ? 0xFFFF : sum); // a UDP sum of 0 says that there is none (RFC 768)
	return length;
}

bool sums_are_right(const uint8_t *frame, const struct packet *packet, unsigned length)
{
	unsigned transport = transport_at(packet);
	return (packet->six || internet_sum(frame + HeaderSize, Ip4, 0) == 0xFFFF)
		   && internet_sum(frame + transport, length - transport, pseudo_sum(frame, packet, length - transport)) == 0xFFFF;
}
