// What every network controller's driver offers to a guest that does not care which it is.
//
// A driver is for one processor at a time. It polls; a guest that wants interrupts asks the driver itself. Buffers are
// the driver's own, in rings that it sets up when it opens the controller; frames are copied. A frame is from the
// destination's address to the end of the data, without the frame check sequence.
#pragma once

#include "guest.h"

enum { NIC_LONGEST_FRAME = 1514, NIC_SHORTEST_FRAME = 60, NIC_ADDRESS = 6 };

struct nic;

struct nic_driver {
	const char *name;
	uint16_t vendor, device;

	/// True if the function, which has this driver's vendor and device, is one that it drives (by its revision, for one). Null for any.
	bool (*drives)(struct pci_function pci);

	/// Resets the controller, sets up its rings and starts it: it receives its own address and broadcasts. False if it does not answer.
	bool (*open)(struct nic *nic);

	/// Hands a frame over to be sent; returns false if the ring is full, and then the guest tries again.
	bool (*send)(struct nic *nic, const void *frame, unsigned length);

	/// Copies the next frame that came, at most `room` bytes of it, and returns its length; 0 if none has come.
	unsigned (*receive)(struct nic *nic, void *buffer, unsigned room);

	/// True once everything that was handed over has been sent.
	bool (*all_sent)(struct nic *nic);

	bool (*link_up)(struct nic *nic);

	/// Receives everything, or no longer.
	void (*set_promiscuous)(struct nic *nic, bool on);

	/// Resets the controller, which does nothing more.
	void (*close)(struct nic *nic);
};

enum { NIC_PRIVATE = 4096 };

struct nic {
	const struct nic_driver *driver;
	struct pci_function pci;
	uint8_t address[NIC_ADDRESS];

	/// The driver's state and rings; each driver asserts that its own fits.
	uint8_t private[NIC_PRIVATE] __attribute__((aligned(256)));
};

extern const struct nic_driver e1000_driver, eepro100_driver, eepro100_er_driver, rtl8139_driver, rtl8139cp_driver;

/// Finds the `index`-th network controller of the machine, in the order of its place on the bus, that one of these drivers drives.
bool nic_find(const struct nic_driver *const drivers[], unsigned count, unsigned index, struct nic *nic);

/// Finds the `index`-th one and opens it, and waits for its link.
bool nic_open(const struct nic_driver *const drivers[], unsigned count, unsigned index, struct nic *nic);

/// Lets the function decode its windows and be a bus master.
void nic_enable(struct pci_function pci);

/// Sends, waiting while the ring is full; false after a deadline.
bool nic_send(struct nic *nic, const void *frame, unsigned length);

/// Waits for a frame and returns its length; 0 after a deadline.
unsigned nic_receive(struct nic *nic, void *buffer, unsigned room);
