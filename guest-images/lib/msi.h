// MSI-X: messages of a function, one by one (PCI Local Bus 3.0, 6.8.2).
#pragma once

#include "pci.h"

/// The offset of the capability with this ID, or 0.
uint8_t pci_capability(struct pci_function f, uint8_t id);

#define PCI_CAPABILITY_MSI 0x05
#define PCI_CAPABILITY_MSIX 0x11

struct msix {
	struct pci_function pci;
	uint8_t capability;
	unsigned vectors;
	volatile uint32_t *table, *pending;
};

/// Finds capability, table and pending bits. False if the function has none.
bool msix_open(struct pci_function f, struct msix *msix);

/// Turns MSI-X on or off, with all messages masked as a whole or not.
void msix_enable(const struct msix *msix, bool on, bool all_masked);

/// Sends message `index` to the APIC with this ID, as this vector, edge-triggered. The message is masked meanwhile, and is not when it returns.
void msix_route(const struct msix *msix, unsigned index, uint8_t apic_id, uint8_t vector);

/// Masks one. When it returns, a message that was sent before has left: reading it back flushes that.
void msix_mask(const struct msix *msix, unsigned index, bool masked);
bool msix_pending(const struct msix *msix, unsigned index);

/// Turns MSI on, with 2^log2_count messages from this vector on (a multiple of that), or off.
void msi_enable(struct pci_function f, uint8_t apic_id, uint8_t vector, unsigned log2_count);
void msi_disable(struct pci_function f);
