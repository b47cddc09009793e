// Resets while frames come and go, the link down and up, power states, bus mastering taken away.
#include "parts.h"

enum { Rounds = 50, Length = 500, PowerManagement = 1 };

static bool works(uint32_t serial)
{
	return peer_sends(NULL, serial, Length) && dut_gets(NULL, serial, Length) && dut_sends(serial, Length) && peer_gets(serial, Length);
}

// Waits for the link, and throws away what was under way.
static bool begin_anew(void)
{
	bool begun = begin() && within_deadline(dut.driver->link_up(&dut));
	drain_peer();
	return begun;
}

static void check_under_load(void)
{
	bool clean = true, again = true;
	for (uint32_t round = 1; round <= Rounds && again; round++) {
		begin_anew();
		rtl8139_write16(device, RTL_IMR, RTL_ROK | RTL_RXOVW);
		for (unsigned i = 0; i < 12; i++) { // both ways, more than it has room for on its way out
			peer_sends(NULL, round * 100 + i, Length);
			make_frame(frame, peer.address, dut.address, round * 100 + i, Length);
			dut.driver->send(&dut, frame, Length);
			if (i == round % 12) {
				clean = clean && rtl8139_reset(device);
				break;
			}
		}
		clean = clean && rtl8139_read8(device, RTL_CR) == RTL_BUFE && rtl8139_read16(device, RTL_ISR) == 0
				&& rtl8139_read16(device, RTL_IMR) == 0 && rtl8139_read16(device, RTL_CBR) == 0;
		// What had been sent arrives; what had not does not disturb what follows.
		begin();
		again = peer_sends(NULL, round, 64) && dut_sends(round, 64);
		bool got = false;
		for (unsigned i = 0; i < 14 && again && !got; i++) {
			got = nic_receive(&peer, came, sizeof came) == 64 && is_frame(came, peer.address, dut.address, round, 64);
		}
		again = again && got;
		// It may have been sent some of the old frames after the receiver was on again.
		bool met = false;
		for (unsigned i = 0; i < 14 && again && !met; i++) {
			uint32_t serial = 0;
			if (cplus != NULL) {
				struct rtl8139cp_descriptor *descriptor = NULL;
				again = within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL);
				memcpy(&serial, again ? (const uint8_t *)(uintptr_t)descriptor->buffer + 14 : came, sizeof serial);
			} else {
				again = within_deadline(rtl8139_peek(device) != 0);
				rtl8139_copy(device, &serial, 14, sizeof serial);
			}
			met = serial == round;
			again = again && dut_gets(NULL, serial, met ? 64 : Length);
		}
		again = again && met && works(round + 1);
	}
	report("reset while frames come and go: all is as after a reset", clean);
	report("reset while frames come and go: it works again", again);
}

static void check_link(void)
{
	enum { PowerDown = 1 << 11, Negotiation = 1 << 12, Link = 1 << 2 };
	begin_anew();
	uint16_t control = rtl8139_read16(device, RTL_BMCR);
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	rtl8139_write16(device, RTL_BMCR, control | PowerDown);
	if ((rtl8139_read16(device, RTL_BMCR) & PowerDown) == 0) {
		report_skip("link: down and up, by the PHY's power", "QEMU's PHY has no power-down");
		return;
	}
	bool down = within_deadline((rtl8139_read8(device, RTL_MSR) & RTL_LINKB) != 0) && (rtl8139_read16(device, RTL_BMSR) & Link) == 0;
	report("link: down, by the PHY's power", down);
	report("link: ISR tells that it changed", within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_LINKCHG) != 0));
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	rtl8139_write16(device, RTL_BMCR, control | 1 << 9); // begin to negotiate
	report("link: up again", within_deadline((rtl8139_read8(device, RTL_MSR) & RTL_LINKB) == 0)
								 && within_deadline((rtl8139_read16(device, RTL_BMSR) & Link) != 0));
	report("link: ISR tells that too", within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_LINKCHG) != 0));
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	report("link: frames again", works(1));
}

static void check_power(void)
{
	uint8_t capability = pci_capability(dut.pci, PowerManagement);
	if (capability == 0) {
		report_skip("power: D3 and back", "QEMU's has no power management");
		return;
	}
	begin_anew();
	uint16_t state = pci_read16(dut.pci, capability + 4);
	report_equal("power: it is in D0", state & 3, 0);
	pci_write16(dut.pci, capability + 4, state | 3);
	bool asleep = (pci_read16(dut.pci, capability + 4) & 3) == 3;
	report("power: in D3 it receives nothing", asleep && peer_sends(NULL, 1, Length) && within_deadline(peer.driver->all_sent(&peer)));
	pci_write16(dut.pci, capability + 4, state & ~3);
	nic_enable(dut.pci);
	report_equal("power: in D0 again", pci_read16(dut.pci, capability + 4) & 3, 0);
	report("power: and works", begin_anew() && works(2));
}

static void check_mastering(void)
{
	begin_anew();
	uint16_t control = pci_read16(dut.pci, 4);
	pci_write16(dut.pci, 4, control & ~4);
	make_frame(frame, peer.address, dut.address, 1, Length);
	dut.driver->send(&dut, frame, Length);
	peer_sends(NULL, 1, Length);
	delay_us(2000);
	report("without bus mastering nothing leaves", peer.driver->receive(&peer, came, sizeof came) == 0);
	pci_write16(dut.pci, 4, control);
	report("with it again, after a reset, it works", begin_anew() && works(2));
}

void check_resets(void)
{
	check_under_load();
	check_link();
	check_power();
	check_mastering();
}
