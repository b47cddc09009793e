// Interrupts between processors: who gets which.
#include "parts.h"

// All that run, as takers() says it.
static uint32_t everyone(void) { return (1u << smp_count()) - 1; }

// Something sent later has come to every processor, so what came before it will not come any more.
static bool settled(void)
{
	bool ok = true;
	for (unsigned i = 0; i < smp_count(); i++) {
		ok = ok && reaches(i, TEST_VECTOR); // of the lowest priority of all: whatever waits is taken first
	}
	return ok;
}

static void check_shorthands(void)
{
	forget_interrupts();
	apic_send(0, APIC_SELF | APIC_ASSERT | 0x51);
	report("ipi: to itself", settled() && takers(0x51) == 1 && total(0x51) == 1);
	apic_send(0, APIC_OTHERS | APIC_ASSERT | 0x52);
	report("ipi: to all but itself", settled() && takers(0x52) == (everyone() & ~1u) && total(0x52) == smp_count() - 1);
	apic_send(0, APIC_ALL | APIC_ASSERT | 0x53);
	report("ipi: to all", settled() && takers(0x53) == everyone() && total(0x53) == smp_count());
	apic_send(0xFF, APIC_ASSERT | 0x54);
	report("ipi: to the physical address 0xFF, which is all", settled() && takers(0x54) == everyone() && total(0x54) == smp_count());
}

static void send_from_other(void *vector)
{
	apic_send(processor_apic_id(0), APIC_ASSERT | (uint32_t)(uintptr_t)vector);
	apic_send(0, APIC_OTHERS | APIC_ASSERT | ((uint32_t)(uintptr_t)vector + 1));
}

static void check_fixed(void)
{
	forget_interrupts();
	bool each = true;
	for (unsigned i = 0; i < smp_count(); i++) {
		uint8_t vector = (uint8_t)(0x60 + i);
		each = reaches(i, vector) && settled() && takers(vector) == 1u << i && total(vector) == 1 && each;
	}
	report("ipi: fixed, to each processor alone", each);

	processor_run(1, send_from_other, (void *)0x71);
	processor_wait(1);
	report("ipi: from another processor to the first, and to all but the sender",
		   within_deadline(total(0x71) == 1 && takers(0x72) == (smp_count() > 2 ? everyone() & ~2u : 1u)) && takers(0x71) == 1);
}

static void check_nmi(void)
{
	forget_interrupts();
	cli();
	apic_send(processor_apic_id(1), APIC_NMI | APIC_ASSERT);
	bool came = within_deadline(taken[1][NMI] == 1);
	sti();
	report("ipi: NMI to another processor", came && takers(NMI) == 2);
}

static volatile bool stay;
static volatile uint32_t deaf;

static void without_interrupts(void *unused)
{
	(void)unused;
	fetch_add(&deaf, 1);
	while (stay) {
		pause();
	}
}

static void check_masked(void)
{
	let_go();
	forget_interrupts();
	stay = true;
	deaf = 0;
	processor_run(1, without_interrupts, NULL);
	within_deadline(deaf == 1);
	apic_send(processor_apic_id(1), APIC_ASSERT | 0x61);
	apic_send(processor_apic_id(1), APIC_ASSERT | 0x61); // one waits already: this is the same one
	apic_send(processor_apic_id(1), APIC_NMI | APIC_ASSERT);
	bool nmi = within_deadline(taken[1][NMI] == 1);
	bool waited = taken[1][0x61] == 0;
	stay = false;
	processor_wait(1);
	report("ipi: with interrupts off NMI comes and a fixed one waits", nmi && waited);
	report("ipi: until they are on again, and then comes once", within_deadline(taken[1][0x61] == 1) && reaches(1, TEST_VECTOR) && taken[1][0x61] == 1);
	hold_others();
}

static void set_logical(void *model)
{
	unsigned me = processor_number();
	if (model == NULL) {
		apic_write(APIC_DFR, APIC_DFR_FLAT);
		apic_write(APIC_LDR, me < 8 ? 1u << (24 + me) : 0);
	} else { // two processors a cluster
		apic_write(APIC_DFR, APIC_DFR_CLUSTER);
		apic_write(APIC_LDR, (me / 2) << 28 | 1u << (24 + me % 2));
	}
}

static void make_logical(void *model)
{
	let_go();
	smp_run(smp_count(), set_logical, model);
	hold_others();
}

static bool logical(uint8_t destination, uint8_t vector, uint32_t expected)
{
	apic_send(destination, APIC_LOGICAL | APIC_ASSERT | vector);
	return settled() && takers(vector) == (expected & everyone());
}

static void check_logical(void)
{
	make_logical(NULL);
	forget_interrupts();
	report("ipi: logical, flat: one bit a processor", logical(0x02, 0x51, 2) && logical(0x03, 0x52, 3) && logical(0x01, 0x53, 1));
	report("ipi: logical, flat: 0xFF is all", logical(0xFF, 0x54, ~0u));
	report("ipi: logical, flat: bits of nobody", logical(0x00, 0x55, 0) && logical(0x80, 0x56, smp_count() > 7 ? 0x80 : 0));

	make_logical((void *)1);
	forget_interrupts();
	report("ipi: logical, cluster: one of a cluster, both, none", logical(0x02, 0x51, 2) && logical(0x03, 0x52, 3) && logical(0x04, 0x53, 0));
	if (smp_count() > 2) {
		report("ipi: logical, cluster: the second cluster", logical(0x11, 0x54, 4) && logical(0x13, 0x55, 12));
	} else {
		report_skip("ipi: logical, cluster: the second cluster", "that takes three processors");
	}
	if (logical(0xFF, 0x56, ~0u) || !is_tcg()) {
		report("ipi: logical, cluster: 0xFF is all", takers(0x56) == everyone());
	} else {
		report_skip("ipi: logical, cluster: 0xFF is all", "TCG takes it for a cluster of its own");
	}
}

