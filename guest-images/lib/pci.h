// PCI configuration space through 0xCF8 and 0xCFC (PCI Local Bus 3.0, 3.2.2.3.2).
#pragma once

#include "x86.h"

#define PCI_ADDRESS 0xCF8
#define PCI_DATA 0xCFC

struct pci_function { uint8_t bus, device, function; };

uint32_t pci_read(struct pci_function f, uint8_t offset);
uint16_t pci_read16(struct pci_function f, uint8_t offset);
uint8_t pci_read8(struct pci_function f, uint8_t offset);
void pci_write(struct pci_function f, uint8_t offset, uint32_t value);
void pci_write16(struct pci_function f, uint8_t offset, uint16_t value);
void pci_write8(struct pci_function f, uint8_t offset, uint8_t value);

/// Calls `visit` for each function of bus 0 and of the buses behind its bridges, until it returns false.
void pci_scan(bool (*visit)(struct pci_function f, void *context), void *context);

/// Finds the `index`-th function with this vendor and device.
bool pci_find(uint16_t vendor, uint16_t device, unsigned index, struct pci_function *found);

struct pci_bar {
	bool present, io, wide, prefetchable;
	uint64_t address, size;
};

/// Reads and sizes BAR `index` (0..5). Decoding is off meanwhile. A 64-bit BAR uses the next index too.
struct pci_bar pci_bar_read(struct pci_function f, unsigned index);

/// The name of a class code (the upper 16 bits: class and subclass), or "unknown".
const char *pci_class_name(uint16_t class_code);
