// MSI-X and MSI: where they go, and what their masks do.
#include "parts.h"

enum { Base = 0x50, Messages = 10, LastVector = 0x40 }; // Base is the vector of message 0

static volatile uint32_t taken[PROCESSORS_MAX][Messages], settled[PROCESSORS_MAX];

static void count(struct frame *frame)
{
	taken[processor_number()][frame->vector - Base]++;
	apic_end();
}

static uint32_t total(unsigned message)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
		sum += taken[i][message];
	}
	return sum;
}

static void count_last(struct frame *frame)
{
	(void)frame;
	settled[processor_number()]++;
	apic_end();
}

// Every processor takes a vector below those of the messages: whatever was sent to it before has been taken by then.
static void settle(void)
{
	for (unsigned i = 0; i < smp_count(); i++) {
		uint32_t before = settled[i];
		apic_send(processor_apic_id(i), APIC_ASSERT | LastVector);
		within_deadline(settled[i] != before);
	}
}

static bool send(unsigned message)
{
	begin_script();
	ADD(MESSAGE, .a = 1, .immediate = (int32_t)message);
	ADD(END);
	return run_script() && dma_test_get(&device, 1) == 1;
}

static void check_vectors(void)
{
	bool there = true, alone = true;
	for (unsigned message = 0; message < device.msix.vectors; message++) {
		unsigned target = message % smp_count();
		msix_route(&device.msix, message, processor_apic_id(target), (uint8_t)(Base + message));
		memset((void *)taken, 0, sizeof taken);
		there = send(message) && within_deadline(taken[target][message] == 1) && there;
		settle();
		for (unsigned other = 0; other < Messages; other++) {
			alone = alone && total(other) == (other == message ? 1 : 0);
		}
	}
	report("MSI-X: each message, to two processors in turn", there);
	report("MSI-X: and no other", alone);
	begin_script();
	ADD(MESSAGE, .a = 1, .immediate = (int32_t)device.msix.vectors);
	report("MSI-X: a message that is not there is wrong", fails(DT_OPERAND, 0));
}

static void check_masks(void)
{
	msix_route(&device.msix, 2, apic_id(), Base + 2);
	memset((void *)taken, 0, sizeof taken);
	msix_mask(&device.msix, 2, true);
	bool accepted = send(2) && send(2);
	settle();
	report("MSI-X: a masked message is pending", accepted && total(2) == 0 && msix_pending(&device.msix, 2) && !msix_pending(&device.msix, 3));
	msix_mask(&device.msix, 2, false);
	bool came = within_deadline(total(2) != 0);
	settle();
	report("MSI-X: unmasked it is sent, once", came && total(2) == 1 && !msix_pending(&device.msix, 2));

	msix_enable(&device.msix, true, true);
	accepted = send(2);
	settle();
	report("MSI-X: with all masked too", accepted && total(2) == 1 && msix_pending(&device.msix, 2));
	msix_enable(&device.msix, true, false);
	came = within_deadline(total(2) == 2);
	settle();
	report("MSI-X: and sent when they are not", came && total(2) == 2);

	msix_mask(&device.msix, 2, true);
	send(2);
	msix_route(&device.msix, 2, processor_apic_id(smp_count() - 1), Base + 9); // ends unmasked
	came = within_deadline(taken[smp_count() - 1][9] == 1);
	settle();
	report("MSI-X: a pending message goes where it is routed when it is unmasked", came && total(2) == 2);
}

static bool run_to_end(void)
{
	begin_script();
	ADD(RAISE, .immediate = DT_CAUSE_RAISED);
	ADD(END);
	return run_script();
}

