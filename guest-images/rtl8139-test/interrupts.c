// INTx: through the PIC, by the causes that IMR lets out. The handler reads ISR, which flushes what was written before.
#include "parts.h"

enum { Rounds = 500, Length = 120 };

static volatile uint32_t served, strangers, causes;
static volatile bool leave;

static void on_line(struct frame *frame)
{
	(void)frame;
	uint16_t cause = rtl8139_read16(device, RTL_ISR) & rtl8139_read16(device, RTL_IMR);
	if (cause == 0) {
		strangers++;
		return;
	}
	causes |= cause;
	served++;
	if (!leave || served % 4 == 0) { // the line stays up while it is left
		rtl8139_write16(device, RTL_ISR, cause);
		(void)rtl8139_read16(device, RTL_ISR); // the line is down before the end of interrupt
	}
}

static void forget(uint16_t mask)
{
	rtl8139_write16(device, RTL_IMR, 0);
	rtl8139_write16(device, RTL_ISR, 0xFFFF);
	(void)rtl8139_read16(device, RTL_ISR);
	served = strangers = causes = 0;
	leave = false;
	rtl8139_write16(device, RTL_IMR, mask);
}

// Takes the frame out of memory without giving anything back by a register, as the causes are the handler's here.
static bool handler_saw_frame(uint32_t i)
{
	return dut_gets(NULL, i, Length);
}

static void check_received(void)
{
	bool ok = true;
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		forget(RTL_ROK);
		ok = peer_sends(NULL, i, Length) && within_deadline(served == 1) && causes == RTL_ROK;
		// In the old mode and in the new, the frame is there: the handler read a register.
		ok = ok && (cplus != NULL ? rtl8139cp_peek(cplus) != NULL : (rtl8139_read8(device, RTL_CR) & RTL_BUFE) == 0) && handler_saw_frame(i);
	}
	report("INTx: 500 frames received", ok && strangers == 0);
}

static void check_sent(void)
{
	bool ok = true;
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		forget(RTL_TXOK);
		ok = dut_sends(i, Length) && within_deadline(served != 0) && dut.driver->all_sent(&dut) && peer_gets(i, Length);
	}
	report("INTx: 500 frames sent", ok && strangers == 0);
}

static void check_mask(void)
{
	forget(0);
	bool ok = peer_sends(NULL, 1, Length) && within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_ROK) != 0);
	report("INTx: a cause that IMR holds back holds the line down", ok && served == 0);
	rtl8139_write16(device, RTL_IMR, RTL_ROK);
	report("INTx: let out, it comes", within_deadline(served == 1) && dut_gets(NULL, 1, Length));
	forget(RTL_ROK);
	leave = true;
	ok = peer_sends(NULL, 2, Length) && within_deadline(served >= 4);
	(void)rtl8139_read16(device, RTL_ISR);
	report("INTx: comes again until its cause is taken back", ok && served == 4 && strangers == 0);
	leave = false;
	dut_gets(NULL, 2, Length);

	// A cause that comes while the mask is off and on is not lost.
	ok = true;
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		forget(RTL_ROK);
		ok = peer_sends(NULL, i, Length);
		for (unsigned toggle = 0; toggle < i % 16; toggle++) {
			rtl8139_write16(device, RTL_IMR, 0);
			rtl8139_write16(device, RTL_IMR, RTL_ROK);
		}
		ok = ok && within_deadline(served == 1) && dut_gets(NULL, i, Length);
	}
	report("INTx: a cause that meets its mask is not lost", ok);
}

static void check_timer(void)
{
	forget(RTL_TIMEOUT);
	rtl8139_write(device, RTL_TIMERINT, 33000);
	rtl8139_write(device, RTL_TCTR, 0);
	report("INTx: the timer's", within_deadline(served == 1) && causes == RTL_TIMEOUT);
	rtl8139_write(device, RTL_TIMERINT, 0);
}

void check_interrupts(void)
{
	unsigned irq = pci_read8(dut.pci, 0x3C);
	begin();
	drain_peer();
	if (!report("INTx: the firmware gave it an interrupt line", irq >= 3 && irq <= 15)) {
		return;
	}
	forget(0);
	irq_handle(irq, on_line);
	irq_unmask(irq);
	sti();
	check_received();
	check_sent();
	check_mask();
	check_timer();
	forget(0);
	cli();
	irq_mask(irq);
	irq_handle(irq, NULL);
}