static void check_lowest(void)
{
	make_logical(NULL);
	forget_interrupts();
	enum { Times = 200 };
	bool one = true;
	for (uint32_t i = 1; i <= Times && one; i++) {
		apic_send((uint8_t)everyone(), APIC_LOGICAL | APIC_LOWEST | APIC_ASSERT | 0x57);
		one = within_deadline(total(0x57) >= i);
	}
	report("ipi: lowest priority comes to exactly one of them, 200 times", one && settled() && total(0x57) == Times);
	apic_send(0x02, APIC_LOGICAL | APIC_LOWEST | APIC_ASSERT | 0x58);
	report("ipi: lowest priority among one is that one", settled() && takers(0x58) == 2 && total(0x58) == 1);
}

static volatile uint32_t order[8], order_count;

static void note(struct frame *frame)
{
	order[order_count++ & 7] = (uint32_t)frame->vector;
	apic_end();
}

static void set_priority(uint32_t priority)
{
#ifdef __x86_64__
	__asm__ volatile("mov %0, %%cr8" : : "r"((uint64_t)priority >> 4) : "memory");
#else
	apic_write(APIC_TPR, priority);
#endif
}

static void check_priorities(void)
{
	static const uint8_t vectors[] = { 0x81, 0xA1, 0x91 };
	for (unsigned i = 0; i < 3; i++) {
		vector_handle(vectors[i], note);
	}
	cli();
	order_count = 0;
	for (unsigned i = 0; i < 3; i++) {
		apic_send(0, APIC_SELF | APIC_ASSERT | vectors[i]);
	}
	report("priorities: what waits is in the IRR", apic_bit(APIC_IRR, 0x81) && apic_bit(APIC_IRR, 0x91) && apic_bit(APIC_IRR, 0xA1));
	sti();
	within_deadline(order_count == 3);
	report("priorities: the highest vector first", order_count == 3 && order[0] == 0xA1 && order[1] == 0x91 && order[2] == 0x81);

	order_count = 0;
	set_priority(0x90);
	report_equal("priorities: the task priority is in its register", apic_read(APIC_TPR), 0x90);
	for (unsigned i = 0; i < 3; i++) {
		apic_send(0, APIC_SELF | APIC_ASSERT | vectors[i]);
	}
	bool came = within_deadline(order_count >= 1);
	report("priorities: a task priority of 0x90 lets 0xA1 in and holds 0x91 and 0x81",
		   came && order_count == 1 && order[0] == 0xA1 && apic_bit(APIC_IRR, 0x91) && apic_bit(APIC_IRR, 0x81));
	set_priority(0x80);
	came = within_deadline(order_count >= 2);
	report("priorities: one of 0x80 lets 0x91 in too", came && order_count == 2 && order[1] == 0x91);
	set_priority(0);
	report("priorities: one of 0 lets all in", within_deadline(order_count == 3) && order[2] == 0x81);
#ifdef __x86_64__
	apic_write(APIC_TPR, 0x50);
	uint64_t cr8;
	__asm__ volatile("mov %%cr8, %0" : "=r"(cr8));
	report_equal("priorities: CR8 is the task priority's upper half", cr8, 5);
	apic_write(APIC_TPR, 0);
#endif
	for (unsigned i = 0; i < 3; i++) {
		vector_handle(vectors[i], NULL);
	}
}

static volatile uint32_t nested, in_service;

static void nest(struct frame *frame)
{
	uint8_t vector = (uint8_t)frame->vector;
	if (vector == 0x81) {
		apic_send(0, APIC_SELF | APIC_ASSERT | 0x71); // lower: waits
		apic_send(0, APIC_SELF | APIC_ASSERT | 0x91); // higher: comes in between
		sti();
		within_deadline(nested != 0);
		in_service = apic_bit(APIC_ISR, 0x81) && !apic_bit(APIC_ISR, 0x71) && apic_bit(APIC_IRR, 0x71) && apic_read(APIC_PPR) == 0x80;
		cli();
	} else {
		nested = apic_bit(APIC_ISR, 0x81) && apic_bit(APIC_ISR, 0x91);
	}
	apic_end();
}

static void check_nesting(void)
{
	forget_interrupts();
	vector_handle(0x81, nest);
	vector_handle(0x91, nest);
	apic_send(0, APIC_SELF | APIC_ASSERT | 0x81);
	report("priorities: a higher one interrupts the handler of a lower one, with both in service", within_deadline(nested == 1));
	report("priorities: a lower one waits for the end of interrupt", in_service == 1 && within_deadline(taken[0][0x71] == 1));
	vector_handle(0x81, NULL);
	vector_handle(0x91, NULL);
}

void check_ipis(void)
{
	sti();
	hold_others();
	check_shorthands();
	if (smp_count() < 2) {
		report_skip("ipi: to other processors", "there is one");
	} else {
		let_go();
		forget_interrupts();
		apic_send(0, APIC_OTHERS | APIC_ASSERT | 0x52);
		report("ipi: to all others, which are halted", settled() && takers(0x52) == (everyone() & ~1u) && total(0x52) == smp_count() - 1);
		check_fixed();
		hold_others();
		check_nmi();
		check_masked();
		check_logical();
		check_lowest();
	}
	let_go();
	check_priorities();
	check_nesting();
	cli();
}
