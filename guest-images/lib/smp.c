// Starts the other processors (SDM volume 3, 9.4.4) and runs functions on them.
#include "smp.h"

#include "apic.h"
#include "exit.h"
#include "interrupts.h"
#include "report.h"
#include "string.h"
#include "timing.h"

extern const uint8_t trampoline_start[], trampoline_end[];
extern volatile uint32_t first_cr0, first_cr3, first_cr4, first_efer;

__attribute__((noreturn)) void processor_main(unsigned number, uint32_t segment);

// What the trampoline reads.
uint8_t processor_of_apic_id[256];
uint8_t processor_stacks[PROCESSORS_MAX][PROCESSOR_STACK] OWN_CACHE_LINE;

static struct tss task_states[PROCESSORS_MAX] __attribute__((aligned(128)));

static struct processor {
	uint8_t apic_id;
	volatile uint16_t start_segment;
	volatile uint32_t starts;
	void (*function)(void *argument);
	void *argument;
	volatile uint32_t posted, done; // work is there while they differ
} OWN_CACHE_LINE processors[PROCESSORS_MAX];

static unsigned count = 1;

unsigned smp_count(void) { return count; }
uint8_t processor_apic_id(unsigned number) { return processors[number].apic_id; }
uint16_t processor_start_segment(unsigned number) { return processors[number].start_segment; }

static void end_only(struct frame *frame)
{
	(void)frame;
	apic_end();
}

void processor_main(unsigned number, uint32_t segment)
{
	struct processor *self = &processors[number];
	struct tss *task = &task_states[number];
	task->io_map_base = sizeof *task;
#ifdef __x86_64__
	task->ist[0] = (uintptr_t)processor_stacks[number] + PROCESSOR_STACK / 4; // #DF: the far end of its stack
#endif
	uint16_t selector = (uint16_t)(TSS_SELECTOR + number * TSS_SELECTOR_STEP);
	gdt_system_descriptor(selector, (uintptr_t)task, sizeof *task - 1, 9); // again if it has been started before: it is busy
	ltr(selector);
	apic_enable();
	self->start_segment = (uint16_t)segment;
	self->done = self->posted;
	self->starts++;

	for (;;) {
		cli();
		if (self->done == self->posted) {
			sti_hlt();
			continue;
		}
		self->function(self->argument);
		compiler_barrier(); // what it wrote is visible before `done` is
		self->done++;
	}
}

bool processor_start(unsigned number, uint8_t page)
{
	struct processor *processor = &processors[number];
	uint32_t before = processor->starts;
	memcpy((void *)((uintptr_t)page << 12), trampoline_start, (size_t)(trampoline_end - trampoline_start));
	first_cr0 = (uint32_t)read_cr0();
	first_cr3 = (uint32_t)read_cr3();
	first_cr4 = (uint32_t)read_cr4();
#ifdef __x86_64__
	first_efer = (uint32_t)rdmsr(MSR_EFER);
#endif
	apic_send(processor->apic_id, APIC_INIT | APIC_ASSERT | APIC_LEVEL);
	apic_send(processor->apic_id, APIC_INIT | APIC_LEVEL);
	delay_us(10000);
	for (unsigned i = 0; i < 2 && processor->starts == before; i++) {
		apic_send(processor->apic_id, APIC_STARTUP | APIC_ASSERT | page);
		delay_us(200);
	}
	return within_deadline(processor->starts != before);
}

unsigned smp_start(struct processor_table *tables)
{
	struct processor_table found[2] = { mp_table(), madt() };
	// SeaBIOS lists one processor a package in its MP table, so the MADT counts if it is there.
	const struct processor_table *named = &found[found[1].present ? 1 : 0];

	vector_handle(WAKE_VECTOR, end_only);
	vector_handle(APIC_SPURIOUS_VECTOR, end_only); // never comes; it would need no EOI
	apic_enable();
	memset(processor_of_apic_id, 0xFF, sizeof processor_of_apic_id);
	processors[0].apic_id = apic_id();
	for (unsigned i = 0; i < named->count; i++) {
		if (named->apic_ids[i] != processors[0].apic_id) {
			processors[count].apic_id = named->apic_ids[i];
			processor_of_apic_id[named->apic_ids[i]] = (uint8_t)count;
			if (!processor_start(count, START_PAGE)) {
				processor_of_apic_id[named->apic_ids[i]] = 0xFF;
				continue;
			}
			count++;
		}
	}
	if (tables != NULL) {
		memcpy(tables, found, sizeof found);
	}
	return count;
}

void processor_run(unsigned number, void (*function)(void *argument), void *argument)
{
	struct processor *processor = &processors[number];
	processor->function = function;
	processor->argument = argument;
	compiler_barrier(); // both are visible before `posted` is
	processor->posted++;
	apic_send(processor->apic_id, APIC_FIXED | APIC_ASSERT | WAKE_VECTOR);
}

void processor_wait(unsigned number)
{
	struct processor *processor = &processors[number];
	uint64_t begin = rdtsc(), patience = 60 * tsc_frequency();
	while (processor->done != processor->posted) {
		if (rdtsc() - begin > patience) {
			report_fail("smp", "processor %u does not come back", number);
			exit_with(1);
		}
		pause();
	}
}

void smp_run(unsigned number, void (*function)(void *argument), void *argument)
{
	for (unsigned i = 1; i < number; i++) {
		processor_run(i, function, argument);
	}
	function(argument);
	for (unsigned i = 1; i < number; i++) {
		processor_wait(i);
	}
}

// The last one to come opens the next round; true if it was this one.
static bool arrive(struct meeting *meeting, unsigned number)
{
	if (fetch_add(&meeting->arrived, 1) + 1 != number) {
		return false;
	}
	meeting->arrived = 0;
	meeting->round++; // behind `arrived`: stores stay in order
	return true;
}

void meet(struct meeting *meeting, unsigned number)
{
	uint32_t round = meeting->round;
	if (!arrive(meeting, number)) {
		while (meeting->round == round) {
			pause();
		}
	}
}

void meet_asleep(struct meeting *meeting, unsigned number)
{
	uint32_t round = meeting->round;
	if (arrive(meeting, number)) {
		// A processor that looked just before `round` changed has interrupts off until HLT: the IPI ends that.
		if (number > 1) {
			apic_send(0, APIC_FIXED | APIC_ASSERT | APIC_OTHERS | WAKE_VECTOR);
		}
		return;
	}
	for (unsigned i = 0; i < 2000 && meeting->round == round; i++) {
		pause();
	}
	reg_t flags = read_flags();
	cli();
	while (meeting->round == round) {
		sti_hlt();
		cli();
	}
	write_flags(flags);
}
