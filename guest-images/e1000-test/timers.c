// Timers that hold interrupts back: ITR, RDTR and RADV, TIDV and TADV (13.4.18, 13.4.30 and on). What is checked is that nothing
// comes too soon, and that it comes: how late depends on the host.
#include "parts.h"

enum { Milliseconds = 4 };

static volatile uint32_t taken;

static void count(struct frame *frame)
{
	(void)frame;
	taken += e1000_causes(&device.nic) != 0;
}

static uint64_t ticks(unsigned milliseconds)
{
	return divide64(tsc_frequency(), 1000) * milliseconds;
}

// To a hundredth: the time stamp counter's frequency has been measured.
static bool has_passed(uint64_t begin, unsigned milliseconds)
{
	return rdtsc() - begin >= divide64(ticks(milliseconds) * 99, 100);
}

// In units of 1.024 microseconds.
static uint32_t delay(unsigned milliseconds)
{
	return milliseconds * 1000000 / 1024 + 1;
}

static void check_throttle(void)
{
	e1000_write(&device.nic, E1000_ITR, Milliseconds * 1000000 / 256 + 1);
	e1000_write(&device.nic, E1000_IMS, E1000_LSC);
	taken = 0;
	if (!take_interrupts(count)) {
		report_skip("ITR", "the firmware gave it no interrupt line");
		return;
	}
	uint64_t begin = rdtsc(), end = begin;
	while (end - begin < ticks(8 * Milliseconds)) {
		e1000_write(&device.nic, E1000_ICS, E1000_LSC);
		end = rdtsc();
	}
	uint32_t many = taken, most = (uint32_t)divide64(tsc_to_us(end - begin), Milliseconds * 1000) + 2;
	report("ITR: one interrupt in four milliseconds at most", many <= most);
	report("ITR: but they come", within_deadline((e1000_write(&device.nic, E1000_ICS, E1000_LSC), taken >= 2)));
	many = taken;
	e1000_write(&device.nic, E1000_ICS, E1000_LSC);
	report("ITR: and none is lost", within_deadline(taken > many));
	e1000_write(&device.nic, E1000_IMC, UINT32_MAX);
	e1000_write(&device.nic, E1000_ITR, 0);
	e1000_flush(&device.nic);
	take_interrupts(NULL);
}

static bool send_one(void)
{
	static uint32_t number;
	make_frame(scratch, device.nic.address, peer.nic.address, 80, ++number);
	return send_frame(&peer, scratch, 80) && receive_frame(&device);
}

static void check_receive_delay(void)
{
	(void)e1000_causes(&device.nic);
	e1000_write(&device.nic, E1000_RDTR, delay(Milliseconds));
	uint64_t begin = rdtsc();
	bool came = send_one() && send_one(), raised = within_deadline(e1000_causes(&device.nic) & E1000_RXT0);
	report("RDTR: RXT0 comes four milliseconds behind the frame, not before", came && raised && has_passed(begin, Milliseconds));

	// Frame upon frame: the packet timer begins anew with each, the absolute one does not.
	e1000_write(&device.nic, E1000_RADV, delay(2 * Milliseconds));
	e1000_write(&device.nic, E1000_RDTR, delay(60));
	(void)e1000_causes(&device.nic);
	begin = rdtsc();
	raised = within_deadline((came = send_one(), e1000_causes(&device.nic) & E1000_RXT0));
	report("RADV: RXT0 comes, however many frames follow", came && raised && has_passed(begin, 2 * Milliseconds));
	e1000_write(&device.nic, E1000_RDTR, 0);
	e1000_write(&device.nic, E1000_RADV, 0);
	(void)e1000_causes(&device.nic);
	report("RDTR: at zero it comes with the frame", send_one() && within_deadline(e1000_causes(&device.nic) & E1000_RXT0));
}

static bool send_delayed(unsigned more)
{
	make_frame(scratch, peer.nic.address, device.nic.address, 80, 1);
	e1000_put_legacy(&device.nic, scratch, 80, (uint8_t)(E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS | more));
	return send_and_wait(&device) && receive_frame(&peer);
}

static void check_transmit_delay(void)
{
	e1000_write(&device.nic, E1000_TIDV, delay(Milliseconds));
	(void)e1000_causes(&device.nic);
	uint64_t begin = rdtsc();
	bool sent = send_delayed(E1000_TXD_IDE), raised = within_deadline(e1000_causes(&device.nic) & E1000_TXDW);
	report("TIDV: with IDE, TXDW comes four milliseconds behind the frame, not before", sent && raised && has_passed(begin, Milliseconds));
	report("TIDV: without IDE at once", send_delayed(0) && within_deadline(e1000_causes(&device.nic) & E1000_TXDW));
	e1000_write(&device.nic, E1000_TIDV, delay(60));
	e1000_write(&device.nic, E1000_TADV, delay(2 * Milliseconds));
	(void)e1000_causes(&device.nic);
	begin = rdtsc();
	raised = within_deadline((sent = send_delayed(E1000_TXD_IDE), e1000_causes(&device.nic) & E1000_TXDW));
	report("TADV: TXDW comes, however many frames follow", sent && raised && has_passed(begin, 2 * Milliseconds));
	e1000_write(&device.nic, E1000_TIDV, 0);
	e1000_write(&device.nic, E1000_TADV, 0);
}

void check_timers(void)
{
	begin(0);
	check_throttle();
	if (!left_out_by_qemu("RDTR, RADV, TIDV, TADV", "these, but for what RADV and TADV add to ITR")) {
		check_receive_delay();
		check_transmit_delay();
	}
}
