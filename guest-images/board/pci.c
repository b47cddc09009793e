// PCI configuration space: the mechanism, the two bridges every such board has, BARs of whatever else is there.
#include "board.h"

static const struct pci_function host_bridge = { 0, 0, 0 }, isa_bridge = { 0, 1, 0 }, nobody = { 0, 31, 7 };

static void check_mechanism(void)
{
	out32(PCI_ADDRESS, 0x80000004);
	report_equal("pci: the address register reads back", in32(PCI_ADDRESS), 0x80000004);
	out8(PCI_ADDRESS + 1, 0x12); // only a doubleword access is meant for it
	report_equal("pci: a byte written into it does not count", in32(PCI_ADDRESS), 0x80000004);
	out32(PCI_ADDRESS, 0x00000000);
	report_equal("pci: with the enable bit off the data port answers all ones", in32(PCI_DATA), 0xFFFFFFFF);

	uint32_t id = pci_read(host_bridge, 0);
	bool words = pci_read16(host_bridge, 0) == (id & 0xFFFF) && pci_read16(host_bridge, 2) == id >> 16;
	bool bytes = true;
	for (uint8_t i = 0; i < 4; i++) {
		bytes &= pci_read8(host_bridge, i) == (uint8_t)(id >> 8 * i);
	}
	report("pci: words are parts of doublewords", words);
	report("pci: bytes are too", bytes);
	report_equal("pci: a function that is not there answers all ones", pci_read(nobody, 0), 0xFFFFFFFF);
	report_equal("pci: in words too", pci_read16(nobody, 2), 0xFFFF);
}

static void check_bridges(void)
{
	report_equal("pci: the host bridge is an i440FX", pci_read(host_bridge, 0), 0x12378086);
	report_equal("pci: its class is host bridge", pci_read16(host_bridge, 0x0A), 0x0600);
	report_equal("pci: the ISA bridge is a PIIX3", pci_read(isa_bridge, 0), 0x70008086);
	report_equal("pci: its class is ISA bridge", pci_read16(isa_bridge, 0x0A), 0x0601);
	uint32_t id = pci_read(isa_bridge, 0);
	pci_write(isa_bridge, 0, 0);
	report_equal("pci: identities cannot be written", pci_read(isa_bridge, 0), id);

	// The PIRQ routing registers, one byte each, are the place to write single bytes.
	uint32_t routing = pci_read(isa_bridge, 0x60);
	pci_write(isa_bridge, 0x60, 0x80808080);
	pci_write8(isa_bridge, 0x61, 0x0B);
	report_equal("pci: a byte written changes that byte", pci_read(isa_bridge, 0x60), 0x80800B80);
	pci_write16(isa_bridge, 0x62, 0x0A05);
	report_equal("pci: a word written changes that word", pci_read(isa_bridge, 0x60), 0x0A050B80);
	pci_write(isa_bridge, 0x60, routing);
}

static struct { unsigned functions, bars; bool sized, kept, powers, aligned, moved, can_move; } seen;

static void check_bar_moves(struct pci_function f, unsigned index, const struct pci_bar *bar)
{
	// With decoding off a BAR may hold any address that its size allows.
	uint8_t offset = (uint8_t)(0x10 + 4 * index);
	uint16_t command = pci_read16(f, 4);
	uint32_t old = pci_read(f, offset);
	pci_write16(f, 4, command & 0xFFFC);
	uint32_t other = bar->io ? 0xA000 & ~(uint32_t)(bar->size - 1) : 0xE0000000 & ~(uint32_t)(bar->size - 1);
	pci_write(f, offset, other);
	seen.moved &= (pci_read(f, offset) & (bar->io ? ~3u : ~15u)) == other;
	seen.can_move = true;
	pci_write(f, offset, old);
	pci_write16(f, 4, command);
}

static bool check_function(struct pci_function f, void *context)
{
	(void)context;
	seen.functions++;
	if ((pci_read8(f, 0x0E) & 0x7F) != 0) {
		return true;
	}
	for (unsigned i = 0; i < 6; i++) {
		uint32_t before = pci_read(f, (uint8_t)(0x10 + 4 * i));
		struct pci_bar bar = pci_bar_read(f, i);
		seen.kept &= pci_read(f, (uint8_t)(0x10 + 4 * i)) == before;
		if (bar.present) {
			seen.bars++;
			seen.powers &= bar.size != 0 && (bar.size & (bar.size - 1)) == 0;
			seen.sized &= bar.size >= (bar.io ? 4 : 16);
			seen.aligned &= (bar.address & (bar.size - 1)) == 0;
			if (!bar.wide) {
				check_bar_moves(f, i, &bar);
			}
		}
		i += bar.wide;
	}
	return true;
}

void check_pci(void)
{
	check_mechanism();
	check_bridges();
	seen.sized = seen.kept = seen.powers = seen.aligned = seen.moved = true;
	pci_scan(check_function, NULL);
	report("pci: there are at least the two bridges", seen.functions >= 2);
	report("pci: sizing leaves a BAR as it was", seen.kept);
	if (seen.bars == 0) {
		report_skip("pci: BARs", "no function has one");
		return;
	}
	report("pci: BARs are powers of two", seen.powers);
	report("pci: of at least 4 ports or 16 bytes", seen.sized);
	report("pci: placed at a multiple of their size", seen.aligned);
	if (seen.can_move) {
		report("pci: and can be moved", seen.moved);
	}
}
