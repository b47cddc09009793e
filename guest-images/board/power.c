// Power management by the PIIX4's registers, found through ACPI's tables: the timer, its overflow, who has the interrupt.
#include "board.h"

static const struct acpi_fadt *fadt;
static volatile unsigned interrupts;
static volatile uint16_t status_seen;

static uint16_t event_port(void) { return (uint16_t)fadt->pm1a_event; }
static uint16_t enable_port(void) { return (uint16_t)(event_port() + fadt->pm1_event_length / 2); }
static uint32_t timer(void) { return in32((uint16_t)fadt->pm_timer); }

static void check_function(void)
{
	struct pci_function f = { 0, 1, 3 };
	report_equal("pm: the function is a PIIX4's", pci_read(f, 0), 0x71138086);
	report_equal("pm: its ports are where ACPI says", pci_read(f, 0x40) & ~1u, event_port());
	report_equal("pm: and open", pci_read8(f, 0x80) & 1, 1);
	report_equal("pm: its driver is told IRQ 9", pci_read8(f, 0x3C), 9);
}

static void check_timer(void)
{
	report("pm: the timer has 24 bits", (timer() >> 24) == 0 && (fadt->flags & 1 << 8) == 0);
	bool forward = true;
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t before = timer(), after = timer();
		forward &= ((after - before) & 0xFFFFFF) < 0x800000;
	}
	report("pm: and never counts down", forward);

	// Three counts for each of the PIT's. A host that holds us up only ever makes it more.
	const uint32_t pit = 20000;
	uint32_t shortest = 0xFFFFFF;
	for (unsigned i = 0; i < 8; i++) {
		uint32_t before = timer();
		delay_us((uint32_t)divide64(pit * 1000000ull, PIT_HZ));
		uint32_t passed = (timer() - before) & 0xFFFFFF;
		shortest = passed < shortest ? passed : shortest;
	}
	report("pm: it is three times as fast as the PIT", shortest > 3 * pit - 3 * pit / 50 && shortest < 3 * pit + 3 * pit / 10);

	uint32_t value = timer();
	out32((uint16_t)fadt->pm_timer, value - 0x100000);
	report("pm: it cannot be written", ((timer() - value) & 0xFFFFFF) < 0x80000);
}

static void check_ownership(void)
{
	report("pm: the interrupt is handed over through SMI_CMD", acpi_enable(fadt, true));
	report("pm: and taken back", acpi_enable(fadt, false));
}

static void take(struct frame *frame)
{
	(void)frame;
	status_seen = in16(event_port());
	out16(event_port(), PM1_TIMER);
	interrupts++;
}

static void check_overflow(void)
{
	uint16_t old = in16(enable_port());
	out16(enable_port(), 0);
	acpi_enable(fadt, true);
	out16(event_port(), PM1_TIMER);
	bool cleared = (in16(event_port()) & PM1_TIMER) == 0;
	irq_handle(fadt->sci_interrupt, take);
	irq_unmask(fadt->sci_interrupt);
	uint32_t before = timer();
	out16(enable_port(), PM1_TIMER);

	// Bit 23 changes every 2.34 seconds.
	uint64_t begin = rdtsc();
	sti();
	while (interrupts == 0 && rdtsc() - begin <= 10 * tsc_frequency()) {
		pause();
	}
	cli();
	uint32_t after = timer();
	irq_mask(fadt->sci_interrupt);
	out16(enable_port(), old);
	acpi_enable(fadt, false);
	report("pm: writing 1 clears the timer's status", cleared);
	report("pm: bit 23 changing raises the interrupt", interrupts == 1 && (status_seen & PM1_TIMER) != 0);
	report("pm: at the time it changes", ((before ^ after) & 0x800000) != 0);
}

void check_power(void)
{
	fadt = acpi_table("FACP");
	if (fadt == NULL) {
		report_skip("pm", "there is no description of fixed hardware");
		return;
	}
	check_function();
	check_timer();
	check_ownership();
	check_overflow();
}
