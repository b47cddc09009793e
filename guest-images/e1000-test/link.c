// The link, as the PHY and the controller have it.
#include "parts.h"

enum { Usual = E1000_PHY_SPEED_1000 | E1000_PHY_FULL_DUPLEX | E1000_PHY_NEGOTIATION };

static bool frames_flow(void)
{
	make_frame(scratch, device.nic.address, peer.nic.address, 100, 77);
	make_frame(scratch2, peer.nic.address, device.nic.address, 100, 78);
	return send_frame(&device, scratch2, 100) && peer_receives(scratch2, 100) && send_frame(&peer, scratch, 100) && receive_frame(&device)
		   && memcmp(arrival.frame, scratch, 100) == 0;
}

static bool came_up(void)
{
	uint32_t causes = 0;
	return within_deadline(e1000_link_up(&device.nic)) && within_deadline((causes |= e1000_causes(&device.nic)) & E1000_LSC);
}

static void check_negotiation(void)
{
	report("link: it is up", e1000_link_up(&device.nic) && (e1000_read(&device.nic, E1000_STATUS) & E1000_STATUS_FD) != 0);
	(void)e1000_phy_read(&device.nic, E1000_PHY_STATUS); // its link bit latches low
	report("link: the PHY says so", e1000_phy_read(&device.nic, E1000_PHY_STATUS) & E1000_PHY_STATUS_LINK);
	(void)e1000_causes(&device.nic);
	e1000_phy_write(&device.nic, E1000_PHY_CONTROL, Usual | E1000_PHY_RESTART);
	report("link: negotiated anew, it comes up and raises LSC", came_up());
	(void)e1000_phy_read(&device.nic, E1000_PHY_STATUS);
	report("link: and the PHY is done with it", (e1000_phy_read(&device.nic, E1000_PHY_STATUS) & (E1000_PHY_STATUS_LINK | E1000_PHY_STATUS_NEGOTIATED))
		   == (E1000_PHY_STATUS_LINK | E1000_PHY_STATUS_NEGOTIATED));
	report("link: the bit that restarts it reads as zero", (e1000_phy_read(&device.nic, E1000_PHY_CONTROL) & E1000_PHY_RESTART) == 0);
	report("link: frames go both ways", frames_flow());
}

static void check_power(void)
{
	static const char name[] = "link: with the PHY off it is down, and raises LSC";
	if (left_out_by_qemu(name, "the PHY's power down")) {
		return;
	}
	uint32_t causes = 0;
	(void)e1000_causes(&device.nic);
	e1000_phy_write(&device.nic, E1000_PHY_CONTROL, Usual | E1000_PHY_POWER_DOWN);
	bool down = within_deadline(!e1000_link_up(&device.nic));
	report(name, down && within_deadline((causes |= e1000_causes(&device.nic)) & E1000_LSC));
	report("link: the PHY says so too", (e1000_phy_read(&device.nic, E1000_PHY_STATUS) & E1000_PHY_STATUS_LINK) == 0);
	make_frame(scratch, device.nic.address, peer.nic.address, 100, 1);
	bool sent = send_frame(&peer, scratch, 100);
	delay_us(200);
	report("link: nothing comes then", sent && !has_frame(&device));
	(void)e1000_causes(&device.nic);
	e1000_phy_write(&device.nic, E1000_PHY_CONTROL, Usual);
	report("link: with the PHY on it comes up, and raises LSC", came_up());
	report("link: and frames go both ways", frames_flow());

	e1000_write(&device.nic, E1000_CTRL, e1000_read(&device.nic, E1000_CTRL) | E1000_CTRL_PHY_RST);
	delay_us(10);
	e1000_write(&device.nic, E1000_CTRL, e1000_read(&device.nic, E1000_CTRL) & ~E1000_CTRL_PHY_RST);
	report("link: the PHY's own reset brings it down and up", came_up() && frames_flow());
	e1000_phy_write(&device.nic, E1000_PHY_CONTROL, E1000_PHY_RESET);
	report("link: its reset bit too, and reads as zero", came_up() && (e1000_phy_read(&device.nic, E1000_PHY_CONTROL) & E1000_PHY_RESET) == 0 && frames_flow());
}

// What is sent comes back, and does not leave.
static void check_loopback(void)
{
	static const unsigned lengths[] = { 14, 15, 42, 59, 60, 100, 1000, 1514 };
	bool ok = true;
	e1000_phy_write(&device.nic, E1000_PHY_CONTROL, E1000_PHY_SPEED_1000 | E1000_PHY_FULL_DUPLEX | E1000_PHY_LOOPBACK);
	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths && ok; i++) {
		unsigned length = lengths[i] < NIC_SHORTEST_FRAME ? NIC_SHORTEST_FRAME : lengths[i];
		memset(scratch, 0, NIC_SHORTEST_FRAME);
		make_frame(scratch, device.nic.address, peer.nic.address, lengths[i], i);
		ok = send_frame(&device, scratch, lengths[i]) && receive_frame(&device) && arrival.length == length && memcmp(arrival.frame, scratch, length) == 0;
	}
	report("loopback: what is sent comes back", ok);
	make_frame(scratch, peer.nic.address, device.nic.address, 100, 5);
	bool sent = send_frame(&device, scratch, 100);
	e1000_phy_write(&device.nic, E1000_PHY_CONTROL, Usual | E1000_PHY_RESTART);
	(void)within_deadline(e1000_link_up(&device.nic));
	report("loopback: and does not leave", sent && frames_flow());
}

void check_link(void)
{
	begin(0);
	check_negotiation();
	check_power();
	check_loopback();
}
