// By causes instead of DD: a read of ICR that says RXT0 or TXDW came behind what the controller wrote before it raised them, so DD
// and all that it hands over is there without any polling. With ICR polled, from an interrupt that ends HLT, and from one that
// meets its mask: whatever the mask is when the cause comes, it is off in the end, and then the cause is heard of.
#include "parts.h"

enum { WatchdogVector = 0x53, WatchdogTicks = 1 << 28, Patience = 80 };

static struct path *on_path;
static volatile uint32_t causes_seen, watchdog;

static void serve(struct frame *frame)
{
	(void)frame;
	causes_seen |= e1000_causes(&on_path->receiver);
}

// A line that goes away before the processor has asked which it was: the PIC says 7, and the slave's has to be ended at
// the master alone (8259A data sheet, "Interrupt Sequence"). Masking at the controller does that.
static void serve_spurious(struct frame *frame)
{
	if (frame->vector == IRQ_VECTOR + 15) {
		irq_end(2);
	}
}

static void bark(struct frame *frame)
{
	(void)frame;
	watchdog++;
	apic_end();
}

static bool by_icr(struct path *path)
{
	return soon((e1000_causes(&path->receiver) & E1000_RXT0) != 0);
}

// Halted: what an interrupt that is lost costs is a tick of the watchdog, and no time at all where time is instructions.
static bool by_line(struct path *path)
{
	(void)path;
	watchdog = 0;
	while ((causes_seen & E1000_RXT0) == 0 && watchdog < Patience) {
		cli();
		if ((causes_seen & E1000_RXT0) == 0) {
			sti_hlt();
		}
		sti();
	}
	return (causes_seen & E1000_RXT0) != 0;
}

static bool by_line_and_mask(struct path *path)
{
	for (unsigned times = path->received % 16; times > 0; times--) {
		e1000_write(&path->receiver, E1000_IMC, E1000_RXT0);
		e1000_write(&path->receiver, E1000_IMS, E1000_RXT0);
	}
	return by_line(path);
}

// One frame. False if it was not right, or `missing` says what was not there.
static bool take_one(struct path *path, bool (*wait)(struct path *path), const char **missing)
{
	causes_seen = 0;
	put_next(path);
	e1000_send(&path->sender);
	if (!wait(path)) {
		*missing = "irq.mask-recheck";
	} else if (!has_come(path)) {
		*missing = "intx.flushed-by-read";
	} else if (look(path) && soon((e1000_causes(&path->sender) & E1000_TXDW) != 0)) {
		reclaim(path);
		*missing = path->reclaimed != path->sent ? "intx.flushed-by-read" : NULL;
		return *missing == NULL;
	}
	return false;
}

static void report_missing(const char *site, const char *how, const char *missing)
{
	char name[80];
	snprintf(name, sizeof name, "%s, %s", site, how);
	report(name, missing == NULL || strcmp(missing, site) != 0);
}

static void check(struct path *path, uint32_t rounds, bool (*wait)(struct path *path), const char *how)
{
	const char *missing = NULL;
	bool right = true;
	path_begin(path);
	(void)e1000_causes(&path->receiver);
	(void)e1000_causes(&path->sender);
	e1000_write(&path->receiver, E1000_IMS, wait == by_icr ? 0 : E1000_RXT0);
	while (right && path->received != rounds) {
		right = take_one(path, wait, &missing);
	}
	e1000_write(&path->receiver, E1000_IMC, UINT32_MAX);
	e1000_flush(&path->receiver);
	report_missing("intx.flushed-by-read", how, missing);
	report_missing("irq.mask-recheck", how, missing);
	report_sites(path, how, rounds, right || missing != NULL);
}

void check_interrupt_causes(struct path *path, uint32_t rounds)
{
	unsigned irq = pci_read8(path->receiver.pci, 0x3C);
	check(path, rounds, by_icr, "by ICR");
	if (!report("INTx: the firmware gave it an interrupt line", irq >= 3 && irq <= 15)) {
		return;
	}
	on_path = path;
	irq_handle(irq, serve);
	vector_handle(IRQ_VECTOR + 7, serve_spurious);
	vector_handle(IRQ_VECTOR + 15, serve_spurious);
	vector_handle(WatchdogVector, bark);
	irq_unmask(irq);
	apic_enable();
	apic_timer_start(APIC_PERIODIC | WatchdogVector, WatchdogTicks);
	sti();
	check(path, rounds, by_line, "by INTx");
	check(path, rounds, by_line_and_mask, "by INTx and its mask");
	cli();
	apic_timer_stop();
	irq_mask(irq);
}
