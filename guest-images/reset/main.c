// A ROM of 64 KiB in the place of a BIOS: from the reset vector into C in real mode, with nothing before it.
//
//   lib/start16.S  the reset vector, and the way into RAM
//   segments.c     addresses: wrapping, segments, string instructions at their end, A20
//   bcd.c          the decimal instructions, exhaustively
//   vectors.S, interrupts.c  the interrupt vector table: INT, exceptions, single step, a tick of the PIT
//
// Not checked: segment limits in real mode (an access across offset FFFF is #GP on a processor, not under QEMU's TCG).
#include "reset.h"

static bool count_function(struct pci_function f, void *context)
{
	unsigned *count = context;
	(*count)++;
	printf("%02x:%02x.%x %04x:%04x %s\n", f.bus, f.device, f.function, pci_read16(f, 0), pci_read16(f, 2),
		   pci_class_name(pci_read16(f, 0x0A)));
	return true;
}

static void check_pci(void)
{
	unsigned count = 0;
	pci_scan(count_function, &count);
	report("pci: the functions of the board answer", count >= 2);
	report_equal("pci: the first is the host bridge", pci_read16((struct pci_function){ 0, 0, 0 }, 0x0A), 0x0600);
}

int main(void)
{
	printf("Out of reset, in real mode.\n");
	check_segments();
	check_bcd();
	check_interrupts();
	check_pci();
	return report_summary();
}
