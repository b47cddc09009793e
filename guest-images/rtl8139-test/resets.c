// Resets while frames come and go, the link down and up, power states, bus mastering taken away.
#include "parts.h"

enum { Rounds = 50, Length = 500, PowerManagement = 1 };

static uint32_t next_serial(void)
{
	uint32_t serial = 0;
	struct rtl8139cp_descriptor *descriptor = NULL;
	if (cplus != NULL && within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL)) {
		memcpy(&serial, (const uint8_t *)(uintptr_t)descriptor->buffer + 14, sizeof serial);
	} else if (cplus == NULL && within_deadline(rtl8139_peek(device) != 0)) {
		rtl8139_copy(device, &serial, 14, sizeof serial);
	}
	return serial;
}

// Frames both ways. What the peer had sent before may still have been on the wire: that comes first, and whole.
static bool works(uint32_t serial)
{
	enum { Most = 16 };
	bool got = false, met = false;
	bool ok = peer_sends(NULL, serial, 64) && dut_sends(serial, 64);
	for (unsigned i = 0; i < Most && ok && !got; i++) {
		got = nic_receive(&peer, came, sizeof came) == 64 && is_frame(came, peer.address, dut.address, serial, 64);
	}
	for (unsigned i = 0; i < Most && ok && !met; i++) {
		uint32_t next = next_serial();
		met = next == serial;
		ok = dut_gets(NULL, next, met ? 64 : Length);
	}
	return ok && got && met;
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
		begin();
		again = works(round) && works(round + 1);
	}
	report("reset while frames come and go: all is as after a reset", clean);
	report("reset while frames come and go: it works again", again);
}

// The driver has the PHY negotiate anew: the link goes, and comes again.
static void check_link(void)
{
	enum { Negotiate = 1 << 9, Link = 1 << 2 };
	if (on_qemu()) {
		report_skip("link: down and up, when negotiation begins anew", "QEMU's PHY does nothing when it is told to");
		return;
	}
	begin_anew();
	(void)rtl8139_read16(device, RTL_BMSR);
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	rtl8139_write16(device, RTL_BMCR, rtl8139_read16(device, RTL_BMCR) | Negotiate);
	report("link: ISR tells that it changed", within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_LINKCHG) != 0));
	report_equal("link: BMSR remembers that there was none", rtl8139_read16(device, RTL_BMSR) & Link, 0);
	report("link: up again", within_deadline((rtl8139_read8(device, RTL_MSR) & RTL_LINKB) == 0)
								 && within_deadline((rtl8139_read16(device, RTL_BMSR) & Link) != 0));
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
	if (on_qemu() && cplus == NULL) {
		report_skip("without bus mastering nothing leaves", "QEMU sends what its buffer happens to hold");
	} else {
		report("without bus mastering nothing leaves", peer.driver->receive(&peer, came, sizeof came) == 0);
	}
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
