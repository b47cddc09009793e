// Several processors: how they are found and started, how they interrupt each other, and that what must be atomic is.
// cpus=N says how many there are.
#include "parts.h"

volatile uint32_t taken[PROCESSORS_MAX][256];
uint32_t rounds;

static volatile bool holding;
static volatile uint32_t held;

static void count(struct frame *frame)
{
	taken[processor_number()][frame->vector]++;
	apic_end();
}

static void count_nmi(struct frame *frame)
{
	(void)frame;
	taken[processor_number()][NMI]++;
}

void forget_interrupts(void)
{
	memset((void *)taken, 0, sizeof taken);
}

uint32_t takers(uint8_t vector)
{
	uint32_t mask = 0;
	for (unsigned i = 0; i < smp_count(); i++) {
		mask |= (uint32_t)(taken[i][vector] != 0) << i;
	}
	return mask;
}

uint32_t total(uint8_t vector)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < smp_count(); i++) {
		sum += taken[i][vector];
	}
	return sum;
}

static void hold(void *unused)
{
	(void)unused;
	fetch_add(&held, 1);
	sti();
	while (holding) {
		pause();
	}
	cli();
}

void hold_others(void)
{
	holding = true;
	held = 0;
	for (unsigned i = 1; i < smp_count(); i++) {
		processor_run(i, hold, NULL);
	}
	within_deadline(held == smp_count() - 1);
}

void let_go(void)
{
	holding = false;
	for (unsigned i = 1; i < smp_count(); i++) {
		processor_wait(i);
	}
}

bool reaches(unsigned number, uint8_t vector)
{
	uint32_t before = taken[number][vector];
	apic_send(processor_apic_id(number), APIC_ASSERT | vector);
	return within_deadline(taken[number][vector] != before);
}

bool is_tcg(void)
{
	struct cpuid hypervisor = cpuid(0x40000000, 0);
	return (cpuid(1, 0).ecx >> 31) != 0 && memcmp(&hypervisor.ebx, "TCGT", 4) == 0;
}

int main(void)
{
	struct processor_table tables[2];
	rounds = multiboot_option("rounds", 100000);
	tsc_frequency();
	smp_start(tables);
	for (unsigned vector = TEST_VECTOR; vector < TEST_VECTOR + 0x40; vector++) {
		vector_handle((uint8_t)vector, count);
	}
	vector_handle(NMI, count_nmi);

	check_starting(tables, multiboot_option("cpus", 1));
	check_ipis();
	check_timers();
	check_lines();
	check_counters();
	check_patching();
	check_paging();
	check_waking();
	return report_summary();
}
