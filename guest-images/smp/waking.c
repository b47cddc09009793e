// Processors that sleep in HLT and wake each other: no wake-up is lost.
#include "parts.h"

enum { Vector = TEST_VECTOR + 10, Watchdog = TEST_VECTOR + 11 };

static volatile uint32_t token; // whose turn it is: token modulo the processors in the ring
static uint32_t last, ring;

static void pass_on(void *unused)
{
	(void)unused;
	unsigned me = processor_number();
	for (;;) {
		cli();
		uint32_t now = token;
		if (now >= last) {
			break;
		}
		if (now % ring == me) {
			token = now + 1;
			// The IPI is behind the store: whoever takes it sees whose turn it is.
			apic_send(processor_apic_id((me + 1) % ring), APIC_ASSERT | Vector);
			continue;
		}
		sti_hlt();
		if (me == 0 && taken[0][Watchdog] > 20) {
			report_fail("waking", "the token stays at %u", token);
			exit_with(1);
		}
	}
	for (unsigned i = 0; i < ring; i++) { // those that sleep see that it is over
		apic_send(processor_apic_id(i), APIC_ASSERT | Vector);
	}
}

static bool go_round(unsigned processors, uint32_t times)
{
	forget_interrupts();
	token = 0;
	last = times;
	ring = processors;
	apic_timer_start(APIC_PERIODIC | Watchdog, apic_timer_frequency());
	smp_run(processors, pass_on, NULL);
	apic_timer_stop();
	return token == times;
}

static struct meeting meeting;
static volatile uint32_t counter;
static uint32_t meetings;
static volatile bool all_there;

static void meet_often(void *unused)
{
	(void)unused;
	for (uint32_t i = 1; i <= meetings; i++) {
		fetch_add(&counter, 1);
		meet_asleep(&meeting, smp_count());
		if (counter != i * smp_count()) {
			all_there = false;
		}
		meet_asleep(&meeting, smp_count());
	}
}

void check_waking(void)
{
	if (smp_count() < 2) {
		report_skip("waking: HLT and IPIs in turn", "there is one processor");
		return;
	}
	sti();
	report("waking: two processors wake each other in turn", go_round(2, rounds));
	if (smp_count() > 2) {
		report("waking: all in a ring", go_round(smp_count(), rounds / 4));
	} else {
		report_skip("waking: all in a ring", "there are two");
	}
	cli();
	meetings = rounds / 100;
	all_there = true;
	smp_run(smp_count(), meet_often, NULL);
	report("waking: at a meeting all have come", all_there);
}
