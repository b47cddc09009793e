#include "udp.h"

enum { TypeIp = 0x0800, TypeArp = 0x0806, ProtocolUdp = 17, ArpRequest = 1, ArpReply = 2 };

struct __attribute__((packed)) ethernet { uint8_t destination[NIC_ADDRESS], source[NIC_ADDRESS]; uint16_t type; };

struct __attribute__((packed)) arp {
	struct ethernet ethernet;
	uint16_t hardware, protocol;
	uint8_t hardware_size, protocol_size;
	uint16_t operation;
	uint8_t sender[NIC_ADDRESS];
	ipv4 sender_address;
	uint8_t target[NIC_ADDRESS];
	ipv4 target_address;
};

struct __attribute__((packed)) packet {
	struct ethernet ethernet;
	uint8_t version, service;
	uint16_t length, identification, fragment;
	uint8_t hops, protocol;
	uint16_t checksum;
	ipv4 source, destination;
	uint16_t source_port, destination_port, udp_length, udp_checksum;
	uint8_t data[UDP_LARGEST];
};

enum { IpHeader = 20, UdpHeader = 8 };

static const uint8_t everybody[NIC_ADDRESS] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

static uint32_t sum(const void *data, unsigned length, uint32_t before)
{
	const uint8_t *bytes = data;
	for (unsigned i = 0; i < length; i++) {
		before += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
	}
	return before;
}

static uint16_t fold(uint32_t value)
{
	while (value >> 16 != 0) {
		value = (value & 0xFFFF) + (value >> 16);
	}
	return (uint16_t)value;
}

// Over the addresses, the protocol, the length, the header and the data; 0xFFFF if what is in the packet is right.
static uint16_t udp_sum(const struct packet *packet)
{
	uint16_t length = swap16(packet->udp_length);
	return fold(sum(&packet->source_port, length, sum(&packet->source, 8, ProtocolUdp + length)));
}

static void address_frame(const struct udp_host *host, struct ethernet *frame, const uint8_t *to, uint16_t type)
{
	memcpy(frame->destination, to, NIC_ADDRESS);
	memcpy(frame->source, host->nic->address, NIC_ADDRESS);
	frame->type = swap16(type);
}

static void say_arp(struct udp_host *host, const uint8_t *to, uint16_t operation, ipv4 target)
{
	struct { struct arp arp; uint8_t padding[NIC_SHORTEST_FRAME - sizeof(struct arp)]; } frame;
	memset(&frame, 0, sizeof frame);
	struct arp *arp = &frame.arp;
	address_frame(host, &arp->ethernet, to, TypeArp);
	arp->hardware = swap16(1);
	arp->protocol = swap16(TypeIp);
	arp->hardware_size = NIC_ADDRESS;
	arp->protocol_size = sizeof(ipv4);
	arp->operation = swap16(operation);
	memcpy(arp->sender, host->nic->address, NIC_ADDRESS);
	arp->sender_address = host->address;
	memcpy(arp->target, operation == ArpReply ? to : (const uint8_t[NIC_ADDRESS]){ 0 }, NIC_ADDRESS);
	arp->target_address = target;
	(void)nic_send(host->nic, &frame, sizeof frame);
}

static void hear_arp(struct udp_host *host, const struct arp *arp)
{
	if (arp->hardware != swap16(1) || arp->protocol != swap16(TypeIp)) {
		return;
	}
	if (arp->operation == swap16(ArpReply) && arp->target_address == host->address) {
		host->peer = arp->sender_address;
		memcpy(host->peer_station, arp->sender, NIC_ADDRESS);
	} else if (arp->operation == swap16(ArpRequest) && arp->target_address == host->address && host->address != IPV4_ANY) {
		say_arp(host, arp->sender, ArpReply, arp->sender_address);
	}
}

// What is right in every layer and for this port.
static bool hear_udp(struct udp_host *host, const struct packet *packet, unsigned size, uint16_t port, struct udp_datagram *datagram)
{
	unsigned length = swap16(packet->length), udp_length = swap16(packet->udp_length);
	if (size < offsetof(struct packet, data) || packet->version != 0x45 || packet->protocol != ProtocolUdp ||
	    packet->destination_port != swap16(port)) {
		return false;
	}
	if (length + sizeof(struct ethernet) > size || udp_length < UdpHeader || udp_length + IpHeader != length ||
	    fold(sum(&packet->version, IpHeader, 0)) != 0xFFFF || (packet->udp_checksum != 0 && udp_sum(packet) != 0xFFFF)) {
		host->damaged++;
		return false;
	}
	datagram->source = packet->source;
	datagram->source_port = swap16(packet->source_port);
	datagram->length = udp_length - UdpHeader;
	memcpy(datagram->data, packet->data, datagram->length);
	return true;
}

bool udp_receive(struct udp_host *host, uint16_t port, uint32_t microseconds, struct udp_datagram *datagram)
{
	static union { struct ethernet ethernet; struct arp arp; struct packet packet; } frame;
	uint64_t begin = rdtsc();
	do {
		unsigned size = host->nic->driver->receive(host->nic, &frame, sizeof frame);
		if (size >= sizeof(struct arp) && frame.ethernet.type == swap16(TypeArp)) {
			hear_arp(host, &frame.arp);
		} else if (size != 0 && frame.ethernet.type == swap16(TypeIp) && hear_udp(host, &frame.packet, size, port, datagram)) {
			return true;
		}
	} while (tsc_to_us(rdtsc() - begin) < microseconds);
	return false;
}

static bool find_station(struct udp_host *host, ipv4 address)
{
	static struct udp_datagram nothing;
	for (unsigned i = 0; i < 10 && host->peer != address; i++) {
		say_arp(host, everybody, ArpRequest, address);
		(void)udp_receive(host, 0, 20000, &nothing);
	}
	return host->peer == address;
}

bool udp_send(struct udp_host *host, ipv4 destination, uint16_t from_port, uint16_t to_port, const void *data, unsigned length)
{
	static struct packet packet;
	if (length > UDP_LARGEST || (destination != IPV4_BROADCAST && !find_station(host, destination))) {
		return false;
	}
	memset(&packet, 0, sizeof packet);
	address_frame(host, &packet.ethernet, destination == IPV4_BROADCAST ? everybody : host->peer_station, TypeIp);
	packet.version = 0x45;
	packet.length = swap16((uint16_t)(IpHeader + UdpHeader + length));
	packet.identification = swap16(++host->identification);
	packet.hops = 64;
	packet.protocol = ProtocolUdp;
	packet.source = host->address;
	packet.destination = destination;
	packet.checksum = swap16((uint16_t)~fold(sum(&packet.version, IpHeader, 0)));
	packet.source_port = swap16(from_port);
	packet.destination_port = swap16(to_port);
	packet.udp_length = swap16((uint16_t)(UdpHeader + length));
	memcpy(packet.data, data, length);
	packet.udp_checksum = swap16((uint16_t)~udp_sum(&packet));
	unsigned size = sizeof(struct ethernet) + IpHeader + UdpHeader + length;
	return nic_send(host->nic, &packet, size < NIC_SHORTEST_FRAME ? NIC_SHORTEST_FRAME : size);
}
