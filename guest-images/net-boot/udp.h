// UDP over IPv4 over Ethernet (RFC 768, 791, 826), as much as fetching a file takes: no fragments, no options, one controller.
#pragma once

#include "../drivers/nic.h"

typedef uint32_t ipv4; // in the order of its bytes on the wire

#define IPV4_ANY 0u
#define IPV4_BROADCAST 0xFFFFFFFFu

static inline uint16_t swap16(uint16_t value) { return (uint16_t)(value << 8 | value >> 8); }

enum { UDP_LARGEST = 1472 };

struct udp_host {
	struct nic *nic;
	ipv4 address;               // ours; IPV4_ANY until there is one
	ipv4 peer;                  // whose station address is known
	uint8_t peer_station[NIC_ADDRESS];
	uint16_t identification;
	unsigned damaged;           // frames whose checksums were wrong
};

struct udp_datagram {
	ipv4 source;
	uint16_t source_port;
	unsigned length;
	uint8_t data[UDP_LARGEST];
};

/// Sends to a port; asks for the station's address first if it is not known. False if nobody answers.
bool udp_send(struct udp_host *host, ipv4 destination, uint16_t from_port, uint16_t to_port, const void *data, unsigned length);

/// Waits until a datagram comes to a port, for so many microseconds; answers those who ask for our station's address meanwhile.
bool udp_receive(struct udp_host *host, uint16_t port, uint32_t microseconds, struct udp_datagram *datagram);
