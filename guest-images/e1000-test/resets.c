// Software reset under load, and the life after it.
#include "parts.h"

enum { Rounds = 40 };

// Both send to the other, and nobody waits.
static void keep_busy(unsigned frames)
{
	static uint8_t from_peer[NIC_LONGEST_FRAME], from_device[NIC_LONGEST_FRAME];
	make_frame(from_peer, device.nic.address, peer.nic.address, 700, 1);
	make_frame(from_device, peer.nic.address, device.nic.address, 900, 2);
	for (unsigned i = 0; i < frames; i++) {
		e1000_put_legacy(&peer.nic, from_peer, 700, E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS);
		e1000_put_legacy(&device.nic, from_device, 900, E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS);
	}
	e1000_send(&peer.nic);
	e1000_send(&device.nic);
}

static bool is_untouched(void)
{
	for (unsigned i = 0; i < RingMax; i++) {
		const uint8_t *receive = (const uint8_t *)&device.receive[i], *transmit = (const uint8_t *)&device.transmit[i];
		for (unsigned at = 0; at < 16; at++) {
			if (receive[at] != Poison || transmit[at] != Poison) {
				return false;
			}
		}
		for (unsigned at = 0; at < 2048; at++) {
			if (device.buffers[i][at] != Poison) {
				return false;
			}
		}
	}
	return true;
}

static void poison(void)
{
	memset(device.receive, Poison, sizeof device.receive);
	memset(device.transmit, Poison, sizeof device.transmit);
	memset(device.buffers, Poison, sizeof device.buffers);
}

static bool works(void)
{
	begin(0);
	make_frame(scratch, device.nic.address, peer.nic.address, 500, 3);
	bool received = send_frame(&peer, scratch, 500) && receive_frame(&device) && memcmp(arrival.frame, scratch, 500) == 0;
	make_frame(scratch, peer.nic.address, device.nic.address, 600, 4);
	return received && send_frame(&device, scratch, 600) && peer_receives(scratch, 600);
}

static void check_under_load(void)
{
	bool silent = true, alive = true;
	unsigned rounds = is_tcg() ? 6 : Rounds; // each costs a second under QEMU, which receives nothing for that long behind a write of RCTL
	for (unsigned i = 0; i < rounds && silent && alive; i++) {
		begin(0);
		keep_busy(20);
		delay_us(i * 7 % 120);
		e1000_reset(&device.nic);
		poison();
		delay_us(100);
		silent = is_untouched();
		alive = works();
	}
	report("reset under load: then it stores nothing", silent);
	report("reset under load: and begins anew, like new", alive);
}

// Nothing but RST: the driver has not stopped it before.
static void check_alone(void)
{
	static const char name[] = "reset by RST alone: it stores nothing, and its registers are as at first";
	if (left_out_by_qemu(name, "what RST does")) {
		return;
	}
	bool silent = true, fresh = true;
	for (unsigned i = 0; i < Rounds && silent && fresh; i++) {
		begin(0);
		keep_busy(20);
		e1000_write(&device.nic, E1000_IMS, UINT32_MAX);
		delay_us(i * 5 % 90);
		e1000_write(&device.nic, E1000_CTRL, e1000_read(&device.nic, E1000_CTRL) | E1000_CTRL_RST);
		delay_us(10);
		poison();
		delay_us(100);
		silent = is_untouched();
		fresh = (e1000_read(&device.nic, E1000_CTRL) & E1000_CTRL_RST) == 0 && (e1000_read(&device.nic, E1000_RCTL) & E1000_RCTL_EN) == 0
				&& (e1000_read(&device.nic, E1000_TCTL) & E1000_TCTL_EN) == 0 && e1000_read(&device.nic, E1000_IMS) == 0
				&& e1000_read(&device.nic, E1000_RDH) == 0 && e1000_read(&device.nic, E1000_TDT) == 0 && e1000_read(&device.nic, E1000_RAH(0)) >> 31 == 1;
	}
	report(name, silent && fresh && works());
}

void check_resets(void)
{
	check_under_load();
	check_alone();
}
