// What the parts of this guest share: two controllers on one wire, and frames to send between them.
#pragma once

#include "../drivers/e1000.h"

enum { RingMax = 64, BufferMax = 16384, Poison = 0xA5, HeaderSize = 14 };

/// A controller with rings and buffers. Buffer i is that of receive descriptor i.
struct station {
	struct e1000 nic;
	unsigned buffer_size;
	union e1000_transmit_descriptor transmit[RingMax] __attribute__((aligned(128)));
	struct e1000_receive_descriptor receive[RingMax] __attribute__((aligned(128)));
	uint8_t buffers[RingMax][BufferMax];
};

/// `device` is looked at; `peer` takes everything that is on the wire, in frames up to 16 KiB.
extern struct station device, peer;

/// RCTL's bits for a size of receive buffers, 256 to 16384 in powers of two.
uint32_t buffer_size_bits(unsigned size);

/// Resets it, gives it rings of `count` descriptors and buffers of that size, all but one of them offered, and starts it.
void station_begin(struct station *station, unsigned count, unsigned buffer_size, uint32_t receive_control);

/// The usual: rings of 32, buffers of 2048, its own address and broadcast. What was on the wire is gone.
void begin(uint32_t receive_control);

/// A frame that came, put together from its descriptors; status, errors, special and checksum are the last one's.
struct arrival {
	unsigned length, parts;
	bool well_formed; // each part but the last filled its buffer, and had neither EOP nor errors
	uint8_t status, errors;
	uint16_t special, checksum;
	uint8_t frame[2 * BufferMax];
};
extern struct arrival arrival;

/// Waits for the next frame and gives its buffers back; false after a deadline.
bool receive_frame(struct station *station);

/// True if there is a frame to receive now.
bool has_frame(const struct station *station);

/// Sends a frame by one legacy descriptor and waits until it is sent.
bool send_frame(struct station *station, const void *frame, unsigned length);

/// Sends what has been put, and waits until the last of it is sent.
bool send_and_wait(struct station *station);

/// A frame for local experiments, with a pattern from `seed` on behind its header. Returns the length.
unsigned make_frame(uint8_t *frame, const uint8_t *to, const uint8_t *from, unsigned length, uint32_t seed);

/// Bytes that differ from their neighbours.
void fill_pattern(void *at, unsigned count, uint32_t seed);

/// True if the peer receives just this frame next.
bool peer_receives(const void *frame, unsigned length);

/// What became of a frame that the peer sent, as told by one for the device's own address behind it.
enum fate { Came, Filtered, Lost };
enum fate fate_of(const void *frame, unsigned length);

/// The sum of 16-bit words in network order, folded (RFC 1071), added to `sum`; 0xFFFF over what includes its own checksum.
uint16_t internet_sum(const void *data, unsigned count, uint32_t sum);

void put16(void *at, uint16_t value);
void put32(void *at, uint32_t value);
uint16_t get16(const void *at);
uint32_t get32(const void *at);

extern uint8_t scratch[4 * BufferMax], scratch2[4 * BufferMax];
extern const uint8_t broadcast[NIC_ADDRESS];

/// True on QEMU's translator, whose model of this controller leaves out some of what the manual has.
bool is_tcg(void);

/// report_skip with that reason, if so.
bool left_out_by_qemu(const char *name, const char *what);

void check_identity(void);
void check_transmit(void);
void check_offloads(void);
void check_segmentation(void);
void check_receive(void);
void check_received_checksums(void);
void check_filters(void);
void check_vlans(void);
void check_interrupts(void);
void check_timers(void);
void check_statistics(void);
void check_link(void);
void check_resets(void);

/// Internet packets, for what sums them up.
enum { Ip4 = 20, Ip6 = 40, TcpSize = 20, UdpSize = 8, Tcp = 6, Udp = 17 };
struct packet { bool six; uint8_t protocol; unsigned payload; };

/// Makes one in an Ethernet frame, with all checksums right, and returns its length. `transport_at` is where TCP or UDP begins.
unsigned make_packet(uint8_t *frame, const struct packet *packet, uint32_t seed);
unsigned transport_at(const struct packet *packet);
unsigned payload_at(const struct packet *packet);

/// The sum of the pseudo header, with or without the length that is in it.
uint16_t pseudo_sum(const uint8_t *frame, const struct packet *packet, unsigned transport_length);

/// True if each checksum in such a frame of this length is right.
bool sums_are_right(const uint8_t *frame, const struct packet *packet, unsigned length);
