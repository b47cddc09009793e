// IPv4 packets in frames, and their checksums computed here (RFC 791, 768, 793, 1071).
#pragma once

#include "parts.h"

enum { Tcp = 6, Udp = 17, EthernetHeader = 14, TcpFin = 1, TcpPush = 8, TcpAck = 16 };

/// What a packet is to be like. Options are in bytes, a multiple of 4.
struct shape { uint8_t protocol; unsigned ip_options, tcp_options, payload; uint32_t serial; };

/// Makes it in a frame, with checksums of 0, and returns the frame's length.
unsigned make_packet(uint8_t *to, const uint8_t *destination, const uint8_t *source, const struct shape *shape);

/// Puts the right checksums in.
void sum_packet(uint8_t *bytes);

bool ip_sum_is_right(const uint8_t *bytes);
bool transport_sum_is_right(const uint8_t *bytes);

unsigned get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void put16(uint8_t *at, unsigned value);
void put32(uint8_t *at, uint32_t value);

/// Where things are in a frame.
unsigned ip_header_length(const uint8_t *bytes);
unsigned transport_offset(const uint8_t *bytes);
unsigned payload_offset(const uint8_t *bytes);

/// Where the checksum of TCP or UDP is.
unsigned transport_sum_offset(const uint8_t *bytes);
