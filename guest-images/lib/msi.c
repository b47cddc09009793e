#include "msi.h"

#include "apic.h"

uint8_t pci_capability(struct pci_function f, uint8_t id)
{
	if ((pci_read16(f, 6) & 0x10) == 0) {
		return 0;
	}
	uint8_t offset = pci_read8(f, 0x34) & 0xFC;
	for (unsigned i = 0; offset != 0 && i < 48; i++) { // a list in a ring ends too
		if (pci_read8(f, offset) == id) {
			return offset;
		}
		offset = pci_read8(f, (uint8_t)(offset + 1)) & 0xFC;
	}
	return 0;
}

static volatile uint32_t *in_bar(struct pci_function f, uint32_t place)
{
	struct pci_bar bar = pci_bar_read(f, place & 7);
	return (volatile uint32_t *)(uintptr_t)(bar.address + (place & ~7u));
}

bool msix_open(struct pci_function f, struct msix *msix)
{
	msix->pci = f;
	msix->capability = pci_capability(f, PCI_CAPABILITY_MSIX);
	if (msix->capability == 0) {
		return false;
	}
	msix->vectors = (pci_read16(f, (uint8_t)(msix->capability + 2)) & 0x7FF) + 1u;
	msix->table = in_bar(f, pci_read(f, (uint8_t)(msix->capability + 4)));
	msix->pending = in_bar(f, pci_read(f, (uint8_t)(msix->capability + 8)));
	return true;
}

void msix_enable(const struct msix *msix, bool on, bool all_masked)
{
	pci_write16(msix->pci, (uint8_t)(msix->capability + 2), (uint16_t)(on << 15 | all_masked << 14));
}

void msix_route(const struct msix *msix, unsigned index, uint8_t apic_id, uint8_t vector)
{
	volatile uint32_t *entry = msix->table + index * 4;
	entry[3] = 1;
	entry[0] = APIC_ADDRESS | (uint32_t)apic_id << 12;
	entry[1] = 0;
	entry[2] = vector;
	entry[3] = 0;
}

void msix_mask(const struct msix *msix, unsigned index, bool masked)
{
	msix->table[index * 4 + 3] = masked;
	(void)msix->table[index * 4 + 3];
}

bool msix_pending(const struct msix *msix, unsigned index)
{
	return (msix->pending[index / 32] >> (index & 31) & 1) != 0;
}

void msi_enable(struct pci_function f, uint8_t apic_id, uint8_t vector, unsigned log2_count)
{
	uint8_t at = pci_capability(f, PCI_CAPABILITY_MSI);
	uint16_t control = pci_read16(f, (uint8_t)(at + 2));
	bool wide = (control & 0x80) != 0;
	pci_write16(f, (uint8_t)(at + 2), (uint16_t)((control & ~0x71u) | log2_count << 4));
	pci_write(f, (uint8_t)(at + 4), APIC_ADDRESS | (uint32_t)apic_id << 12);
	if (wide) {
		pci_write(f, (uint8_t)(at + 8), 0);
	}
	pci_write16(f, (uint8_t)(at + (wide ? 12 : 8)), vector);
	pci_write16(f, (uint8_t)(at + 2), (uint16_t)((control & ~0x71u) | log2_count << 4 | 1));
}

void msi_disable(struct pci_function f)
{
	uint8_t at = pci_capability(f, PCI_CAPABILITY_MSI);
	pci_write16(f, (uint8_t)(at + 2), pci_read16(f, (uint8_t)(at + 2)) & (uint16_t)~1u);
}
