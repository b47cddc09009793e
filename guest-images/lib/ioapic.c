// The I/O APIC: an index and a window onto its registers (82093AA data sheet, 3.1).
#include "apic.h"

static volatile uint32_t *const select = (volatile uint32_t *)(uintptr_t)IOAPIC_ADDRESS;
static volatile uint32_t *const window = (volatile uint32_t *)(uintptr_t)(IOAPIC_ADDRESS + 0x10);

uint32_t ioapic_read(uint8_t index)
{
	*select = index;
	return *window;
}

void ioapic_write(uint8_t index, uint32_t value)
{
	*select = index;
	*window = value;
}

void ioapic_redirect(unsigned pin, uint32_t entry, uint8_t destination)
{
	uint8_t index = (uint8_t)(0x10 + pin * 2);
	ioapic_write(index, APIC_MASKED);
	ioapic_write((uint8_t)(index + 1), (uint32_t)destination << 24);
	ioapic_write(index, entry);
}

uint32_t ioapic_entry(unsigned pin)
{
	return ioapic_read((uint8_t)(0x10 + pin * 2));
}
