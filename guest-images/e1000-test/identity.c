// What it is: configuration space, the EEPROM, the PHY behind MDIC.
#include "parts.h"

static void check_configuration(void)
{
	report_equal("it is an Ethernet controller", pci_read(device.nic.pci, 0x08) >> 16, 0x0200);
	struct pci_bar memory = pci_bar_read(device.nic.pci, 0), ports = pci_bar_read(device.nic.pci, 1);
	report("its registers take 128 KiB of memory", memory.present && !memory.io && memory.size == 0x20000);
	report("and there are ports", ports.present && ports.io);
	report_equal("it interrupts by INTA", pci_read8(device.nic.pci, 0x3D), 1);
	report("the two have different addresses", memcmp(device.nic.address, peer.nic.address, NIC_ADDRESS) != 0);
	report("which are for one station", ((device.nic.address[0] | peer.nic.address[0]) & 1) == 0);
	report_equal("the first filter is its own address, low", e1000_read(&device.nic, E1000_RAL(0)),
				 device.nic.address[0] | device.nic.address[1] << 8 | device.nic.address[2] << 16 | (uint32_t)device.nic.address[3] << 24);
	report_equal("and high", e1000_read(&device.nic, E1000_RAH(0)), E1000_RAH_AV | device.nic.address[4] | device.nic.address[5] << 8);
}

static void check_eeprom(void)
{
	uint16_t sum = 0;
	bool same = true;
	report("EEPROM: it is there", e1000_read(&device.nic, E1000_EECD) & E1000_EECD_PRES);
	for (unsigned i = 0; i < E1000_EEPROM_WORDS; i++) {
		uint16_t word = e1000_eeprom_word_by_pins(&device.nic, i);
		sum = (uint16_t)(sum + word);
		same = same && word == e1000_eeprom_word(&device.nic, i);
	}
	report_equal("EEPROM: by its pins its words add up", sum, E1000_EEPROM_SUM);
	report("EEPROM: by EERD they are the same", same);
	report_equal("EEPROM: word 13 is the device", e1000_eeprom_word(&device.nic, 13), 0x100E);
}

static void check_phy(void)
{
	uint16_t value = 0;
	report("PHY: it answers", e1000_phy_access(&device.nic, 1, E1000_PHY_ID1, false, &value));
	report_equal("PHY: Marvell's", value, 0x0141);
	report_equal("PHY: an M88E1011", e1000_phy_read(&device.nic, E1000_PHY_ID2) & 0xFFF0, 0x0C20);
	report("PHY: at another address nobody answers", !e1000_phy_access(&device.nic, 2, E1000_PHY_ID1, false, &value));
	uint16_t advertised = e1000_phy_read(&device.nic, E1000_PHY_ADVERTISEMENT);
	e1000_phy_write(&device.nic, E1000_PHY_ADVERTISEMENT, advertised ^ 0x0140);
	report_equal("PHY: what it advertises is ours to say", e1000_phy_read(&device.nic, E1000_PHY_ADVERTISEMENT), advertised ^ 0x0140u);
	e1000_phy_write(&device.nic, E1000_PHY_ADVERTISEMENT, advertised);

	(void)e1000_causes(&device.nic);
	e1000_write(&device.nic, E1000_MDIC, E1000_MDIC_INTERRUPT | E1000_MDIC_READ | 1 << E1000_MDIC_PHY | E1000_PHY_ID1 << E1000_MDIC_REGISTER);
	(void)within_deadline(e1000_read(&device.nic, E1000_MDIC) & E1000_MDIC_READY);
	report("PHY: MDIC tells that it is done, if asked", e1000_causes(&device.nic) & E1000_MDAC);
	(void)e1000_phy_read(&device.nic, E1000_PHY_ID1);
	report("PHY: and does not otherwise", (e1000_causes(&device.nic) & E1000_MDAC) == 0);
}

void check_identity(void)
{
	check_configuration();
	check_eeprom();
	check_phy();
}
