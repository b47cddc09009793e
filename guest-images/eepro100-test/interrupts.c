// Interrupts by INTx: each cause, each mask, the driver's own; and causes without interrupts.
#include "parts.h"

enum { Vector = 0x61, Rounds = 300, Whole = NIC_LONGEST_FRAME + 6 };

static volatile uint32_t taken, strangers;
static volatile uint8_t seen;
static volatile bool leave; // the causes, so that the line stays up

static void on_line(struct frame *frame)
{
	(void)frame;
	uint8_t causes = eepro100_read8(&tested.chip, E100_ACKNOWLEDGE);
	if (causes == 0) {
		strangers++;
	} else {
		seen |= causes;
		if (!leave || taken == 3) {
			eepro100_write8(&tested.chip, E100_ACKNOWLEDGE, causes);
			(void)eepro100_read8(&tested.chip, E100_ACKNOWLEDGE); // the line is down before the end of interrupt
		}
		taken++;
	}
}

static void on_line_by_apic(struct frame *frame)
{
	on_line(frame);
	apic_end();
}

static void forget(void)
{
	taken = strangers = 0;
	seen = 0;
}

static void raise_by_driver(void) { eepro100_write8(&tested.chip, E100_MASK, MASK_RAISE_SWI); }

static void raise_by_block(void)
{
	make_block(&tested, 0, CB_NOP | CB_I | CB_EL);
	(void)start_list(&tested, 0);
	(void)eepro100_wait(&tested.blocks[0].head);
}

static void raise_by_end(void) { (void)perform(&tested, CB_NOP, NULL, 0); }

static void raise_by_frame(void)
{
	(void)start_receiving(&tested, 2, Whole);
	(void)send_packet(&peer, tested.address, 60, 1);
	(void)receive(&tested);
}

static void raise_by_abort(void)
{
	(void)start_receiving(&tested, 2, Whole);
	(void)receiver_comes_to(&tested, RU_IS_READY);
	(void)eepro100_command_now(&tested.chip, RU_ABORT, NULL);
	(void)receiver_comes_to(&tested, RU_IS_IDLE);
}

static void raise_by_phy(void) { eepro100_write32(&tested.chip, E100_MDI, 1u << 29 | 2 << 26 | E100_PHY << 21); }

// What leaves a unit idle goes last: each begins where the one before it ended.
static const struct source { const char *name; uint8_t cause, mask; void (*raise)(void); } sources[] = {
	{ "SWI, the driver's own", CAUSE_SWI, 0, raise_by_driver },
	{ "MDI, the end of a PHY's cycle", CAUSE_MDI, 0, raise_by_phy },
	{ "CX, the end of a block", CAUSE_CX, MASK_CX, raise_by_block },
	{ "CNA, the end of a list", CAUSE_CNA, MASK_CNA, raise_by_end },
	{ "FR, a frame", CAUSE_FR, MASK_FR, raise_by_frame },
	{ "RNR, a receiver that stops", CAUSE_RNR, MASK_RNR, raise_by_abort },
};

static void check_source(const struct source *source)
{
	char name[64];
	bool came = true;
	forget();
	for (unsigned i = 0; i < 10 && came; i++) {
		seen = 0;
		source->raise();
		came = within_deadline((seen & source->cause) != 0);
	}
	snprintf(name, sizeof name, "%s", source->name);
	report(name, came && strangers == 0);

	eepro100_write8(&tested.chip, E100_MASK, MASK_ALL);
	(void)take_causes(&tested);
	forget();
	if (source->cause != CAUSE_SWI) {
		source->raise();
		bool visible = within_deadline((eepro100_read8(&tested.chip, E100_ACKNOWLEDGE) & source->cause) != 0);
		settle();
		snprintf(name, sizeof name, "%s: masked by M it can be polled", source->name);
		report(name, visible && taken == 0);
		eepro100_write8(&tested.chip, E100_MASK, 0);
		snprintf(name, sizeof name, "%s: and comes when M goes", source->name);
		report(name, within_deadline((seen & source->cause) != 0));
	}
	eepro100_write8(&tested.chip, E100_MASK, 0);
}

