// Each processor's own timer.
#include "parts.h"

enum { Vector = TEST_VECTOR + 8 };

static struct findings {
	bool once, stopped, periodic, running, masked, spinning;
} findings[PROCESSORS_MAX];

static uint32_t frequency;
static struct meeting meeting;

static void try_timer(void *unused)
{
	(void)unused;
	unsigned me = processor_number();
	struct findings *f = &findings[me];
	volatile uint32_t *ticks = &taken[me][Vector];

	*ticks = 0;
	apic_timer_start(Vector, frequency / 500);
	sti();
	f->once = within_deadline(*ticks == 1);
	f->stopped = apic_read(APIC_TIMER_CURRENT) == 0;

	// Nothing comes any more while the timer of the masked entry runs out.
	apic_timer_start(APIC_MASKED | Vector, frequency / 500);
	f->masked = within_deadline(apic_read(APIC_TIMER_CURRENT) == 0) && *ticks == 1;

	*ticks = 0;
	apic_timer_start(APIC_PERIODIC | Vector, frequency / 500);
	f->running = apic_read(APIC_TIMER_CURRENT) <= frequency / 500;
	f->periodic = within_deadline(*ticks >= 10);

	// All have their timers on now; each spins in a loop that does nothing else.
	meet(&meeting, smp_count());
	uint32_t begin = *ticks;
	__asm__ volatile("1: cmpl %1, %0\n\tjb 1b" : : "m"(*ticks), "r"(begin + 10) : "cc", "memory");
	f->spinning = true;
	meet(&meeting, smp_count());
	cli();
	apic_timer_stop();
}

static volatile bool spin;

static void spin_without_interrupts(void *unused)
{
	(void)unused;
	while (spin) {
		// No PAUSE: nothing tells a host that this one waits.
	}
}

void check_timers(void)
{
	frequency = apic_timer_frequency();
	report("timer: it counts", frequency > 100000);
	forget_interrupts();
	smp_run(smp_count(), try_timer, NULL);
	struct findings all = { true, true, true, true, true, true };
	for (unsigned i = 0; i < smp_count(); i++) {
		all.once &= findings[i].once;
		all.stopped &= findings[i].stopped;
		all.periodic &= findings[i].periodic;
		all.running &= findings[i].running;
		all.masked &= findings[i].masked;
		all.spinning &= findings[i].spinning;
	}
	report("timer: one-shot: each processor's comes", all.once);
	report("timer: one-shot: then its count stays at 0", all.stopped);
	report("timer: masked, it counts and does not interrupt", all.masked);
	report("timer: periodic: each processor's comes again and again", all.periodic);
	report("timer: periodic: the count is at most the initial one", all.running);
	report("timer: all tick while all spin", all.spinning);

	if (smp_count() < 2) {
		report_skip("timer: it ticks while the others spin with interrupts off", "there is one processor");
		return;
	}
	spin = true;
	for (unsigned i = 1; i < smp_count(); i++) {
		processor_run(i, spin_without_interrupts, NULL);
	}
	forget_interrupts();
	apic_timer_start(APIC_PERIODIC | Vector, frequency / 500);
	sti();
	bool ticked = within_deadline(taken[0][Vector] >= 10);
	cli();
	apic_timer_stop();
	spin = false;
	for (unsigned i = 1; i < smp_count(); i++) {
		processor_wait(i);
	}
	report("timer: it ticks while the others spin with interrupts off", ticked);
}
