// The tables that name the processors. Everything a firmware wrote is checked before it is believed.
#include "processors.h"

#include <stddef.h>

#include "string.h"
#include "tables.h"

static void add(struct processor_table *table, uint8_t apic_id)
{
	if (table->count < PROCESSORS_MAX) {
		table->apic_ids[table->count++] = apic_id;
	}
}

struct processor_table mp_table(void)
{
	struct processor_table table = { 0 };
	const struct mp_pointer *pointer = mp_pointer();
	if (pointer == NULL || pointer->table == 0) {
		return table;
	}
	table.present = true;
	const struct mp_header *header = (const struct mp_header *)(uintptr_t)pointer->table;
	if (memcmp(header->signature, "PCMP", 4) != 0 || !table_sums_to_zero(header, header->length)) {
		return table;
	}
	table.sound = true;
	table.local_apic = header->local_apic;
	const uint8_t *entry = (const uint8_t *)(header + 1), *end = (const uint8_t *)header + header->length;
	for (unsigned i = 0; i < header->entries && entry < end; i++) {
		if (entry[0] == 0 && (entry[3] & 1) != 0) { // a processor, enabled
			add(&table, entry[1]);
		} else if (entry[0] == 2 && (entry[3] & 1) != 0 && table.io_apic == 0) {
			table.io_apic_id = entry[1];
			memcpy(&table.io_apic, entry + 4, 4);
		}
		entry += entry[0] == 0 ? 20 : 8;
	}
	return table;
}

struct processor_table madt(void)
{
	struct processor_table table = { 0 };
	const struct acpi_header *header = acpi_table("APIC");
	if (header == NULL) {
		return table;
	}
	table.present = true;
	table.sound = table_sums_to_zero(header, header->length);
	const uint8_t *start = (const uint8_t *)header, *end = start + header->length;
	memcpy(&table.local_apic, start + sizeof *header, 4);
	for (const uint8_t *entry = start + sizeof *header + 8; entry + 2 <= end && entry[1] >= 2; entry += entry[1]) {
		if (entry[0] == 0 && (entry[4] & 1) != 0) { // a processor's local APIC, enabled
			add(&table, entry[3]);
		} else if (entry[0] == 1 && table.io_apic == 0) {
			table.io_apic_id = entry[2];
			memcpy(&table.io_apic, entry + 4, 4);
		}
	}
	return table;
}
