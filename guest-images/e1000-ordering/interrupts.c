// By causes instead of DD: a read of ICR that says RXT0 or TXDW came behind what the controller wrote before it raised them, so DD
// and all that it hands over is there without any polling. First with ICR polled, then from an interrupt.
#include "parts.h"

static struct path *on_path;
static volatile uint32_t causes_seen;

static void serve(struct frame *frame)
{
	(void)frame;
	causes_seen |= e1000_causes(&on_path->receiver);
}

static bool one_by_cause(struct path *path, bool interrupt, bool *flushed)
{
	causes_seen = 0;
	put_next(path);
	e1000_send(&path->sender);
	if (interrupt) {
		if (!soon((causes_seen & E1000_RXT0) != 0)) {
			return false;
		}
	} else if (!soon((e1000_causes(&path->receiver) & E1000_RXT0) != 0)) {
		return false;
	}
	*flushed = has_come(path);
	if (*flushed && !look(path)) {
		return false;
	}
	if (!*flushed || !soon((e1000_causes(&path->sender) & E1000_TXDW) != 0)) {
		return false;
	}
	reclaim(path);
	*flushed = path->reclaimed == path->sent;
	return *flushed;
}

static void check(struct path *path, uint32_t rounds, bool interrupt, const char *how)
{
	bool right = true, flushed = true;
	path_begin(path);
	(void)e1000_causes(&path->receiver);
	(void)e1000_causes(&path->sender);
	if (interrupt) {
		e1000_write(&path->receiver, E1000_IMS, E1000_RXT0);
	}
	while (right && path->received != rounds) {
		right = one_by_cause(path, interrupt, &flushed);
	}
	e1000_write(&path->receiver, E1000_IMC, UINT32_MAX);
	char name[80];
	snprintf(name, sizeof name, "intx.flushed-by-read, %s", how);
	report(name, flushed);
	report_sites(path, how, rounds, path->received == rounds || !flushed);
}

void check_interrupt_causes(struct path *path, uint32_t rounds)
{
	unsigned irq = pci_read8(path->receiver.pci, 0x3C);
	check(path, rounds, false, "by ICR");
	if (!report("INTx: the firmware gave it an interrupt line", irq >= 3 && irq <= 15)) {
		return;
	}
	on_path = path;
	irq_handle(irq, serve);
	irq_unmask(irq);
	sti();
	check(path, rounds, true, "by INTx");
	cli();
	irq_mask(irq);
	irq_handle(irq, NULL);
}