// Every other cause of the same event is masked too.
static void check_mask(const struct source *source)
{
	char name[64];
	snprintf(name, sizeof name, "%s: masked alone", source->name);
	if (!is_82558) {
		report_skip(name, "an 82557 has one mask for all");
		return;
	}
	uint8_t others = source->cause == CAUSE_CX ? MASK_CNA : source->cause == CAUSE_RNR ? MASK_FR : 0;
	eepro100_write8(&tested.chip, E100_MASK, source->mask | others);
	(void)take_causes(&tested);
	forget();
	source->raise();
	bool visible = within_deadline((eepro100_read8(&tested.chip, E100_ACKNOWLEDGE) & source->cause) != 0);
	settle();
	bool silent = taken == 0;
	eepro100_write8(&tested.chip, E100_MASK, others);
	report(name, visible && silent && within_deadline((seen & source->cause) != 0));
	eepro100_write8(&tested.chip, E100_MASK, 0);
}

static void check_line(const char *by)
{
	char name[64];
	bool came = true;
	leave = false;
	forget();
	for (uint32_t i = 1; i <= Rounds && came; i++) {
		raise_by_driver();
		came = within_deadline(taken == i);
	}
	snprintf(name, sizeof name, "INTx by the %s: 300 come and go", by);
	report(name, came && strangers == 0 && seen == CAUSE_SWI);
	forget();
	leave = true;
	raise_by_driver();
	came = within_deadline(taken >= 4);
	leave = false;
	settle();
	snprintf(name, sizeof name, "INTx by the %s: comes again until its cause is acknowledged", by);
	report(name, came && taken == 4 && strangers == 0);
}

static void check_driver_masked(void)
{
	(void)take_causes(&tested);
	forget();
	eepro100_write8(&tested.chip, E100_MASK, MASK_ALL | MASK_RAISE_SWI);
	settle();
	report("SWI together with M is silent", taken == 0);
	(void)take_causes(&tested);
	report_equal("the bit that raises it reads as 0", eepro100_read8(&tested.chip, E100_MASK) & MASK_RAISE_SWI, 0);
	eepro100_write8(&tested.chip, E100_MASK, 0);
	eepro100_write16(&tested.chip, E100_COMMAND, MASK_RAISE_SWI << 8);
	report("SWI by the whole word", within_deadline(taken != 0));
	forget();
	eepro100_write8(&tested.chip, E100_MASK, MASK_ALL);
	eepro100_write8(&tested.chip, E100_COMMAND, CU_LOAD_BASE);
	(void)within_deadline(eepro100_read8(&tested.chip, E100_COMMAND) == 0);
	report_equal("a command by its byte leaves the mask alone", eepro100_read8(&tested.chip, E100_MASK), MASK_ALL);
	eepro100_write8(&tested.chip, E100_MASK, 0);
}

void check_interrupts(void)
{
	unsigned irq = pci_read8(tested.chip.pci, 0x3C);
	if (!report("INTx: the firmware gave it an interrupt line", irq >= 3 && irq <= 15)) {
		return;
	}
	begin(&tested);
	begin(&peer);
	apic_enable();
	irq_handle(irq, on_line);
	irq_unmask(irq);
	sti();
	eepro100_write8(&tested.chip, E100_MASK, 0);
	check_line("PIC");
	irq_mask(irq);
	irq_handle(irq, NULL);

	vector_handle(Vector, on_line_by_apic);
	ioapic_redirect(irq, IOAPIC_LEVEL | Vector, apic_id());
	check_line("I/O APIC");
	for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++) {
		check_source(&sources[i]);
	}
	for (unsigned i = 2; i < sizeof sources / sizeof *sources; i++) {
		check_mask(&sources[i]);
	}
	if (!qemu_departs("SWI together with M", "keeps the bit in the register (6.3.2.2)")) {
		check_driver_masked();
	}
	cli();
	ioapic_redirect(irq, APIC_MASKED, 0);
	vector_handle(Vector, NULL);
	begin(&tested);
}
