// MSI-X with a message for each queue and for the configuration, and INTx with a cause that is cleared by reading it (4.1.4.5, 4.1.5).
#include "messages.h"

static volatile uint32_t lines, strangers, causes;

static void on_line(struct frame *frame)
{
	(void)frame;
	uint8_t cause = virtio_isr(&dut.virtio); // the line is down before the end of interrupt
	strangers += cause == 0;
	lines += cause != 0;
	causes |= cause;
}

// The PIC says 7 if a line has gone away before the processor asks; the slave's has to be ended at the master alone (8259A data sheet).
// One may come whenever interrupts are let in again.
static void on_spurious(struct frame *frame)
{
	if (frame->vector == IRQ_VECTOR + 15) {
		irq_end(2);
	}
}

// Breaks the device by a head that there is not.
static void break_it(void)
{
	virtq_add_head(&dut.queues[0], 0xFFFF);
	virtq_publish(&dut.queues[0]);
	virtq_notify(&dut.queues[0]);
}

static void check_line(void)
{
	unsigned rounds = some(200);
	unsigned irq = pci_read8(dut_pci, 0x3C);
	if (!report("INTx: firmware gave it a line", irq >= 3 && irq <= 15)) {
		return;
	}
	bool ok = begin_with(VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX, 1, 0);
	virtq_suppress_interrupts(&dut.queues[0]);
	ok = ok && read_many(1);
	delay_us(Watch);
	report_equal("INTx: no cause if none was wanted", virtio_isr(&dut.virtio), 0);
	virtq_want_interrupt(&dut.queues[0], 0);
	ok = ok && read_many(1);
	uint8_t first = 0;
	ok = ok && within_deadline((first = virtio_isr(&dut.virtio)) != 0);
	report("INTx: the cause is the queue's, and reading clears it", ok && first == VIRTIO_ISR_QUEUE && virtio_isr(&dut.virtio) == 0);

	irq_handle(irq, on_line);
	vector_handle(IRQ_VECTOR + 7, on_spurious);
	vector_handle(IRQ_VECTOR + 15, on_spurious);
	irq_unmask(irq);
	sti();
	lines = causes = 0;
	for (uint32_t i = 1; i <= rounds && ok; i++) {
		ok = read_many(1) && within_deadline(lines == i);
	}
	report("INTx: one for each request, one by one", ok && causes == VIRTIO_ISR_QUEUE);
	pci_write16(dut_pci, 0x04, pci_read16(dut_pci, 0x04) | 0x400);
	lines = 0;
	ok = ok && read_many(1);
	delay_us(Watch);
	report("INTx: none while the command register holds it back, but its status tells", ok && lines == 0 && (pci_read16(dut_pci, 0x06) & 8) != 0);
	pci_write16(dut_pci, 0x04, pci_read16(dut_pci, 0x04) & ~0x400);
	report("INTx: it comes as soon as it no longer does", within_deadline(lines == 1));
	if (!legacy) {
		causes = 0;
		break_it();
		report("INTx: the cause is the configuration's when the device needs a reset", within_deadline((causes & VIRTIO_ISR_CONFIG) != 0));
	}
	begin_with(VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX, 1, 0);
	virtq_want_interrupt(&dut.queues[0], 0);
	cli();
	ok = ok && read_many(1) && within_deadline((pci_read16(dut_pci, 0x06) & 8) != 0);
	virtio_reset(&dut.virtio);
	report("INTx: a reset takes the line down, and the cause away", ok && (pci_read16(dut_pci, 0x06) & 8) == 0 && virtio_isr(&dut.virtio) == 0);
	irq_mask(irq);
	irq_handle(irq, NULL);
}

