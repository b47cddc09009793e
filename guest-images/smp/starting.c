// Which processors there are, and how one starts and starts again.
#include "parts.h"

static bool contains(const struct processor_table *table, uint8_t apic_id)
{
	for (unsigned i = 0; i < table->count; i++) {
		if (table->apic_ids[i] == apic_id) {
			return true;
		}
	}
	return false;
}

static void check_tables(const struct processor_table *mp, const struct processor_table *madt, unsigned expected)
{
	report("tables: there is an MP table, with right checksums", mp->present && mp->sound);
	if (!madt->present) {
		report_skip("tables: the MADT's checksum is right", "there is no MADT");
	} else {
		report("tables: the MADT's checksum is right", madt->sound);
	}
	const struct processor_table *first = madt->present ? madt : mp;
	report_equal("tables: as many processors as expected", first->count, expected);
	report("tables: this processor is among them", contains(first, apic_id()));

	// A firmware may list one processor a package in the MP table, but none that the MADT does not have.
	bool agree = mp->count != 0;
	for (unsigned i = 0; i < mp->count; i++) {
		agree = agree && contains(first, mp->apic_ids[i]);
	}
	report("tables: every processor of the MP table is in the MADT", agree);
	report_equal("tables: the local APICs' address", first->local_apic, APIC_ADDRESS);
	report_equal("tables: the I/O APIC's address", first->io_apic, IOAPIC_ADDRESS);
	report_equal("tables: the I/O APIC's ID is its register's", first->io_apic_id, ioapic_read(0) >> 24 & 15);
}

static volatile uint32_t ids_by_cpuid[PROCESSORS_MAX], ids_by_register[PROCESSORS_MAX], versions[PROCESSORS_MAX], first[PROCESSORS_MAX];

static void identify(void *unused)
{
	(void)unused;
	unsigned me = processor_number();
	ids_by_cpuid[me] = cpuid(1, 0).ebx >> 24;
	ids_by_register[me] = apic_id();
	versions[me] = apic_read(APIC_VERSION);
	first[me] = (rdmsr(MSR_APIC_BASE) & 0x900) == 0x900; // BSP, and enabled
}

static void spin_forever(void *unused)
{
	(void)unused;
	for (;;) {
		pause();
	}
}

static void sleep_forever(void *unused)
{
	(void)unused;
	for (;;) {
		cli();
		hlt();
	}
}

static volatile uint32_t came;

static void come(void *unused)
{
	(void)unused;
	came++;
}

void check_starting(const struct processor_table tables[2], unsigned expected)
{
	check_tables(&tables[0], &tables[1], expected);
	report_equal("start: all processors came", smp_count(), expected);

	smp_run(smp_count(), identify, NULL);
	bool unique = true, same = true, one_first = true, alike = true;
	for (unsigned i = 0; i < smp_count(); i++) {
		same = same && ids_by_cpuid[i] == ids_by_register[i] && ids_by_register[i] == processor_apic_id(i);
		one_first = one_first && first[i] == (i == 0);
		alike = alike && versions[i] == versions[0];
		for (unsigned j = 0; j < i; j++) {
			unique = unique && ids_by_register[i] != ids_by_register[j];
		}
	}
	report("start: each has an APIC ID of its own", unique);
	report("start: CPUID, the register and the tables agree on it", same);
	report("start: the first alone is marked as the bootstrap processor", one_first);
	report("start: all APICs have the same version", alike);
	report("start: an integrated APIC with a timer and at least four local entries", (versions[0] & 0xF0) == 0x10 && (versions[0] >> 16 & 0xFF) >= 3);

	if (smp_count() < 2) {
		report_skip("start: processors start again", "there is one");
		return;
	}
	bool at_page = true;
	for (unsigned i = 1; i < smp_count(); i++) {
		at_page = at_page && processor_start_segment(i) == START_PAGE << 8;
	}
	report("start: they began at the page of the start-up IPI", at_page);

	unsigned last = smp_count() - 1;
	processor_run(last, spin_forever, NULL);
	report("start: INIT takes a processor out of a loop, and it starts again", processor_start(last, START_PAGE));
	processor_run(last, sleep_forever, NULL);
	report("start: and out of HLT with interrupts off, to begin at another page", processor_start(last, 0x9B));
	report_equal("start: its code segment is that page", processor_start_segment(last), 0x9B00);

	// A start-up IPI to a processor that does not wait for one is lost.
	apic_send(processor_apic_id(last), APIC_STARTUP | APIC_ASSERT | 0x9A);
	came = 0;
	processor_run(last, come, NULL);
	processor_wait(last);
	report("start: a start-up IPI to a running processor does nothing", came == 1 && processor_start_segment(last) == 0x9B00);

	bool again = true;
	for (unsigned i = 0; i < 20 && again; i++) {
		again = processor_start(1, START_PAGE);
	}
	report("start: twenty times again", again);
}
