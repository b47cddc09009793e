// The tables that name the processors. Everything a firmware wrote is checked before it is believed.
#include "processors.h"

#include <stddef.h>

#include "string.h"

static bool sums_to_zero(const void *table, size_t size)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + ((const uint8_t *)table)[i]);
	}
	return sum == 0;
}

// On a 16-byte boundary, with a right checksum over its first `size` bytes.
static const void *find(uintptr_t from, uintptr_t end, const char *signature, size_t size)
{
	for (uintptr_t at = from; at + size <= end; at += 16) {
		if (memcmp((const void *)at, signature, strlen(signature)) == 0 && sums_to_zero((const void *)at, size)) {
			return (const void *)at;
		}
	}
	return NULL;
}

// In the extended BIOS data area's first KiB, in the last KiB of base memory, in the ROM.
static const void *find_everywhere(const char *signature, size_t size, uintptr_t rom)
{
	const volatile uint16_t *bios_data = (const volatile uint16_t *)(uintptr_t)0x400;
	__asm__("" : "+r"(bios_data)); // the compiler takes an address this low for a null pointer's neighbour
	uintptr_t extended = (uintptr_t)bios_data[7] << 4, base_end = (uintptr_t)bios_data[9] << 10;
	const void *found = NULL;
	if (extended >= 0x10000 && extended < 0xA0000) {
		found = find(extended, extended + 1024, signature, size);
	}
	if (found == NULL && base_end >= 0x10000 && base_end <= 0xA0000) {
		found = find(base_end - 1024, base_end, signature, size);
	}
	return found != NULL ? found : find(rom, 0x100000, signature, size);
}

static void add(struct processor_table *table, uint8_t apic_id)
{
	if (table->count < PROCESSORS_MAX) {
		table->apic_ids[table->count++] = apic_id;
	}
}

struct mp_pointer { char signature[4]; uint32_t table; uint8_t length, revision, checksum, features[5]; };

struct mp_header {
	char signature[4];
	uint16_t length;
	uint8_t revision, checksum;
	char names[20];
	uint32_t oem_table;
	uint16_t oem_size, entries;
	uint32_t local_apic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
};

struct processor_table mp_table(void)
{
	struct processor_table table = { 0 };
	const struct mp_pointer *pointer = find_everywhere("_MP_", 16, 0xF0000);
	if (pointer == NULL || pointer->table == 0) {
		return table;
	}
	table.present = true;
	const struct mp_header *header = (const struct mp_header *)(uintptr_t)pointer->table;
	if (memcmp(header->signature, "PCMP", 4) != 0 || !sums_to_zero(header, header->length)) {
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

struct acpi_header { char signature[4]; uint32_t length; uint8_t revision, checksum; char names[26]; };

static const struct acpi_header *acpi_table(const char *signature)
{
	const uint8_t *rsdp = find_everywhere("RSD PTR ", 20, 0xE0000);
	if (rsdp == NULL) {
		return NULL;
	}
	uint32_t address;
	memcpy(&address, rsdp + 16, 4);
	const struct acpi_header *rsdt = (const struct acpi_header *)(uintptr_t)address;
	if (address == 0 || memcmp(rsdt->signature, "RSDT", 4) != 0 || !sums_to_zero(rsdt, rsdt->length)) {
		return NULL;
	}
	const uint8_t *entries = (const uint8_t *)rsdt;
	for (uint32_t at = sizeof *rsdt; at + 4 <= rsdt->length; at += 4) {
		memcpy(&address, entries + at, 4);
		const struct acpi_header *table = (const struct acpi_header *)(uintptr_t)address;
		if (memcmp(table->signature, signature, 4) == 0) {
			return table;
		}
	}
	return NULL;
}

struct processor_table madt(void)
{
	struct processor_table table = { 0 };
	const struct acpi_header *header = acpi_table("APIC");
	if (header == NULL) {
		return table;
	}
	table.present = true;
	table.sound = sums_to_zero(header, header->length);
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
