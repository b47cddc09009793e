// Interrupts behind data, and interrupts that meet their masks. Each round is: the function writes and interrupts; the
// handler looks and acknowledges; the function waits for that.
#include "rounds.h"

enum { MessageVector = 0x51, CauseVector = 0x52, WatchdogVector = 0x53, Lines = 4 };
enum { Round = 1, Seen = 2, Delay = 5, Sent = 6 }; // the script's registers

static struct { volatile uint32_t value; } OWN_CACHE_LINE data[Lines], acknowledged;
static struct dma_test *device;
static volatile uint32_t handled, stale;

// What the function wrote before it interrupted is this round's.
static void look_at_data(void)
{
	for (unsigned i = 0; i < Lines; i++) {
		stale += data[i].value != handled + 1;
	}
	handled++;
	acknowledged.value = handled; // behind the loads: stores do not pass earlier loads
}

// No register is read here: a message comes behind what was written before it.
static void serve_message(struct frame *frame)
{
	(void)frame;
	look_at_data();
	apic_end();
}

// Reading the cause flushes what the function wrote before; and on a shared line it tells whether it was the function.
static bool take_cause(void)
{
	uint32_t cause = dma_test_read(device, DT_INTERRUPT_CAUSE);
	dma_test_write(device, DT_INTERRUPT_CAUSE, cause);
	rmb();
	return (cause & DT_CAUSE_RAISED) != 0;
}

static void serve_line(struct frame *frame)
{
	(void)frame;
	if (take_cause()) {
		look_at_data();
	}
}

static void serve_cause(struct frame *frame)
{
	serve_line(frame);
	apic_end();
}

// Writes to every line, then lets time pass, then `interrupt`, then waits for the acknowledgement.
static void start_rounds(struct dma_test_instruction interrupt, uint32_t rounds)
{
	struct dma_test_script script = { .count = 0 };
	ADD_TO(&script, RMB); // pairs with the doorbell: what is read from here on is no older than that
	ADD_TO(&script, SET, .a = Round, .value = 1);
	unsigned top = script.count;
	ADD_TO(&script, MUL, .a = Delay, .b = Round, .value = 0x9E3779B97F4A7C15);
	ADD_TO(&script, SHR, .a = Delay, .b = Delay, .value = 64 - 13); // up to 8 microseconds
	ADD_TO(&script, DELAY, .flags = F_REGISTER, .c = Delay);
	for (unsigned i = 0; i < Lines; i++) {
		ADD_TO(&script, WRITE, .flags = F_REGISTER | 2, .c = Round, .value = (uintptr_t)&data[i].value);
	}
	dma_test_add(&script, interrupt);
	ADD_TO(&script, WAIT, .flags = F_REGISTER | 2 | F_CONDITION(IF_AT_LEAST), .a = Seen, .c = Round, .value = (uintptr_t)&acknowledged.value);
	ADD_TO(&script, ADD, .a = Round, .b = Round, .value = 1);
	ADD_TO(&script, BRANCH, .flags = F_CONDITION(IF_BELOW), .a = Round, .immediate = (int32_t)top, .value = rounds + 1ull);
	ADD_TO(&script, END);

	handled = stale = 0;
	acknowledged.value = 0;
	dma_test_write(device, DT_WAIT_LIMIT, UINT32_MAX);
	dma_test_load(device, &script);
	dma_test_start(device, 0);
}

// However slow they are on a busy host: it is the next one that there is a deadline for.
static bool all_come(uint32_t rounds)
{
	for (uint32_t before = handled; before < rounds; before = handled) {
		if (!within_deadline(handled != before)) {
			return false;
		}
	}
	return true;
}

static void finish(const char *name, uint32_t rounds)
{
	bool all = all_come(rounds);
	uint32_t status = dma_test_wait(device);
	if (!all || handled != rounds) {
		report_fail(name, "%u of %u interrupts came; status 0x%x", handled, rounds, status);
	} else {
		report_equal(name, stale, 0);
	}
	dma_test_write(device, DT_INTERRUPT_ENABLE, 0);
	msix_enable(&device->msix, false, false);
	dma_test_reset(device);
}