static void check_causes(void)
{
	memset((void *)taken, 0, sizeof taken);
	msix_route(&device.msix, 5, apic_id(), Base + 5);
	dma_test_write(&device, DT_INTERRUPT_VECTOR, 5);
	dma_test_write(&device, DT_INTERRUPT_CAUSE, UINT32_MAX);
	run_to_end();
	settle();
	report("causes: without enables they are silent", total(5) == 0 && dma_test_read(&device, DT_INTERRUPT_CAUSE) == (DT_CAUSE_RAISED | DT_CAUSE_DONE));
	dma_test_write(&device, DT_INTERRUPT_ENABLE, DT_CAUSE_RAISED | DT_CAUSE_DONE);
	bool came = within_deadline(total(5) != 0);
	settle();
	report("causes: enabled, those that wait send one message", came && total(5) == 1);
	run_to_end();
	settle();
	report("causes: another of a kind that is there sends none", total(5) == 1);
	dma_test_write(&device, DT_INTERRUPT_CAUSE, DT_CAUSE_DONE);
	run_to_end();
	settle();
	report("causes: nor while a part of them stays", total(5) == 1);
	dma_test_write(&device, DT_INTERRUPT_CAUSE, UINT32_MAX);
	bool cleared = dma_test_read(&device, DT_INTERRUPT_CAUSE) == 0;
	dma_test_write(&device, DT_INTERRUPT_ENABLE, DT_CAUSE_DONE);
	run_to_end();
	came = within_deadline(total(5) != 1);
	settle();
	report("causes: taken back and raised again they send another", cleared && came && total(5) == 2);
	dma_test_write(&device, DT_INTERRUPT_ENABLE, 0);
	dma_test_write(&device, DT_INTERRUPT_CAUSE, UINT32_MAX);
}

static void check_msi(void)
{
	msix_enable(&device.msix, false, false);
	begin_script();
	ADD(MESSAGE, .a = 1, .immediate = 0);
	ADD(END);
	report("messages: with neither MSI-X nor MSI enabled there are none", run_script() && dma_test_get(&device, 1) == 0);

	uint8_t at = pci_capability(device.pci, PCI_CAPABILITY_MSI);
	uint16_t control = pci_read16(device.pci, (uint8_t)(at + 2));
	report_equal("MSI: four messages, 64-bit addresses, masks", control & 0x18E, 2 << 1 | 0x80 | 0x100);
	memset((void *)taken, 0, sizeof taken);
	unsigned target = smp_count() - 1;
	msi_enable(device.pci, processor_apic_id(target), Base, 2);
	bool each = true;
	for (unsigned message = 0; message < 4; message++) {
		each = send(message) && within_deadline(taken[target][message] == 1) && each;
	}
	settle();
	report("MSI: each of four", each && total(0) == 1 && total(1) == 1 && total(2) == 1 && total(3) == 1);
	pci_write(device.pci, (uint8_t)(at + 16), 1u << 3);
	bool accepted = send(3);
	settle();
	report("MSI: a masked one is pending", accepted && total(3) == 1 && pci_read(device.pci, (uint8_t)(at + 20)) == 1u << 3);
	pci_write(device.pci, (uint8_t)(at + 16), 0);
	bool came = within_deadline(total(3) == 2);
	settle();
	report("MSI: unmasked it is sent, once", came && total(3) == 2 && pci_read(device.pci, (uint8_t)(at + 20)) == 0);
	msi_disable(device.pci);
}

static void check_mastering(void)
{
	msix_enable(&device.msix, true, false);
	msix_route(&device.msix, 1, apic_id(), Base + 1);
	memset((void *)taken, 0, sizeof taken);
	dma_test_master(&device, false);
	begin_script();
	ADD(MESSAGE, .a = 1, .immediate = 1);
	ADD(END);
	run_script();
	settle();
	report("messages: a function that does not master the bus sends none", total(1) == 0);
	dma_test_master(&device, true);
	report("messages: and one that does, does", send(1) && within_deadline(total(1) != 0));
	msix_enable(&device.msix, false, false);
}

void check_interrupts(void)
{
	for (unsigned i = 0; i < Messages; i++) {
		vector_handle((uint8_t)(Base + i), count);
	}
	vector_handle(LastVector, count_last);
	sti();
	dma_test_reset(&device);
	msix_enable(&device.msix, true, false);
	check_vectors();
	check_masks();
	check_causes();
	check_msi();
	check_mastering();
	dma_test_reset(&device);
	cli();
}
