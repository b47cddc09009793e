// The tables that firmware leaves.
#include "tables.h"

#include "string.h"
#include "timing.h"

bool table_sums_to_zero(const void *table, size_t size)
{
	const uint8_t *bytes = table;
	uint8_t sum = 0;
	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum == 0;
}

static const void *scan(uintptr_t start, uintptr_t end, const char *signature, size_t covered)
{
	for (uintptr_t at = start; at + covered <= end; at += 16) {
		if (memcmp((const void *)at, signature, strlen(signature)) == 0 && table_sums_to_zero((const void *)at, covered)) {
			return (const void *)at;
		}
	}
	return NULL;
}

// In the extended BIOS data area's first KiB, in the last KiB of base memory, in the ROM.
static const void *find(uintptr_t rom, const char *signature, size_t covered)
{
	const volatile uint16_t *bios_data = (const volatile uint16_t *)(uintptr_t)0x400;
	__asm__("" : "+r"(bios_data)); // the compiler takes an address this low for a null pointer's neighbour
	uintptr_t extended = (uintptr_t)bios_data[7] << 4, base_end = (uintptr_t)bios_data[9] << 10;
	const void *found = NULL;
	if (extended >= 0x10000 && extended < 0xA0000) {
		found = scan(extended, extended + 1024, signature, covered);
	}
	if (found == NULL && base_end >= 0x10000 && base_end <= 0xA0000) {
		found = scan(base_end - 1024, base_end, signature, covered);
	}
	return found != NULL ? found : scan(rom, 0x100000, signature, covered);
}

const struct acpi_root *acpi_root(void)
{
	return find(0xE0000, "RSD PTR ", 20); // what ACPI 1.0 knew of it
}

const struct mp_pointer *mp_pointer(void)
{
	return find(0xF0000, "_MP_", sizeof(struct mp_pointer));
}

const struct acpi_header *acpi_root_table(void)
{
	const struct acpi_root *root = acpi_root();
	const struct acpi_header *table = root == NULL ? NULL : (const struct acpi_header *)(uintptr_t)root->rsdt;
	return table != NULL && memcmp(table->signature, "RSDT", 4) == 0 && table_sums_to_zero(table, table->length) ? table : NULL;
}

const void *acpi_table(const char *signature)
{
	const struct acpi_header *root = acpi_root_table();
	if (root == NULL) {
		return NULL;
	}
	for (uint32_t offset = sizeof *root; offset + 4 <= root->length; offset += 4) {
		uint32_t address;
		memcpy(&address, (const uint8_t *)root + offset, sizeof address);
		if (memcmp((const void *)(uintptr_t)address, signature, 4) == 0) {
			return (const void *)(uintptr_t)address;
		}
	}
	return NULL;
}

// \_Sn is a name with a package behind it: 08 '_Sn_' 12, its length in one byte to four, how many elements, the first.
int acpi_sleep_type(unsigned state)
{
	const struct acpi_fadt *fadt = acpi_table("FACP");
	if (fadt == NULL) {
		return -1;
	}
	const struct acpi_header *dsdt = (const struct acpi_header *)(uintptr_t)fadt->dsdt;
	const uint8_t *start = (const uint8_t *)dsdt, *end = start + dsdt->length;
	const char name[4] = { '_', 'S', (char)('0' + state), '_' };
	for (const uint8_t *p = start + sizeof *dsdt + 1; p + 9 < end; p++) {
		bool named = p[-1] == 0x08 || (p[-1] == '\\' && p[-2] == 0x08);
		if (named && memcmp(p, name, sizeof name) == 0 && p[4] == 0x12) {
			const uint8_t *value = p + 5 + 1 + (p[5] >> 6) + 1;
			return value[0] <= 1 ? value[0] : value[0] == 0x0A ? value[1] : -1;
		}
	}
	return -1;
}

bool acpi_enable(const struct acpi_fadt *fadt, bool enable)
{
	uint16_t control = (uint16_t)fadt->pm1a_control;
	uint16_t wanted = enable ? PM1_SCI_ENABLE : 0;
	if ((in16(control) & PM1_SCI_ENABLE) == wanted) {
		return true;
	}
	if (fadt->smi_command == 0) {
		return false;
	}
	out8((uint16_t)fadt->smi_command, enable ? fadt->acpi_enable : fadt->acpi_disable);
	for (unsigned i = 0; i < 1000; i++) {
		if ((in16(control) & PM1_SCI_ENABLE) == wanted) {
			return true;
		}
		delay_us(1000);
	}
	return false;
}
