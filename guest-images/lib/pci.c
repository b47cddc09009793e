// PCI configuration space through 0xCF8 and 0xCFC.
#include "pci.h"

static void select(struct pci_function f, uint8_t offset)
{
	out32(PCI_ADDRESS, 0x80000000u | (uint32_t)f.bus << 16 | (uint32_t)f.device << 11 | (uint32_t)f.function << 8
						   | (offset & 0xFCu));
}

uint32_t pci_read(struct pci_function f, uint8_t offset)
{
	select(f, offset);
	return in32(PCI_DATA);
}

uint16_t pci_read16(struct pci_function f, uint8_t offset)
{
	select(f, offset);
	return in16((uint16_t)(PCI_DATA + (offset & 2)));
}

uint8_t pci_read8(struct pci_function f, uint8_t offset)
{
	select(f, offset);
	return in8((uint16_t)(PCI_DATA + (offset & 3)));
}

void pci_write(struct pci_function f, uint8_t offset, uint32_t value)
{
	select(f, offset);
	out32(PCI_DATA, value);
}

void pci_write16(struct pci_function f, uint8_t offset, uint16_t value)
{
	select(f, offset);
	out16((uint16_t)(PCI_DATA + (offset & 2)), value);
}

void pci_write8(struct pci_function f, uint8_t offset, uint8_t value)
{
	select(f, offset);
	out8((uint16_t)(PCI_DATA + (offset & 3)), value);
}

void pci_scan(bool (*visit)(struct pci_function f, void *context), void *context)
{
	unsigned last_bus = 0;
	for (unsigned bus = 0; bus <= last_bus; bus++) {
		for (unsigned device = 0; device < 32; device++) {
			unsigned functions = 1;
			for (unsigned function = 0; function < functions; function++) {
				struct pci_function f = { (uint8_t)bus, (uint8_t)device, (uint8_t)function };
				if (pci_read16(f, 0) == 0xFFFF) {
					continue;
				}
				uint8_t header = pci_read8(f, 0x0E);
				if (function == 0 && (header & 0x80) != 0) {
					functions = 8;
				}
				if ((header & 0x7F) == 1) {
					uint8_t subordinate = pci_read8(f, 0x1A);
					last_bus = subordinate > last_bus ? subordinate : last_bus;
				}
				if (!visit(f, context)) {
					return;
				}
			}
		}
	}
}

struct search { uint32_t id; unsigned index; bool done; struct pci_function *found; };

static bool match(struct pci_function f, void *context)
{
	struct search *search = context;
	if (pci_read(f, 0) == search->id && search->index-- == 0) {
		*search->found = f;
		search->done = true;
	}
	return !search->done;
}

bool pci_find(uint16_t vendor, uint16_t device, unsigned index, struct pci_function *found)
{
	struct search search = { (uint32_t)device << 16 | vendor, index, false, found };
	pci_scan(match, &search);
	return search.done;
}

struct pci_bar pci_bar_read(struct pci_function f, unsigned index)
{
	struct pci_bar bar = { 0 };
	uint8_t offset = (uint8_t)(0x10 + index * 4);
	uint16_t command = pci_read16(f, 4);
	pci_write16(f, 4, command & 0xFFFC); // nothing must decode the address that sizing puts there

	uint32_t old = pci_read(f, offset);
	pci_write(f, offset, 0xFFFFFFFF);
	uint32_t mask = pci_read(f, offset);
	pci_write(f, offset, old);
	if (mask != 0) {
		bar.present = true;
		bar.io = (mask & 1) != 0;
		bar.wide = !bar.io && (mask & 6) == 4;
		bar.prefetchable = !bar.io && (mask & 8) != 0;
		bar.address = old & (bar.io ? ~3u : ~15u);
		uint64_t decoded = bar.io ? (mask & ~3u) | 0xFFFFFFFF00000000 : (mask & ~15u) | 0xFFFFFFFF00000000;
		if (bar.io) {
			decoded |= 0xFFFF0000; // an I/O BAR may leave the upper 16 bits out
		}
		if (bar.wide) {
			uint32_t old_high = pci_read(f, (uint8_t)(offset + 4));
			pci_write(f, (uint8_t)(offset + 4), 0xFFFFFFFF);
			decoded = (decoded & 0xFFFFFFFF) | (uint64_t)pci_read(f, (uint8_t)(offset + 4)) << 32;
			pci_write(f, (uint8_t)(offset + 4), old_high);
			bar.address |= (uint64_t)old_high << 32;
		}
		bar.size = ~decoded + 1;
	}
	pci_write16(f, 4, command);
	return bar;
}

const char *pci_class_name(uint16_t class_code)
{
	static const struct { uint16_t code; const char *name; } names[] = {
		{ 0x0000, "unclassified" }, { 0x00FF, "unclassified" }, { 0x0100, "SCSI controller" }, { 0x0101, "IDE controller" },
		{ 0x0106, "SATA controller" }, { 0x0108, "NVM controller" }, { 0x0180, "storage controller" },
		{ 0x0200, "Ethernet controller" }, { 0x0300, "VGA controller" }, { 0x0380, "display controller" },
		{ 0x0401, "audio device" }, { 0x0403, "HD audio device" }, { 0x0500, "memory controller" },
		{ 0x0600, "host bridge" }, { 0x0601, "ISA bridge" }, { 0x0604, "PCI bridge" }, { 0x0680, "bridge" },
		{ 0x0700, "serial controller" }, { 0x0780, "communication controller" }, { 0x0880, "system peripheral" },
		{ 0x0C03, "USB controller" }, { 0x0C05, "SMBus controller" }, { 0x0806, "IOMMU" },
	};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i].code == class_code) {
			return names[i].name;
		}
	}
	return "unknown";
}
