// The link: down when the PHY is switched off, up again after negotiation; loopback, in which there is none.
#include "parts.h"

enum { Control = 0, Status = 1, PowerDown = 0x0800, Loopback = 0x4000, Negotiate = 0x1000, Restart = 0x0200, Link = 0x0004, Negotiated = 0x0020 };
enum { Whole = NIC_LONGEST_FRAME + 6 };

static uint16_t status(void)
{
	(void)eepro100_phy_read(&tested.chip, E100_PHY, Status); // that it was down is remembered until it is read
	return eepro100_phy_read(&tested.chip, E100_PHY, Status);
}

// In the end: what was sent while the link was down may still come first if it was on its way when the link came up.
static bool comes(struct station *station, unsigned length, uint32_t seed)
{
	return receives_packet(station, length, seed) || receives_packet(station, length, seed);
}

static bool both_ways(uint32_t seed)
{
	return send_packet(&tested, peer.address, 60, seed) && comes(&peer, 60, seed) && send_packet(&peer, tested.address, 61, seed)
		   && comes(&tested, 61, seed);
}

static void check_down(void)
{
	uint16_t control = eepro100_phy_read(&tested.chip, E100_PHY, Control);
	eepro100_phy_write(&tested.chip, E100_PHY, Control, control | PowerDown);
	report("link: down with the PHY", within_deadline((status() & Link) == 0));
	if (is_82559) {
		report_equal("link: down in the general status", eepro100_read8(&tested.chip, E100_GENERAL) & 1, 0);
	}
	report("link: frames are sent all the same", send_packet(&tested, peer.address, 60, 10) && send_packet(&peer, tested.address, 60, 11));
	settle();
	report("link: and lost", tested.frames[tested.next].head.head.status == 0 && peer.frames[peer.next].head.head.status == 0);
	eepro100_phy_write(&tested.chip, E100_PHY, Control, control & (uint16_t)~PowerDown);
	report("link: up again", within_deadline((status() & Link) != 0));
	report("link: that it was down is remembered until it is read", (eepro100_phy_read(&tested.chip, E100_PHY, Status) & Link) != 0);
	report("link: and frames come and go again", both_ways(20));

	eepro100_phy_write(&tested.chip, E100_PHY, Control, Negotiate | Restart);
	report("link: negotiated anew", within_deadline((status() & (Link | Negotiated)) == (Link | Negotiated)));
	report("link: and once more they come and go", both_ways(30));
	eepro100_phy_write(&tested.chip, E100_PHY, Control, 0x8000);
	report("link: up after the PHY's reset", within_deadline((status() & Link) != 0) && both_ways(40));
}

static void check_loopback(void)
{
	tested.configuration[10] |= C10_LOOPBACK;
	(void)set_configuration(&tested);
	report("loopback: what is sent comes back", send_packet(&tested, tested.address, 100, 50) && receives_packet(&tested, 100, 50));
	settle();
	report("loopback: and goes nowhere else", peer.frames[peer.next].head.head.status == 0);
	tested.configuration[10] &= (uint8_t)~C10_LOOPBACK;
	(void)set_configuration(&tested);
	report("loopback: and no longer", both_ways(60));
}

void check_link(void)
{
	begin(&tested);
	begin(&peer);
	(void)start_receiving(&tested, 4, Whole);
	peer.configuration[15] |= C15_PROMISCUOUS;
	(void)set_configuration(&peer);
	(void)start_receiving(&peer, 4, Whole);
	report("link: up", within_deadline((status() & Link) != 0));
	report("link: frames come and go", both_ways(1));
	if (!qemu_departs("link: down with the PHY", "has a link whatever the PHY's registers say")) {
		check_down();
	}
	if (!qemu_departs("loopback: what is sent comes back", "sends it on the wire (6.4.2.3, byte 10)")) {
		check_loopback();
	}
	begin(&tested);
	begin(&peer);
}