static const struct dma_test_instruction message = { .opcode = OP_MESSAGE, .a = Sent, .immediate = 0 };
static const struct dma_test_instruction raise = { .opcode = OP_RAISE, .immediate = DT_CAUSE_RAISED };

static void end_only(struct frame *frame)
{
	(void)frame;
	apic_end();
}

// A tick once a second, so that a message that is lost does not leave us asleep.
static void wait_halted(uint32_t rounds)
{
	uint64_t begin = rdtsc();
	vector_handle(WatchdogVector, end_only);
	apic_timer_start(APIC_PERIODIC | WatchdogVector, apic_timer_frequency());
	while (handled < rounds && rdtsc() - begin < 60 * tsc_frequency()) {
		cli();
		if (handled < rounds) {
			sti_hlt();
		}
		sti();
	}
	apic_timer_stop();
}

static void use_messages(void)
{
	vector_handle(MessageVector, serve_message);
	vector_handle(CauseVector, serve_cause);
	msix_route(&device->msix, 0, apic_id(), MessageVector);
	msix_route(&device->msix, 1, apic_id(), CauseVector);
	msix_enable(&device->msix, true, false);
	dma_test_write(device, DT_INTERRUPT_VECTOR, 1);
}

static void check_messages(uint32_t rounds)
{
	use_messages();
	start_rounds(message, rounds);
	finish("MSI-X: in the handler the data are there, with no register read", rounds);

	use_messages();
	start_rounds(message, rounds);
	wait_halted(rounds);
	finish("MSI-X: the same when it wakes the processor from HLT", rounds);

	use_messages();
	start_rounds(message, rounds);
	uint64_t begin = rdtsc();
	while (handled < rounds && rdtsc() - begin < 60 * tsc_frequency()) {
		msix_mask(&device->msix, 0, true);
		msix_mask(&device->msix, 0, false);
	}
	finish("MSI-X: masking and unmasking loses no message and sends none twice", rounds);
}

// Whatever the enables are when the cause comes: they are on in the end, so it must be heard of.
static void toggle_enables(uint32_t rounds)
{
	for (uint32_t round = 1; round <= rounds; round++) {
		for (unsigned i = 0; i < 1 + round % 3; i++) {
			dma_test_write(device, DT_INTERRUPT_ENABLE, 0);
			dma_test_write(device, DT_INTERRUPT_ENABLE, DT_CAUSE_RAISED);
		}
		if (!within_deadline(handled >= round)) {
			break;
		}
	}
}

// A line that goes away before the processor has asked which it was: the PIC says 7, and the slave's has to be ended at
// the master alone (8259A data sheet, "Interrupt Sequence"). Turning the enables off does that.
static void serve_spurious(struct frame *frame)
{
	if (frame->vector == IRQ_VECTOR + 15) {
		irq_end(2);
	}
}

static void check_line(uint32_t rounds)
{
	unsigned irq = pci_read8(device->pci, 0x3C);
	if (irq > 15) {
		report_skip("INTx: behind a register read the data are there", "the firmware gave it no interrupt line");
		return;
	}
	irq_handle(irq, serve_line);
	irq_unmask(irq);
	vector_handle(IRQ_VECTOR + 7, serve_spurious);
	vector_handle(IRQ_VECTOR + 15, serve_spurious);
	dma_test_write(device, DT_INTERRUPT_ENABLE, DT_CAUSE_RAISED);
	start_rounds(raise, rounds);
	finish("INTx: behind a register read the data are there", rounds);

	start_rounds(raise, rounds);
	toggle_enables(rounds);
	finish("INTx: a cause that meets its enable is not lost", rounds);
	irq_mask(irq);
	irq_handle(irq, NULL);
}

void check_interrupt_order(struct dma_test *of, uint32_t rounds)
{
	device = of;
	dma_test_reset(device);
	sti();
	check_messages(rounds);

	use_messages();
	start_rounds(raise, rounds);
	toggle_enables(rounds);
	finish("MSI-X: a cause that meets its enable is not lost", rounds);

	check_line(rounds);
	cli();
}