static void check_vectors(void)
{
	bool ok = begin_with_messages(VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX, VIRTIO_BLK_QUEUES, 0);
	bool own = true;
	printf("NOTE %u queues, %u messages\n", dut.queue_count, dut.virtio.msix.vectors);
	for (unsigned queue = 0; queue < dut.queue_count && ok; queue++) {
		virtq_want_interrupt(&dut.queues[queue], 0);
		ok = virtio_blk_do(&dut, queue, VIRTIO_BLK_IN, queue, got, Sector) == VIRTIO_BLK_OK && within_deadline(messages[1 + queue] == 1);
		for (unsigned other = 0; other < dut.queue_count; other++) {
			own = own && messages[1 + other] == (other <= queue);
		}
	}
	report("MSI-X: each queue by its own message", ok && own && messages[0] == 0);
	report("MSI-X: no line meanwhile", (pci_read16(dut_pci, 0x06) & 8) == 0);
	if (!legacy) {
		break_it();
		report("MSI-X: the configuration by its own message", within_deadline(messages[0] == 1));
	}
	end_messages();
}

static void check_masks(void)
{
	const struct msix *msix = &dut.virtio.msix;
	bool ok = begin_with_messages(VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX, 1, 0);
	virtq_want_interrupt(&dut.queues[0], 0);
	msix_mask(msix, 1, true);
	ok = ok && read_many(1) && within_deadline(msix_pending(msix, 1));
	delay_us(Watch);
	report("MSI-X: a masked message waits", ok && messages[1] == 0);
	msix_mask(msix, 1, false);
	report("MSI-X: and is sent when it no longer is", within_deadline(messages[1] == 1) && !msix_pending(msix, 1));
	msix_enable(msix, true, true);
	ok = ok && read_many(1) && within_deadline(msix_pending(msix, 1));
	bool held = messages[1] == 1;
	msix_enable(msix, true, false);
	report("MSI-X: the same with all of them masked", ok && held && within_deadline(messages[1] == 2));
	end_messages();
}

static void check_no_vector(void)
{
	struct virtio *virtio = &dut.virtio;
	bool ok = virtio_blk_prepare(&dut, dut_pci, legacy, VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX, 1, 0, memories);
	msix_enable(&virtio->msix, true, false);
	uint16_t beyond = (uint16_t)virtio->msix.vectors;
	report("MSI-X: a vector that there is not is none", !virtio_queue_vector(virtio, 0, beyond) && virtio_queue_vector(virtio, 0, VIRTIO_NO_VECTOR)
															&& !virtio_config_vector(virtio, beyond) && virtio_config_vector(virtio, VIRTIO_NO_VECTOR));
	virtio_blk_start(&dut);
	virtq_want_interrupt(&dut.queues[0], 0);
	messages[1] = 0;
	sti();
	ok = ok && read_many(8);
	delay_us(Watch);
	cli();
	report("MSI-X: without a vector there is no message and no line", ok && messages[1] == 0 && (pci_read16(dut_pci, 0x06) & 8) == 0);
	begin();
	msix_enable(&virtio->msix, true, false);
	uint32_t place = legacy ? VIRTIO_LEGACY_CONFIG_VECTOR : VIRTIO_MSIX_CONFIG;
	report_equal("MSI-X: no vectors after a reset", virtio_read16(&virtio->windows[VIRTIO_COMMON], place), VIRTIO_NO_VECTOR);
	if (legacy) {
		report_equal("MSI-X: the device's registers lie behind the vectors while it is on", virtio_config64(virtio, VIRTIO_BLK_CAPACITY), dut.capacity);
	}
	virtio_reset(virtio);
}

// The table takes double words and quad words; what else is done to it must not do harm (PCI 3.0, 6.8.2).
static void check_table(void)
{
	begin();
	volatile uint8_t *table = (volatile uint8_t *)dut.virtio.msix.table;
	for (unsigned i = 0; i < dut.virtio.msix.vectors * 16; i++) {
		table[i] = 0xFF;
		(void)*(volatile uint16_t *)(table + (i & ~1u));
		*(volatile uint64_t *)(table + (i & ~7u)) = UINT64_MAX;
	}
	report("MSI-X: its table at any size, and it still works", begin_with_messages(VIRTIO_BLK_KNOWN & ~VIRTIO_F_EVENT_IDX, 1, 0)
																   && (virtq_want_interrupt(&dut.queues[0], 0), read_many(1)) && within_deadline(messages[1] == 1));
	end_messages();
}

void check_interrupts(void)
{
	begin();
	check_line();
	if (!dut.virtio.has_msix) {
		report_skip("MSI-X", "there is none");
		return;
	}
	check_vectors();
	check_masks();
	check_no_vector();
	check_table();
}
