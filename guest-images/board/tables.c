// The tables by which an operating system finds processors, interrupt controllers and power management: MP and ACPI.
#include "board.h"

#define ACTIVE_HIGH_LEVEL 0x0D

static uint8_t this_apic(void)
{
	return (uint8_t)(cpuid(1, 0).ebx >> 24);
}

// Firmware keeps its tables where the memory map offers nothing.
static bool is_offered(uintptr_t address)
{
	for (const struct multiboot_memory *m = NULL; (m = multiboot_next_memory(m)) != NULL;) {
		if (m->type == 1 && address >= m->base && address - m->base < m->length) {
			return true;
		}
	}
	return false;
}

static void check_root(void)
{
	const struct acpi_root *root = acpi_root();
	report("acpi: the root pointer is all right", root->revision < 2 || table_sums_to_zero(root, root->length));
	const struct acpi_header *rsdt = acpi_root_table();
	if (!report("acpi: RSDT is all right", rsdt != NULL)) {
		return;
	}
	bool sums = true, kept = true;
	for (uint32_t offset = sizeof *rsdt; offset < rsdt->length; offset += 4) {
		const struct acpi_header *table = (const struct acpi_header *)(uintptr_t)*(const uint32_t *)((const uint8_t *)rsdt + offset);
		sums &= table_sums_to_zero(table, table->length);
		kept &= !is_offered((uintptr_t)table) && !is_offered((uintptr_t)table + table->length - 1);
	}
	report("acpi: the tables it lists are", sums);
	report("acpi: and lie where the memory map offers nothing", kept);
}

static void check_fadt(void)
{
	const struct acpi_fadt *fadt = acpi_table("FACP");
	if (!report("acpi: there is a description of fixed hardware", fadt != NULL)) {
		return;
	}
	const struct acpi_header *dsdt = (const struct acpi_header *)(uintptr_t)fadt->dsdt;
	report("acpi: it leads to the DSDT", memcmp(dsdt->signature, "DSDT", 4) == 0 && table_sums_to_zero(dsdt, dsdt->length));
	report("acpi: and to FACS at a multiple of 64", memcmp((const void *)(uintptr_t)fadt->facs, "FACS", 4) == 0 && fadt->facs % 64 == 0);
	report("acpi: neither is offered as memory", !is_offered(fadt->dsdt) && !is_offered(fadt->facs));
	report_equal("acpi: the system control interrupt is IRQ 9", fadt->sci_interrupt, 9);
	report_equal("acpi: the century is CMOS byte 0x32", fadt->century, 0x32);
	report_equal("acpi: soft off is a sleep type", (unsigned)acpi_sleep_type(5), 0);
}

static void check_madt(void)
{
	const struct acpi_header *madt = acpi_table("APIC");
	if (!report("acpi: there is a table of APICs", madt != NULL)) {
		return;
	}
	bool processor = false, io_apic = false, timer = false, sci = false;
	const uint8_t *entry = (const uint8_t *)madt + sizeof *madt + 8, *end = (const uint8_t *)madt + madt->length;
	for (; entry + 2 <= end && entry[1] >= 2; entry += entry[1]) {
		uint32_t dword = 0;
		memcpy(&dword, entry + 4, 4);
		processor |= entry[0] == 0 && entry[3] == this_apic() && (dword & 1) != 0;
		io_apic |= entry[0] == 1 && dword == 0xFEC00000;
		timer |= entry[0] == 2 && entry[3] == 0 && dword == 2;
		sci |= entry[0] == 2 && entry[3] == 9 && dword == 9 && entry[8] == ACTIVE_HIGH_LEVEL;
	}
	report("acpi: it names this processor", processor);
	report("acpi: and the I/O APIC", io_apic);
	report("acpi: the timer's interrupt is input 2", timer);
	report("acpi: the system control interrupt is a level, active high", sci);
}

static void check_mp(void)
{
	const struct mp_pointer *pointer = mp_pointer();
	if (pointer == NULL) {
		report_skip("mp", "there is no table");
		return;
	}
	report("mp: the floating pointer leads to a configuration table", pointer->length == 1 && pointer->features[0] == 0);
	const struct mp_header *table = (const struct mp_header *)(uintptr_t)pointer->table;
	report("mp: which is all right", memcmp(table->signature, "PCMP", 4) == 0 && table_sums_to_zero(table, table->length));
	report_equal("mp: the specification's revision is 1.4", table->revision, 4);

	const uint8_t *entry = (const uint8_t *)(table + 1), *end = (const uint8_t *)table + table->length;
	bool processor = false, isa = false, pci = false, io_apic = false, timer = false, external = false, nmi = false;
	unsigned count = 0;
	for (; entry < end && count < table->entries; count++) {
		uint32_t dword = 0;
		memcpy(&dword, entry + 4, 4);
		processor |= entry[0] == 0 && entry[1] == this_apic() && (entry[3] & 3) == 3 && dword == cpuid(1, 0).eax;
		isa |= entry[0] == 1 && memcmp(entry + 2, "ISA   ", 6) == 0;
		pci |= entry[0] == 1 && memcmp(entry + 2, "PCI   ", 6) == 0;
		io_apic |= entry[0] == 2 && (entry[3] & 1) != 0 && dword == 0xFEC00000;
		timer |= entry[0] == 3 && entry[1] == 0 && entry[5] == 0 && entry[7] == 2;
		external |= entry[0] == 4 && entry[1] == 3 && entry[7] == 0;
		nmi |= entry[0] == 4 && entry[1] == 1 && entry[7] == 1;
		entry += entry[0] == 0 ? 20 : 8;
	}
	report("mp: the entries fill the table", entry == end && count == table->entries);
	report("mp: this processor is there, and the one that starts", processor);
	report("mp: the buses are ISA and PCI", isa && pci);
	report("mp: the I/O APIC is there", io_apic);
	report("mp: with the timer's interrupt at input 2", timer);
	report("mp: LINT0 is the PIC's, LINT1 is NMI", external && nmi);
}

void check_tables(void)
{
	if (acpi_root() == NULL) {
		report_skip("acpi", "there is no root pointer");
	} else {
		check_root();
		check_fadt();
		check_madt();
	}
	check_mp();
}
