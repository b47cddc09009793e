// INTx: through the PIC, through the I/O APIC, and shared by two functions.
#include "parts.h"

enum { Vector = 0x62, Rounds = 500 };

static volatile uint32_t served[2], strangers, by_processor;
static volatile bool leave;

// Reads the cause: it says who it was, and flushes what that function wrote before.
static bool serve(struct dma_test *of, unsigned index)
{
	if (of->registers == NULL) {
		return false;
	}
	uint32_t cause = dma_test_read(of, DT_INTERRUPT_CAUSE) & dma_test_read(of, DT_INTERRUPT_ENABLE);
	if (cause == 0) {
		return false;
	}
	served[index]++;
	if (!leave || served[index] % 4 == 0) { // the line stays up while it is left
		dma_test_write(of, DT_INTERRUPT_CAUSE, cause);
		(void)dma_test_read(of, DT_STATUS); // the line is down before the end of interrupt
	}
	return true;
}

// One function a call: a second one keeps the line up, so that it comes again.
static void on_line(struct frame *frame)
{
	(void)frame;
	by_processor |= 1u << processor_number();
	if (!serve(&device, 0) && !serve(&second, 1)) {
		strangers++;
	}
}

static void on_line_by_apic(struct frame *frame)
{
	on_line(frame);
	apic_end();
}

static void forget(void)
{
	served[0] = served[1] = strangers = by_processor = 0;
}

static void raise_on(struct dma_test *of)
{
	dma_test_write(of, DT_INTERRUPT_ENABLE, DT_CAUSE_RAISED);
	begin_script();
	ADD(RAISE, .immediate = DT_CAUSE_RAISED);
	ADD(END);
	dma_test_load(of, &script);
	dma_test_start(of, 0);
}

static bool come_and_go(const char *name)
{
	bool ok = true;
	forget();
	leave = false;
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		raise_on(&device);
		ok = within_deadline(served[0] == i) && DT_STATE(dma_test_wait(&device)) == DT_WAS_DONE;
	}
	return report(name, ok && served[0] == Rounds && strangers == 0);
}

static void stays_up(const char *name)
{
	forget();
	leave = true;
	raise_on(&device);
	bool four = within_deadline(served[0] >= 4);
	dma_test_wait(&device);
	leave = false;
	report(name, four && served[0] == 4 && strangers == 0);
}

static void is_shared(const char *name)
{
	bool ok = true;
	forget();
	for (uint32_t i = 1; i <= Rounds && ok; i++) {
		raise_on(&device);
		raise_on(&second);
		ok = within_deadline(served[0] == i && served[1] == i);
		dma_test_wait(&device);
		dma_test_wait(&second);
	}
	report(name, ok && served[0] == Rounds && served[1] == Rounds && strangers == 0);
}

static void check_pic(unsigned irq)
{
	irq_handle(irq, on_line);
	irq_unmask(irq);
	come_and_go("INTx by the PIC: 500 come and go");
	stays_up("INTx by the PIC: comes again until its cause is taken back");
	if (second.registers != NULL && pci_read8(second.pci, 0x3C) == irq) {
		is_shared("INTx by the PIC: two functions share a line");
	} else {
		report_skip("INTx by the PIC: two functions share a line", "there is none to share it with");
	}

	// The enables hold the line down, and so does MSI-X.
	forget();
	dma_test_write(&device, DT_INTERRUPT_ENABLE, 0);
	begin_script();
	ADD(RAISE, .immediate = DT_CAUSE_RAISED);
	ADD(END);
	run_script();
	report("INTx: a cause that is not enabled holds the line down", served[0] == 0);
	msix_enable(&device.msix, true, true);
	dma_test_write(&device, DT_INTERRUPT_ENABLE, DT_CAUSE_RAISED);
	(void)dma_test_read(&device, DT_STATUS);
	report("INTx: with MSI-X on, the pin is silent", served[0] == 0 && strangers == 0);
	msix_enable(&device.msix, false, false);
	dma_test_write(&device, DT_INTERRUPT_ENABLE, 0);
	dma_test_write(&device, DT_INTERRUPT_CAUSE, UINT32_MAX);
	irq_mask(irq);
	irq_handle(irq, NULL);
}

static void check_ioapic(unsigned irq)
{
	vector_handle(Vector, on_line_by_apic);
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
		ioapic_redirect(pin, APIC_MASKED, 0);
	}
	ioapic_redirect(irq, IOAPIC_LEVEL | Vector, apic_id());
	come_and_go("INTx by the I/O APIC: 500 come and go");
	stays_up("INTx by the I/O APIC: comes again until its cause is taken back");
	if (second.registers != NULL && pci_read8(second.pci, 0x3C) == irq) {
		is_shared("INTx by the I/O APIC: two functions share a line");
	} else {
		report_skip("INTx by the I/O APIC: two functions share a line", "there is none to share it with");
	}
	if (smp_count() > 1) {
		ioapic_redirect(irq, IOAPIC_LEVEL | Vector, processor_apic_id(1));
		if (come_and_go("INTx by the I/O APIC: 500 to another processor")) {
			report_equal("INTx by the I/O APIC: and only there", by_processor, 2);
		}
	} else {
		report_skip("INTx by the I/O APIC: 500 to another processor", "there is one processor");
	}
	ioapic_redirect(irq, APIC_MASKED, 0);
	vector_handle(Vector, NULL);
}

void check_lines(void)
{
	unsigned irq = pci_read8(device.pci, 0x3C);
	if (!report("INTx: the firmware gave it an interrupt line", irq >= 3 && irq <= 15)) {
		return;
	}
	dma_test_reset(&device);
	sti();
	check_pic(irq);
	check_ioapic(irq);
	cli();
	dma_test_reset(&device);
	if (second.registers != NULL) {
		dma_test_reset(&second);
	}
}
