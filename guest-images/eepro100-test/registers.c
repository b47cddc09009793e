// Identity, windows, registers by every size, EEPROM, PHY, self-test.
#include "parts.h"

enum { EepromSum = 0xBABA };

static void check_identity(void)
{
	struct pci_bar memory = pci_bar_read(tested.chip.pci, 0), ports = pci_bar_read(tested.chip.pci, 1), flash = pci_bar_read(tested.chip.pci, 2);
	uint32_t identity = pci_read(tested.chip.pci, 0);
	report("identity: an 8255x by Intel", identity == 0x12298086 || identity == 0x12098086);
	report_equal("identity: an Ethernet controller", pci_read(tested.chip.pci, 0x08) >> 8, 0x020000);
	report("window 0: 4 KiB of memory", memory.present && !memory.io && memory.size == 4096);
	report("window 1: 32 or 64 ports", ports.present && ports.io && (ports.size == 32 || ports.size == 64));
	report("window 2: the flash", flash.present && !flash.io && flash.size >= 0x20000);
	report("it interrupts by INTA", pci_read8(tested.chip.pci, 0x3D) == 1);
}

static void check_windows(void)
{
	const struct eepro100 *chip = &tested.chip;
	eepro100_write32(chip, E100_POINTER, 0x12345678);
	report_equal("the windows have the same registers", in32((uint16_t)(chip->ports + E100_POINTER)), 0x12345678);
	out16((uint16_t)(chip->ports + E100_POINTER), 0xABCD);
	out8((uint16_t)(chip->ports + E100_POINTER + 3), 0xEF);
	report_equal("and by words and bytes", eepro100_read32(chip, E100_POINTER), 0xEF34ABCD);
	report_equal("the low word of it", eepro100_read16(chip, E100_POINTER), 0xABCD);
	report_equal("a byte of it", in8((uint16_t)(chip->ports + E100_POINTER + 2)), 0x34);
	eepro100_write8(chip, E100_STATUS, 0xFF);
	report_equal("the units' states cannot be written", eepro100_read8(chip, E100_STATUS), 0);
	out8((uint16_t)(chip->ports + E100_COMMAND), RU_ABORT);
	report("a command by its port", within_deadline(in8((uint16_t)(chip->ports + E100_COMMAND)) == 0));
	(void)take_causes(&tested);
}

static void check_eeprom(void)
{
	unsigned width = eepro100_eeprom_width(&tested.chip);
	uint16_t sum = 0;
	report("EEPROM: addresses of 6 or 8 bits", width == 6 || width == 8);
	for (unsigned i = 0; i < 1u << width; i++) {
		sum = (uint16_t)(sum + eepro100_eeprom(&tested.chip, i));
	}
	report_equal("EEPROM: its words add up to the checksum", sum, EepromSum);
	report("EEPROM: the address is an individual one", (tested.address[0] & 1) == 0);
	report("EEPROM: and differs from the other's", memcmp(tested.address, peer.address, NIC_ADDRESS) != 0);
}

static void check_phy(void)
{
	const struct eepro100 *chip = &tested.chip;
	uint16_t advertised = eepro100_phy_read(chip, E100_PHY, 4);
	report("PHY: an identity", eepro100_phy_read(chip, E100_PHY, 2) != 0 && eepro100_phy_read(chip, E100_PHY, 2) != 0xFFFF);
	report("PHY: full duplex at 100 Mbit/s is advertised", (advertised & 0x0100) != 0);
	eepro100_phy_write(chip, E100_PHY, 4, 0x0021);
	report_equal("PHY: a register that can be written", eepro100_phy_read(chip, E100_PHY, 4) & 0x3FE0, 0x0020);
	eepro100_phy_write(chip, E100_PHY, 4, advertised);
	uint16_t status = eepro100_phy_read(chip, E100_PHY, 1);
	eepro100_phy_write(chip, E100_PHY, 1, (uint16_t)~status);
	report("PHY: one that cannot", (eepro100_phy_read(chip, E100_PHY, 1) & 0xF800) == (status & 0xF800));
	(void)take_causes(&tested);
	eepro100_write32(chip, E100_MDI, 1u << 29 | 2 << 26 | E100_PHY << 21);
	report("PHY: the end of a cycle is a cause if asked for", within_deadline((eepro100_read8(chip, E100_ACKNOWLEDGE) & CAUSE_MDI) != 0));
	report_equal("PHY: acknowledged", (take_causes(&tested), eepro100_read8(chip, E100_ACKNOWLEDGE)), 0);
	if (!qemu_departs("PHY: and is none if not", "sets the cause after each cycle (6.3.5)")) {
		(void)eepro100_phy_read(chip, E100_PHY, 1);
		report_equal("PHY: and is none if not", eepro100_read8(chip, E100_ACKNOWLEDGE), 0);
	}
}

static void check_self_test(void)
{
	static volatile uint32_t results[4] __attribute__((aligned(16)));
	results[0] = 0;
	results[1] = results[2] = UINT32_MAX;
	eepro100_port(&tested.chip, PORT_SELF_TEST, results);
	report("self-test: it signs", within_deadline(results[0] != 0));
	dma_rmb();
	report("self-test: and passes", within_deadline(results[1] == 0));
	report_equal("self-test: it writes no more than that", results[2], UINT32_MAX);
}

void check_registers(void)
{
	check_identity();
	check_windows();
	check_eeprom();
	check_phy();
	check_self_test();
	begin(&tested);
}
