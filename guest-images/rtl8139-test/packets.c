// IPv4 packets in frames, and their checksums computed here.
#include "packets.h"

enum { IpSum = 24, IpLength = 16, IpProtocol = 23, IpSource = 26 };

unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }
uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }

void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xFFFF);
}

unsigned ip_header_length(const uint8_t *bytes) { return (bytes[EthernetHeader] & 15) * 4u; }
unsigned transport_offset(const uint8_t *bytes) { return EthernetHeader + ip_header_length(bytes); }

unsigned payload_offset(const uint8_t *bytes)
{
	unsigned at = transport_offset(bytes);
	return bytes[IpProtocol] == Tcp ? at + (bytes[at + 12] >> 4) * 4u : at + 8;
}

unsigned transport_sum_offset(const uint8_t *bytes)
{
	return transport_offset(bytes) + (bytes[IpProtocol] == Tcp ? 16 : 6);
}

static uint32_t sum(const uint8_t *bytes, unsigned count)
{
	uint32_t total = 0;
	for (; count > 1; bytes += 2, count -= 2) {
		total += get16(bytes);
	}
	return total + (count != 0 ? (uint32_t)bytes[0] << 8 : 0);
}

static unsigned fold(uint32_t total)
{
	while (total >> 16 != 0) {
		total = (total & 0xFFFF) + (total >> 16);
	}
	return total;
}

// Over the pseudo header, the header and what it carries.
static unsigned transport_sum(const uint8_t *bytes)
{
	unsigned at = transport_offset(bytes), length = get16(bytes + IpLength) - ip_header_length(bytes);
	return fold(sum(bytes + IpSource, 8) + bytes[IpProtocol] + length + sum(bytes + at, length));
}

bool ip_sum_is_right(const uint8_t *bytes)
{
	return fold(sum(bytes + EthernetHeader, ip_header_length(bytes))) == 0xFFFF;
}

bool transport_sum_is_right(const uint8_t *bytes)
{
	return transport_sum(bytes) == 0xFFFF && get16(bytes + transport_sum_offset(bytes)) != 0;
}

void sum_packet(uint8_t *bytes)
{
	put16(bytes + IpSum, 0);
	put16(bytes + IpSum, ~fold(sum(bytes + EthernetHeader, ip_header_length(bytes))));
	uint8_t *at = bytes + transport_sum_offset(bytes);
	put16(at, 0);
	unsigned value = ~transport_sum(bytes) & 0xFFFF;
	put16(at, value != 0 ? value : 0xFFFF);
}

unsigned make_packet(uint8_t *to, const uint8_t *destination, const uint8_t *source, const struct shape *shape)
{
	unsigned ip_header = 20 + shape->ip_options, header = shape->protocol == Tcp ? 20 + shape->tcp_options : 8;
	unsigned length = EthernetHeader + ip_header + header + shape->payload;
	memset(to, 0, length < NIC_SHORTEST_FRAME ? NIC_SHORTEST_FRAME : length);
	memcpy(to, destination, NIC_ADDRESS);
	memcpy(to + 6, source, NIC_ADDRESS);
	put16(to + 12, 0x0800);
	uint8_t *ip = to + EthernetHeader, *transport = ip + ip_header, *payload = transport + header;
	ip[0] = (uint8_t)(0x40 | ip_header / 4);
	put16(ip + 2, ip_header + header + shape->payload);
	put16(ip + 4, shape->serial);
	ip[8] = 64;
	ip[9] = shape->protocol;
	put32(ip + 12, 0x0A000001);
	put32(ip + 16, 0x0A000002);
	memset(ip + 20, 1, shape->ip_options); // no operation
	put16(transport, 1024 + shape->serial % 50000);
	put16(transport + 2, 7);
	if (shape->protocol == Tcp) {
		put32(transport + 4, shape->serial * 0x01234567);
		transport[12] = (uint8_t)(header / 4 << 4);
		transport[13] = TcpAck | TcpPush | TcpFin;
		put16(transport + 14, 8192);
		memset(transport + 20, 1, shape->tcp_options);
	} else {
		put16(transport + 4, header + shape->payload);
	}
	for (unsigned i = 0; i < shape->payload; i++) {
		payload[i] = (uint8_t)(shape->serial * 31 + i * 7 + (i >> 8));
	}
	return length;
}
