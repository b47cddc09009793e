// Which processors there are, by the tables that a firmware leaves: the MP table and the ACPI MADT.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "selectors.h"

struct processor_table {
	bool present, sound; // sound: signatures and checksums are right
	unsigned count;      // of enabled processors
	uint8_t apic_ids[PROCESSORS_MAX];
	uint32_t local_apic, io_apic; // addresses; 0 if the table has none
	uint8_t io_apic_id;
};

/// The MultiProcessor Specification's table (1.4, chapter 4), found by its floating pointer.
struct processor_table mp_table(void);

/// ACPI's multiple APIC description table (ACPI 6.4, 5.2.12), found by the RSDP through RSDT.
struct processor_table madt(void);
