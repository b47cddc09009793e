// Registers: windows, values after reset, what is locked, the PHY, the timer.
#include "parts.h"

static void check_windows(void)
{
	struct pci_bar ports = pci_bar_read(dut.pci, 0), registers = pci_bar_read(dut.pci, 1);
	report("two windows of 256 bytes", ports.io && ports.size == 256 && !registers.io && registers.size == 256);
	bool same = true;
	for (unsigned i = 0; i < 16; i += 4) {
		same = same && in32((uint16_t)(device->ports + i)) == rtl8139_read(device, i);
	}
	report("the address and the filter are the same in both", same && in8(device->ports + RTL_CR) == rtl8139_read8(device, RTL_CR));
	out32(device->ports + RTL_MAR, 0x12345678);
	bool written = rtl8139_read(device, RTL_MAR) == 0x12345678;
	rtl8139_write(device, RTL_MAR, UINT32_MAX);
	report("what is written in one stands in the other", written && in32(device->ports + RTL_MAR) == UINT32_MAX);
	out16(device->ports + RTL_IMR, RTL_ROK | RTL_TIMEOUT);
	report("of two bytes", rtl8139_read16(device, RTL_IMR) == (RTL_ROK | RTL_TIMEOUT));
	rtl8139_write16(device, RTL_IMR, 0);
	report("an address of its own", (dut.address[0] & 1) == 0 && memcmp(dut.address, peer.address, NIC_ADDRESS) != 0);
	report("the revision says whether there is C+", pci_read8(dut.pci, 8) >= RTL8139_CPLUS_REVISION || cplus == NULL);
}

static void check_reset_values(void)
{
	report("a reset ends", rtl8139_reset(device));
	report_equal("reset: CR says that the ring is empty, and nothing else", rtl8139_read8(device, RTL_CR), RTL_BUFE);
	report_equal("reset: no cause", rtl8139_read16(device, RTL_ISR), 0);
	report_equal("reset: none let out", rtl8139_read16(device, RTL_IMR), 0);
	report_equal("reset: CAPR is 16 before the beginning", rtl8139_read16(device, RTL_CAPR), 0xFFF0);
	report_equal("reset: CBR is the beginning", rtl8139_read16(device, RTL_CBR), 0);
	bool ours = true;
	for (unsigned i = 0; i < RTL8139_TRANSMIT_BUFFERS; i++) {
		ours = ours && (rtl8139_read(device, RTL_TSD + i * 4) & (RTL_OWN | RTL_TOK | RTL_TUN | RTL_TABT)) == RTL_OWN;
	}
	report("reset: the transmit buffers are the driver's", ours);
	report_equal("reset: all four, in the summary", rtl8139_read16(device, RTL_TSAD_ALL), 0x000F);
	uint32_t version = rtl8139_read(device, RTL_TCR) & 0x7CC00000;
	report("TCR tells the chip", version == (pci_read8(dut.pci, 8) >= RTL8139_CPLUS_REVISION ? 0x74800000u : 0x74000000u));
	uint8_t address[NIC_ADDRESS];
	rtl8139_station(device, address);
	report("reset: the address is kept", memcmp(address, dut.address, sizeof address) == 0);
}

static void check_locks(void)
{
	enum { DriverLoaded = 0x20, MagicPacket = 0x20 }; // CONFIG1, CONFIG3
	uint8_t first = rtl8139_read8(device, RTL_CONFIG1), third = rtl8139_read8(device, RTL_CONFIG3);
	rtl8139_write8(device, RTL_9346CR, 0);
	rtl8139_write8(device, RTL_CONFIG1, first ^ DriverLoaded);
	rtl8139_write8(device, RTL_CONFIG3, third ^ MagicPacket);
	report("CONFIG1 and CONFIG3 are locked", rtl8139_read8(device, RTL_CONFIG1) == first && rtl8139_read8(device, RTL_CONFIG3) == third);
	rtl8139_write8(device, RTL_9346CR, RTL_EEM_CONFIG);
	rtl8139_write8(device, RTL_CONFIG1, first ^ DriverLoaded);
	rtl8139_write8(device, RTL_CONFIG3, third ^ MagicPacket);
	report("9346CR unlocks them", rtl8139_read8(device, RTL_CONFIG1) == (first ^ DriverLoaded)
									  && rtl8139_read8(device, RTL_CONFIG3) == (third ^ MagicPacket));
	rtl8139_write8(device, RTL_CONFIG1, first);
	rtl8139_write8(device, RTL_CONFIG3, third);
	rtl8139_write8(device, RTL_9346CR, 0);

	// The address can be changed while the registers are unlocked, four bytes at a time.
	uint32_t address = rtl8139_read(device, RTL_IDR);
	if (on_qemu()) {
		report_skip("the address is locked", "QEMU takes writes to IDR at any time");
	} else {
		rtl8139_write(device, RTL_IDR, ~address);
		report_equal("the address is locked", rtl8139_read(device, RTL_IDR), address);
	}
	rtl8139_write8(device, RTL_9346CR, RTL_EEM_CONFIG);
	rtl8139_write(device, RTL_IDR, address ^ 0x02000000);
	report_equal("and can be changed", rtl8139_read(device, RTL_IDR), address ^ 0x02000000);
	rtl8139_write(device, RTL_IDR, address);
	rtl8139_write8(device, RTL_9346CR, 0);
}

