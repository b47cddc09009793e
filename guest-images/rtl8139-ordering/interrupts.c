// INTx: what raises it is behind a register read; a cause that meets its mask on the way is not lost.
#include "load.h"

static struct rtl8139 *to;
static volatile uint32_t served;

static void on_line(struct frame *frame)
{
	(void)frame;
	uint16_t cause = rtl8139_read16(to, RTL_ISR) & rtl8139_read16(to, RTL_IMR);
	if (cause != 0) {
		rtl8139_write16(to, RTL_ISR, cause);
		(void)rtl8139_read16(to, RTL_ISR); // the line is down before the end of interrupt
		served++;
	}
}

// Each frame raises one cause; the mask is opened and shut while it comes, and is open in the end: then the line must come.
void check_interrupts(struct nic *sender, struct nic *receiver, uint32_t rounds)
{
	static const char name[] = "INTx: a cause that meets its mask is not lost, and the frame is behind the register read";
	static uint8_t frame[Longest], came[NIC_LONGEST_FRAME];
	unsigned irq = pci_read8(receiver->pci, 0x3C);
	sender->driver = receiver->driver = &rtl8139_driver;
	if (!report("INTx: both start", irq >= 3 && irq <= 15 && sender->driver->open(sender) && receiver->driver->open(receiver)
										&& within_deadline(sender->driver->link_up(sender)) && within_deadline(receiver->driver->link_up(receiver)))) {
		return;
	}
	to = (struct rtl8139 *)receiver->private;
	frame_setup(receiver->address, sender->address);
	irq_handle(irq, on_line);
	irq_unmask(irq);
	sti();
	bool ok = true;
	for (uint32_t number = 1; number <= rounds && ok; number++) {
		rtl8139_write16(to, RTL_IMR, 0);
		rtl8139_write16(to, RTL_ISR, 0xFFFF);
		served = 0;
		frame_fill(frame, number);
		ok = nic_send(sender, frame, frame_length(number));
		for (unsigned toggle = 0; toggle < number % 64 && served == 0; toggle++) {
			rtl8139_write16(to, RTL_IMR, 0);
			rtl8139_write16(to, RTL_IMR, RTL_ROK);
		}
		rtl8139_write16(to, RTL_IMR, RTL_ROK);
		// A cause that is there, and let out, and no line: that is what must not be. So the wait is for both, and the deadline the line's.
		ok = ok && within_deadline(served != 0) && receiver->driver->receive(receiver, came, sizeof came) == frame_length(number)
			 && memcmp(came, frame, frame_length(number)) == 0;
		if (!ok) {
			report_fail(name, "frame %u: served %u times, ISR 0x%x, IMR 0x%x", number, served, rtl8139_read16(to, RTL_ISR), rtl8139_read16(to, RTL_IMR));
		}
	}
	cli();
	rtl8139_write16(to, RTL_IMR, 0);
	irq_mask(irq);
	irq_handle(irq, NULL);
	if (ok) {
		report(name, true);
	}
	sender->driver->close(sender);
	receiver->driver->close(receiver);
}
