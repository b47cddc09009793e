// A driver for the RTL8139C+ in its own mode (RTL8139C+ data sheet): rings of descriptors, and work taken off the processor.
//
// It shows what a driver owes this device: a write barrier between a descriptor's body and OWN, and between OWN and TPPoll;
// a read barrier between an OWN that is clear and what it hands back; everything read before OWN is given again.
#pragma once

#include "rtl8139.h"

enum rtl8139cp_register {
	RTL_DTCCR = 0x10, RTL_TNPDS = 0x20, RTL_THPDS = 0x28, RTL_TPPOLL = 0xD9, RTL_CPCR = 0xE0, RTL_RDSAR = 0xE4, RTL_MTPS = 0xEC,
};

enum rtl8139cp_poll { RTL_NPQ = 1 << 6, RTL_HPQ = 1 << 7 };                                       // TPPoll: the ring of normal, of high priority
enum rtl8139cp_command { RTL_CPTX = 1, RTL_CPRX = 2, RTL_MULRW = 1 << 3, RTL_RXCHKSUM = 1 << 5, RTL_RXVLAN = 1 << 6 }; // CPCR
enum { RTL_DUMP = 1 << 3 };                                                                       // DTCCR: write the counters, until it is 0

// The first word of a descriptor; OWN is the device's.
#define CP_OWN (1u << 31)
#define CP_EOR (1u << 30) // the ring ends here
#define CP_FS (1u << 29)
#define CP_LS (1u << 28)

#define CP_LARGE_SEND(mss) (1u << 27 | (uint32_t)(mss) << 16) // of transmission, instead of the three
#define CP_IPCS (1u << 18)
#define CP_UDPCS (1u << 17)
#define CP_TCPCS (1u << 16)
#define CP_TAGC (1u << 17) // in the second word: a tag is to be put in

#define CP_MULTICAST (1u << 26) // of reception
#define CP_PHYSICAL (1u << 25)
#define CP_BROADCAST (1u << 24)
#define CP_RX_RES (1u << 20) // any of the errors below
#define CP_RX_RUNT (1u << 19)
#define CP_RX_CRC (1u << 18)
#define CP_PROTOCOL(status) ((status) >> 16 & 3) // 0 none that it knows, 1 TCP, 2 UDP, 3 IP alone
#define CP_IP_FAILED (1u << 15)
#define CP_UDP_FAILED (1u << 14)
#define CP_TCP_FAILED (1u << 13)
#define CP_RX_SIZE 0x1FFFu
#define CP_TAVA (1u << 16) // in the second word: a tag was taken out

struct rtl8139cp_descriptor {
	uint32_t status, vlan; // vlan: the tag's bytes as they are on the wire, in the lower half
	uint64_t buffer;
};

struct rtl8139_counters { // what DTCCR writes; aligned to 64
	uint64_t transmitted, received, transmit_errors;
	uint32_t receive_errors;
	uint16_t missed, alignment_errors;
	uint32_t one_collision, more_collisions;
	uint64_t physical, broadcast;
	uint32_t multicast;
	uint16_t aborted, underruns;
} __attribute__((aligned(64)));

enum { RTL8139CP_RING = 64, RTL8139CP_ROOM = 2048 };

/// Rings and buffers, aligned to 256.
struct rtl8139cp_memory {
	struct rtl8139cp_descriptor receive[RTL8139CP_RING], transmit[RTL8139CP_RING];
	uint8_t receive_buffers[RTL8139CP_RING][RTL8139CP_ROOM], transmit_buffers[RTL8139CP_RING][RTL8139CP_ROOM];
} __attribute__((aligned(256)));

/// The driver's state: the registers of the old mode, and where it stands in each ring.
struct rtl8139cp {
	struct rtl8139 common;
	struct rtl8139cp_memory *memory;
	unsigned receive_entries, transmit_entries;
	uint32_t taken;        // descriptors of reception taken back and given again
	uint32_t handed, done; // of transmission: handed over, and given back
};

/// Starts a controller that was just reset with rings of so many descriptors (up to RTL8139CP_RING), and these bits of RCR and CPCR.
void rtl8139cp_start(struct rtl8139cp *device, unsigned receive_entries, unsigned transmit_entries, uint32_t accept, uint16_t command);

/// Hands one descriptor over without telling the device: flags beside OWN and EOR, the tag's word, and the buffer. False if the ring is full.
bool rtl8139cp_describe(struct rtl8139cp *device, uint32_t flags, uint32_t vlan, const void *buffer, unsigned length);

/// Tells the device to look.
void rtl8139cp_poll(const struct rtl8139cp *device);

/// Hands a frame over in the driver's own buffer, with flags beside FS and LS, and tells the device; false if the ring is full.
bool rtl8139cp_send(struct rtl8139cp *device, const void *frame, unsigned length, uint32_t flags, uint32_t vlan);

/// Takes back the descriptors that have been done with. True if there are none left.
bool rtl8139cp_reclaim(struct rtl8139cp *device);

/// The next descriptor of reception if it has been handed back, or null. Everything of the frame is visible.
struct rtl8139cp_descriptor *rtl8139cp_peek(struct rtl8139cp *device);

/// Gives the descriptor that peek returned to the device again.
void rtl8139cp_consume(struct rtl8139cp *device);

/// As the driver's receive().
unsigned rtl8139cp_receive(struct rtl8139cp *device, void *buffer, unsigned room);

/// Has the counters written, and waits; false if they never are.
bool rtl8139cp_dump(const struct rtl8139cp *device, struct rtl8139_counters *counters);
