// A driver for the 82540EM, Intel's gigabit Ethernet controller, which QEMU calls e1000 (8254x software developer's manual).
//
// e1000_driver is it as every guest may use it (nic.h). What else is here is for guests that look closer: they bring rings and
// buffers of their own, and put each descriptor themselves. Three rules keep a driver and the controller in order, and each is kept
// in one place here:
//
//   e1000.tail-before-descriptor  a write barrier between descriptors and the tail that hands them over  e1000_send, e1000_offer
//   e1000.rx.body-before-dd       a read barrier between DD and what it says is there                    e1000_came
//   e1000.tx.read-before-dd       nothing is stored to a buffer before DD says that it has been read     e1000_is_sent
#pragma once

#include "e1000_registers.h"
#include "nic.h"

struct e1000 {
	struct pci_function pci;
	volatile uint32_t *registers;
	uint8_t address[NIC_ADDRESS];

	/// `next` is the descriptor to fill next, which is what the tail register gets. One always stays unused: a ring whose tail
	/// is its head is empty, not full. Counts are multiples of 8 (RDLEN and TDLEN, of 128 bytes).
	struct { union e1000_transmit_descriptor *descriptors; unsigned count, next; } transmit;

	/// `oldest` is the descriptor that the next frame comes in.
	struct { struct e1000_receive_descriptor *descriptors; unsigned count, next, oldest; } receive;
};

/// Opens the `index`-th one: finds its registers, resets it, reads its address. It neither sends nor receives yet. False if there
/// is none, or its EEPROM is not what the manual says.
bool e1000_open(unsigned index, struct e1000 *nic);

/// Opens the one that this function is.
bool e1000_open_function(struct pci_function pci, struct e1000 *nic);

uint32_t e1000_read(const struct e1000 *nic, unsigned offset);
void e1000_write(const struct e1000 *nic, unsigned offset, uint32_t value);

/// Waits until what was written to registers has been done: a read pushes writes before it.
void e1000_flush(const struct e1000 *nic);

/// Resets it: interrupts off, neither sending nor receiving, its own address as the only filter, statistics at zero. Its rings are forgotten.
void e1000_reset(struct e1000 *nic);

/// A word of the EEPROM, by EERD; or by the EEPROM's own pins, which EECD shows.
uint16_t e1000_eeprom_word(const struct e1000 *nic, unsigned index);
uint16_t e1000_eeprom_word_by_pins(const struct e1000 *nic, unsigned index);

/// Reads or writes a register of a PHY, by MDIC; false if it does not answer. The controller's own is number 1.
bool e1000_phy_access(const struct e1000 *nic, unsigned phy, unsigned index, bool write, uint16_t *value);
uint16_t e1000_phy_read(const struct e1000 *nic, unsigned index);
void e1000_phy_write(const struct e1000 *nic, unsigned index, uint16_t value);

bool e1000_link_up(const struct e1000 *nic);

/// The filter for one address: `index` 0 to 15; null for none.
void e1000_set_address(const struct e1000 *nic, unsigned index, const uint8_t *address);

/// Gives it rings, which are empty. They are on boundaries of 16 bytes. Only while it neither sends nor receives.
void e1000_use_rings(struct e1000 *nic, union e1000_transmit_descriptor *transmit, unsigned transmit_count,
					 struct e1000_receive_descriptor *receive, unsigned receive_count);

/// Sends from now on, full duplex, and receives with `receive_control`, of enum e1000_receive_control, besides EN and SECRC.
void e1000_start(struct e1000 *nic, uint32_t receive_control);

/// Puts a descriptor into the transmit ring and returns its place. The controller does not know of it before e1000_send.
unsigned e1000_put(struct e1000 *nic, union e1000_transmit_descriptor descriptor);

/// Puts a legacy descriptor: a part of a frame, or with EOP the last one.
unsigned e1000_put_legacy(struct e1000 *nic, const void *buffer, unsigned length, uint8_t command);

/// Hands over what was put.
void e1000_send(struct e1000 *nic);

/// True once the descriptor at this place, which had RS, has been done. Its buffer, and those before it, may be stored to then.
bool e1000_is_sent(const struct e1000 *nic, unsigned place);

/// Puts a buffer into the receive ring. The controller does not know of it before e1000_offer.
void e1000_put_buffer(struct e1000 *nic, const void *buffer);

/// Hands over what was put.
void e1000_offer(struct e1000 *nic);

/// The oldest descriptor of the receive ring if its frame, or part of one, has come, and all that it says is there; or null. It stays until e1000_take.
const struct e1000_receive_descriptor *e1000_came(const struct e1000 *nic);
void e1000_take(struct e1000 *nic);

/// Reads why it interrupts, which takes the causes back. Everything that it wrote before is visible then.
uint32_t e1000_causes(const struct e1000 *nic);
