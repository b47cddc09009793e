// Causes and masks, and INTx through the PIC.
#include "parts.h"

enum { Rounds = 200 };

static volatile uint32_t taken, strangers, last_causes, masked_in_handler;

static void on_line(struct frame *frame)
{
	(void)frame;
	uint32_t causes = e1000_causes(&device.nic);
	last_causes = causes;
	if (causes == 0) {
		strangers++;
		return;
	}
	taken++;
	if (masked_in_handler != 0) {
		e1000_write(&device.nic, E1000_IMC, masked_in_handler);
		e1000_flush(&device.nic); // the line is down before the end of interrupt
	}
}

static void forget(void)
{
	e1000_write(&device.nic, E1000_IMC, UINT32_MAX);
	(void)e1000_causes(&device.nic);
	e1000_flush(&device.nic);
	taken = strangers = last_causes = masked_in_handler = 0;
}

static void check_registers(void)
{
	forget();
	report_equal("causes: none at first", e1000_read(&device.nic, E1000_ICR), 0);
	report_equal("causes: no mask", e1000_read(&device.nic, E1000_IMS), 0);
	e1000_write(&device.nic, E1000_ICS, E1000_LSC | E1000_RXT0);
	e1000_write(&device.nic, E1000_ICS, E1000_TXDW);
	report_equal("causes: ICS sets them", e1000_read(&device.nic, E1000_ICR), E1000_LSC | E1000_RXT0 | E1000_TXDW);
	report_equal("causes: and reading ICR takes them back", e1000_read(&device.nic, E1000_ICR), 0);
	e1000_write(&device.nic, E1000_ICS, E1000_LSC | E1000_RXT0);
	e1000_write(&device.nic, E1000_ICR, E1000_LSC);
	report_equal("causes: writing ICR takes back what is written", e1000_read(&device.nic, E1000_ICR), E1000_RXT0);
	e1000_write(&device.nic, E1000_IMS, E1000_RXO | E1000_RXT0);
	e1000_write(&device.nic, E1000_IMS, E1000_LSC);
	report_equal("causes: IMS adds to the mask", e1000_read(&device.nic, E1000_IMS), E1000_RXO | E1000_RXT0 | E1000_LSC);
	e1000_write(&device.nic, E1000_IMC, E1000_RXT0 | E1000_TXQE);
	report_equal("causes: IMC takes from it", e1000_read(&device.nic, E1000_IMS), E1000_RXO | E1000_LSC);
	forget();
}

static void check_line(void)
{
	bool ok = true;
	forget();
	e1000_write(&device.nic, E1000_IMS, E1000_RXT0);
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		e1000_write(&device.nic, E1000_ICS, E1000_RXT0);
		ok = within_deadline(taken == i);
	}
	report("INTx: 200 come and go", ok && taken == Rounds);
	forget();
	e1000_write(&device.nic, E1000_ICS, E1000_RXT0);
	e1000_flush(&device.nic);
	delay_us(300);
	report("INTx: not without a mask bit", taken == 0);
	e1000_write(&device.nic, E1000_IMS, E1000_TXDW);
	e1000_flush(&device.nic);
	delay_us(300);
	report("INTx: nor with another", taken == 0);
	e1000_write(&device.nic, E1000_IMS, E1000_RXT0);
	report("INTx: and at once when it is unmasked", within_deadline(taken == 1) && last_causes == E1000_RXT0);
	forget();

	// As Linux does: the handler masks, work is done, then it unmasks; what came meanwhile interrupts.
	masked_in_handler = E1000_RXT0;
	e1000_write(&device.nic, E1000_IMS, E1000_RXT0);
	ok = true;
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		e1000_write(&device.nic, E1000_ICS, E1000_RXT0);
		ok = within_deadline(taken == i);
		e1000_write(&device.nic, E1000_ICS, E1000_RXT0);
		e1000_flush(&device.nic);
		ok = ok && taken == i;
		i++;
		e1000_write(&device.nic, E1000_IMS, E1000_RXT0);
		ok = ok && within_deadline(taken == i);
		e1000_write(&device.nic, E1000_IMS, E1000_RXT0);
	}
	report("INTx: what comes while it is masked comes when it is not", ok);
	forget();
}

static void check_causes(void)
{
	bool received = true, sent = true;
	begin(0);
	forget();
	e1000_write(&device.nic, E1000_IMS, E1000_RXT0);
	for (uint32_t i = 1; i <= 50 && received; i++) {
		make_frame(scratch, device.nic.address, peer.nic.address, 100, i);
		received = send_frame(&peer, scratch, 100) && within_deadline(taken == i) && (last_causes & E1000_RXT0) != 0 && has_frame(&device)
				   && receive_frame(&device) && memcmp(arrival.frame, scratch, 100) == 0;
	}
	report("INTx: each frame that comes raises RXT0, and is there", received);
	forget();
	e1000_write(&device.nic, E1000_IMS, E1000_TXDW);
	for (uint32_t i = 1; i <= 50 && sent; i++) {
		make_frame(scratch, peer.nic.address, device.nic.address, 100, i);
		unsigned place = e1000_put_legacy(&device.nic, scratch, 100, E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS);
		e1000_send(&device.nic);
		sent = within_deadline(taken == i) && e1000_is_sent(&device.nic, place) && peer_receives(scratch, 100);
	}
	report("INTx: each frame that is sent raises TXDW, and is sent", sent);
	forget();
	e1000_put_legacy(&device.nic, scratch, 100, E1000_TXD_EOP | E1000_TXD_IFCS);
	e1000_send(&device.nic);
	uint32_t causes = 0;
	bool empty = within_deadline((causes |= e1000_causes(&device.nic)) & E1000_TXQE);
	report("causes: without RS no TXDW, but TXQE when the ring is empty", empty && (causes & E1000_TXDW) == 0 && peer_receives(scratch, 100));
}

// RXDMT0: half, a quarter, an eighth of the ring's descriptors are left (13.4.22).
static void check_threshold(void)
{
	bool ok = true;
	for (unsigned code = 0; code < 3 && ok; code++) {
		unsigned size = 32, left = size >> (code + 1), came = 0;
		begin(0);
		station_begin(&device, size, 2048, E1000_RCTL_BAM | code << E1000_RCTL_RDMTS);
		forget();
		make_frame(scratch, device.nic.address, peer.nic.address, 100, code);
		while (came < size - 1 - left && ok) {
			uint32_t causes = 0;
			ok = send_frame(&peer, scratch, 100) && within_deadline((causes |= e1000_causes(&device.nic)) & E1000_RXT0);
			came++;
			bool reached = came >= size - 1 - left;
			ok = ok && (!reached || within_deadline((causes |= e1000_causes(&device.nic)) & E1000_RXDMT0)) && (reached || (causes & E1000_RXDMT0) == 0);
		}
	}
	report("causes: RXDMT0 when few descriptors are left", ok);
}

void check_interrupts(void)
{
	unsigned irq = pci_read8(device.nic.pci, 0x3C);
	begin(0);
	check_registers();
	if (report("INTx: the firmware gave it an interrupt line", irq >= 3 && irq <= 15)) {
		irq_handle(irq, on_line);
		irq_unmask(irq);
		sti();
		check_line();
		check_causes();
		cli();
		irq_mask(irq);
		irq_handle(irq, NULL);
	}
	check_threshold();
}
