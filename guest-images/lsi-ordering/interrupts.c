// INTx: behind INTF the done queue has what is done, and all of that is there.
#include "load.h"

static volatile uint32_t flown, other;

static void on_line(struct frame *frame)
{
	(void)frame;
	uint8_t istat = lsi_read8(&queue.lsi, LSI_ISTAT0);
	if (istat & LSI_ISTAT0_INTF) {
		lsi_write8(&queue.lsi, LSI_ISTAT0, LSI_ISTAT0_INTF);
		(void)lsi_read8(&queue.lsi, LSI_ISTAT0); // the line is down before the end of interrupt
		flown++;
	} else if (istat & (LSI_ISTAT0_SIP | LSI_ISTAT0_DIP)) {
		other = lsi_take(&queue.lsi).dstat | 0x100;
	}
}

void check_interrupts(uint32_t rounds)
{
	unsigned irq = pci_read8(queue.lsi.pci, 0x3C);
	uint32_t number = 0;
	load_begin(rounds);
	if (!report("INTx: there is a line", irq >= 3 && irq <= 15)) {
		return;
	}
	lsi_write8(&queue.lsi, LSI_ISTAT0, LSI_ISTAT0_INTF);
	flown = other = 0;
	irq_handle(irq, on_line);
	irq_unmask(irq);
	sti();
	uint64_t begin = rdtsc();
	for (; number < rounds && !load_stopped(); number++) {
		uint32_t before = flown, detail = 0;
		struct lsi_request *request = request_make(number);
		(void)lsi_submit(&queue, request, slot_of(number));
		if (!in_time(flown != before || other != 0)) {
			load_stop(Stuck, number, 0);
		} else if (other != 0) {
			load_stop(Stopped, number, other);
		} else if (READ_ONCE(queue.done[queue.finish_next]) != (uint32_t)(uintptr_t)request) {
			load_stop(NoEntry, number, queue.done[queue.finish_next]);
		} else {
			dma_rmb(); // the entry, then what it hands back
			enum verdict verdict = request_judge(number, &detail);
			if (verdict != Whole) {
				load_stop(verdict, number, detail);
			}
			(void)lsi_finished(&queue);
		}
	}
	cli();
	irq_mask(irq);
	irq_handle(irq, NULL);
	load_report("INTx: behind INTF the done queue has the request, and that is all there", number, begin);
}
