// The LSI53C895A: registers and resets.
#include "lsi53c895a.h"

bool lsi_open(unsigned index, struct lsi *lsi)
{
	if (!pci_find(LSI_VENDOR, LSI_DEVICE, index, &lsi->pci)) {
		return false;
	}
	struct pci_bar ports = pci_bar_read(lsi->pci, 0), registers = pci_bar_read(lsi->pci, 1), ram = pci_bar_read(lsi->pci, 2);
	lsi->ports = (uint16_t)ports.address;
	lsi->registers = (volatile uint8_t *)(uintptr_t)registers.address;
	lsi->ram = (volatile uint32_t *)(uintptr_t)ram.address;
	lsi->ram_bus = (uint32_t)ram.address;
	pci_write16(lsi->pci, 0x04, pci_read16(lsi->pci, 0x04) | 0x7);
	if (ports.size != LSI_REGISTERS || registers.size < LSI_REGISTERS || ram.size != LSI_RAM) {
		return false;
	}
	lsi_reset(lsi);
	return true;
}

void lsi_software_reset(const struct lsi *lsi)
{
	lsi_write8(lsi, LSI_ISTAT0, LSI_ISTAT0_SRST);
	(void)lsi_read8(lsi, LSI_ISTAT0);
	delay_us(10);
	lsi_write8(lsi, LSI_ISTAT0, 0);
	(void)lsi_read8(lsi, LSI_ISTAT0);
}

void lsi_reset(const struct lsi *lsi)
{
	lsi_software_reset(lsi);
	lsi_write8(lsi, LSI_SCNTL0, LSI_SCNTL0_ARB | LSI_SCNTL0_EPC);
	lsi_write8(lsi, LSI_SCID, LSI_SCID_RRE | LSI_ID);
	lsi_write8(lsi, LSI_RESPID0, 1 << LSI_ID);
	lsi_write8(lsi, LSI_RESPID1, 0);
	lsi_write8(lsi, LSI_DCNTL, LSI_DCNTL_COM); // SFBR is not touched by reselection: SSID tells
	lsi_write8(lsi, LSI_STIME0, LSI_STIME_SEL_12MS);
}

void lsi_reset_bus(const struct lsi *lsi)
{
	lsi_write8(lsi, LSI_SCNTL1, LSI_SCNTL1_RST);
	(void)lsi_read8(lsi, LSI_SCNTL1);
	delay_us(25); // the reset hold time (SCSI-2, 4.7.17)
	lsi_write8(lsi, LSI_SCNTL1, 0);
	(void)within_deadline(lsi_take(lsi).sist0 & LSI_SIST0_RST); // the chip sees its own signal as well
}

struct lsi_causes lsi_take(const struct lsi *lsi)
{
	struct lsi_causes causes = { lsi_read8(lsi, LSI_ISTAT0), 0, 0, 0 };
	if (causes.istat & LSI_ISTAT0_INTF) {
		lsi_write8(lsi, LSI_ISTAT0, (causes.istat & (LSI_ISTAT0_SEM | LSI_ISTAT0_SIGP)) | LSI_ISTAT0_INTF);
		causes.istat |= lsi_read8(lsi, LSI_ISTAT0); // a cause behind it shows
	}
	// SIST0 and SIST1 before DSTAT, which the manual wants of those that do not know which it is (4, SIST0).
	causes.sist0 = lsi_read8(lsi, LSI_SIST0);
	causes.sist1 = lsi_read8(lsi, LSI_SIST1);
	causes.dstat = lsi_read8(lsi, LSI_DSTAT);
	return causes;
}

void lsi_copy_to_ram(const struct lsi *lsi, unsigned offset, const uint32_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		lsi->ram[offset / 4 + i] = words[i];
	}
	(void)lsi->ram[offset / 4]; // it is there before anything else is
}