static void check_phy(void)
{
	enum { Negotiation = 1 << 12, Complete = 1 << 5, Link = 1 << 2, Hundred = 1 << 14, FullDuplex100 = 1 << 8, Powered = 1 << 11 };
	report("BMCR: negotiates", (rtl8139_read16(device, RTL_BMCR) & Negotiation) != 0);
	report("BMSR: comes to an end and to a link", within_deadline((rtl8139_read16(device, RTL_BMSR) & (Complete | Link)) == (Complete | Link)));
	report("BMSR: can do 100 Mb/s in both directions", (rtl8139_read16(device, RTL_BMSR) & Hundred) != 0);
	report("ANAR and ANLPAR: so say both sides", (rtl8139_read16(device, RTL_ANAR) & rtl8139_read16(device, RTL_ANLPAR) & FullDuplex100) != 0);
	report_equal("MSR: a link", rtl8139_read8(device, RTL_MSR) & RTL_LINKB, 0);
}

static void check_timer(void)
{
	enum { Millisecond = 33000 }; // the bus's 33 MHz
	rtl8139_write(device, RTL_TCTR, 0);
	uint32_t first = rtl8139_read(device, RTL_TCTR);
	report("TCTR counts", within_deadline(rtl8139_read(device, RTL_TCTR) > first + Millisecond));
	// A host may hold us up at any place, so the time is taken outside for the most that it can have counted, and inside for the least.
	uint64_t outer = rdtsc();
	uint32_t from = rtl8139_read(device, RTL_TCTR);
	uint64_t inner = rdtsc();
	delay_us(20000);
	uint64_t least = tsc_to_us(rdtsc() - inner) * 33;
	uint32_t counted = rtl8139_read(device, RTL_TCTR) - from;
	uint64_t most = tsc_to_us(rdtsc() - outer) * 33;
	report("TCTR counts the bus's clock", counted >= least - least / 10 && counted <= most + most / 10);
	rtl8139_write(device, RTL_TCTR, 0);
	report("TCTR begins anew when it is written", rtl8139_read(device, RTL_TCTR) < from + counted);

	rtl8139_write16(device, RTL_IMR, RTL_TIMEOUT);
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	report_equal("TIMERINT: no cause while it is 0", rtl8139_read16(device, RTL_ISR) & RTL_TIMEOUT, 0);
	rtl8139_write(device, RTL_TIMERINT, Millisecond);
	rtl8139_write(device, RTL_TCTR, 0);
	report("TIMERINT: a cause when TCTR gets there", within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_TIMEOUT) != 0)
														  && rtl8139_read(device, RTL_TCTR) >= Millisecond);
	rtl8139_write16(device, RTL_ISR, RTL_TIMEOUT);
	report_equal("TIMERINT: once", rtl8139_read16(device, RTL_ISR) & RTL_TIMEOUT, 0);
	rtl8139_write(device, RTL_TCTR, 0);
	report("TIMERINT: and again when TCTR begins anew", within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_TIMEOUT) != 0));
	rtl8139_write(device, RTL_TIMERINT, 0);
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	rtl8139_write16(device, RTL_IMR, 0);
}

static void check_causes(void)
{
	begin();
	bool both = peer_sends(NULL, 1, 100) && dut_sends(2, 100)
				&& within_deadline((rtl8139_read16(device, RTL_ISR) & (RTL_ROK | RTL_TXOK)) == (RTL_ROK | RTL_TXOK));
	report("ISR: a frame sent and one that came", both);
	report("ISR: reading leaves it", (rtl8139_read16(device, RTL_ISR) & (RTL_ROK | RTL_TXOK)) == (RTL_ROK | RTL_TXOK));
	rtl8139_write16(device, RTL_ISR, 0);
	report("ISR: writing 0 leaves it", (rtl8139_read16(device, RTL_ISR) & (RTL_ROK | RTL_TXOK)) == (RTL_ROK | RTL_TXOK));
	rtl8139_write16(device, RTL_ISR, RTL_TXOK);
	report("ISR: writing 1 clears it, and it alone", (rtl8139_read16(device, RTL_ISR) & (RTL_ROK | RTL_TXOK)) == RTL_ROK);
	rtl8139_write16(device, RTL_ISR, RTL_ROK);
	report_equal("ISR: and the other", rtl8139_read16(device, RTL_ISR) & (RTL_ROK | RTL_TXOK), 0);
	report("and they are there", dut_gets(NULL, 1, 100) && peer_gets(2, 100));
	uint16_t kept = RTL_ROK | RTL_RER | RTL_TXOK | RTL_TER | RTL_RXOVW | RTL_LINKCHG | RTL_FOVW | RTL_TIMEOUT | RTL_SERR;
	rtl8139_write16(device, RTL_IMR, kept);
	report_equal("IMR: keeps what is written", rtl8139_read16(device, RTL_IMR), kept);
	rtl8139_write16(device, RTL_IMR, 0);
}

void check_registers(void)
{
	check_windows();
	check_reset_values();
	check_locks();
	check_phy();
	check_timer();
	check_causes();
}
