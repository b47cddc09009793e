// The tables that firmware leaves: where they are, and what a guest needs of ACPI's fixed hardware.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct __attribute__((packed)) acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
};

struct __attribute__((packed)) acpi_root {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
};

/// The fields that ACPI 1.0 knew (ACPI 2.0, 5.2.8).
struct __attribute__((packed)) acpi_fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t model, profile;
	uint16_t sci_interrupt;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0, gpe1;
	uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length, gpe0_length, gpe1_length, gpe1_base, cst;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_architecture;
	uint8_t reserved;
	uint32_t flags;
};

#define PM1_TIMER 0x0001u        // PM1 status and enable
#define PM1_SCI_ENABLE 0x0001u   // PM1 control
#define PM1_SLEEP_ENABLE 0x2000u
#define PM_TIMER_HZ 3579545u

struct __attribute__((packed)) mp_pointer {
	char signature[4];
	uint32_t table;
	uint8_t length, revision, checksum, features[5];
};

struct __attribute__((packed)) mp_header {
	char signature[4];
	uint16_t length;
	uint8_t revision, checksum;
	char oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_table_size, entries;
	uint32_t local_apic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
};

/// True if the bytes add up to 0.
bool table_sums_to_zero(const void *table, size_t size);

/// ACPI's root pointer, or null; its checksum is right.
const struct acpi_root *acpi_root(void);

/// The RSDT, or null; its signature and checksum are right.
const struct acpi_header *acpi_root_table(void);

/// The first table of that signature in the RSDT, or null; its checksum is not looked at. The DSDT is behind the FADT, whose signature is "FACP".
const void *acpi_table(const char *signature);

/// The value of SLP_TYP for sleep state S`state`, which the DSDT has as \_Sn; -1 if it has not. 5 is soft off.
int acpi_sleep_type(unsigned state);

/// Has SCI_EN set or cleared through the FADT's SMI_CMD, and waits for it. False if that does not happen.
bool acpi_enable(const struct acpi_fadt *fadt, bool enable);

/// The MP floating pointer structure, or null; its checksum is right.
const struct mp_pointer *mp_pointer(void);
