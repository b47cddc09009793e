// What the parts of this guest share: the controller that is checked, the one at the other end of the wire, frames.
#pragma once

#include "../drivers/rtl8139cp.h"

enum { FrameRoom = 2048, Types = 0x88B5 }; // local experimental (IEEE 802)

/// The one that is checked; `device` is its registers and its old mode, `cplus` is C+ mode or null if the guest is to use the old one.
extern struct nic dut, peer;
extern struct rtl8139 *device;
extern struct rtl8139cp *cplus;

/// Room for the largest receive ring there is.
extern uint8_t ring[RTL8139_RING_MOST + RTL8139_RING_TAIL];
extern uint8_t frame[FrameRoom], came[FrameRoom];

/// True on QEMU, whose model lacks some of what the data sheet has: such checks are skipped there, and say why.
bool on_qemu(void);

/// Resets the controller and starts it in the old mode, with its own ring of 8 KiB << `log2_of_8k`.
bool begin_classic(unsigned log2_of_8k, uint32_t accept);

/// Resets the controller and starts it in C+ mode.
bool begin_cplus(unsigned receive_entries, unsigned transmit_entries, uint32_t accept, uint16_t command);

/// Either, as the guest was told, with its own address and broadcasts let in.
bool begin(void);

/// A frame of that length, from its addresses to its last byte; each serial number gives another.
void make_frame(uint8_t *to, const uint8_t *destination, const uint8_t *source, uint32_t serial, unsigned length);
bool is_frame(const uint8_t *bytes, const uint8_t *destination, const uint8_t *source, uint32_t serial, unsigned length);

/// The peer sends such a frame to an address, or to the checked one if null.
bool peer_sends(const uint8_t *destination, uint32_t serial, unsigned length);

/// The next frame that the peer gets is this one, from the checked one.
bool peer_gets(uint32_t serial, unsigned length);

/// The checked one sends such a frame to the peer, in the mode that it is in.
bool dut_sends(uint32_t serial, unsigned length);

/// The next frame that the checked one gets is this one, whole, with its CRC. In either mode.
bool dut_gets(const uint8_t *destination, uint32_t serial, unsigned length);

/// Throws away what the peer has got.
void drain_peer(void);

/// The frame check sequence, in the order of bytes in which it is stored.
uint32_t crc32(const uint8_t *bytes, unsigned length);

/// The bit of MAR that lets an address in.
unsigned multicast_bit(const uint8_t *address);

extern const uint8_t broadcast[NIC_ADDRESS];

// The parts.
void check_registers(void);
void check_eeprom(void);
void check_filters(void);
void check_receive_ring(void);
void check_transmit_buffers(void);
void check_cplus(void);
void check_offload(void);
void check_segments(void);
void check_interrupts(void);
void check_resets(void);
