// The local APIC (SDM volume 3, chapter 11) and the I/O APIC (82093AA data sheet).
#pragma once

#include "x86.h"

enum apic_registers {
	APIC_ID = 0x020, APIC_VERSION = 0x030, APIC_TPR = 0x080, APIC_PPR = 0x0A0, APIC_EOI = 0x0B0, APIC_LDR = 0x0D0,
	APIC_DFR = 0x0E0, APIC_SVR = 0x0F0, APIC_ISR = 0x100, APIC_TMR = 0x180, APIC_IRR = 0x200, APIC_ESR = 0x280,
	APIC_ICR = 0x300, APIC_ICR_HIGH = 0x310, APIC_LVT_TIMER = 0x320, APIC_LVT_LINT0 = 0x350, APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370, APIC_TIMER_INITIAL = 0x380, APIC_TIMER_CURRENT = 0x390, APIC_TIMER_DIVIDE = 0x3E0,
};

// The low half of the interrupt command register; what a redirection entry shares with it has the same place there.
enum apic_command {
	APIC_FIXED = 0 << 8, APIC_LOWEST = 1 << 8, APIC_NMI = 4 << 8, APIC_INIT = 5 << 8, APIC_STARTUP = 6 << 8, APIC_EXTINT = 7 << 8,
	APIC_LOGICAL = 1 << 11, APIC_PENDING = 1 << 12, APIC_ASSERT = 1 << 14, APIC_LEVEL = 1 << 15,
	APIC_SELF = 1 << 18, APIC_ALL = 2 << 18, APIC_OTHERS = 3 << 18,
};

#define APIC_MASKED (1u << 16)   // of a local vector table entry, and of a redirection entry
#define APIC_PERIODIC (1u << 17) // of the timer's entry
#define APIC_DFR_FLAT 0xFFFFFFFFu
#define APIC_DFR_CLUSTER 0x0FFFFFFFu
#define APIC_SPURIOUS_VECTOR 0xFF

#define MSR_APIC_BASE 0x1Bu
#define APIC_ADDRESS 0xFEE00000u

static inline uint32_t apic_read(unsigned offset)
{
	return *(volatile uint32_t *)(uintptr_t)(APIC_ADDRESS + offset);
}

static inline void apic_write(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)(APIC_ADDRESS + offset) = value;
}

static inline uint8_t apic_id(void) { return (uint8_t)(apic_read(APIC_ID) >> 24); }
static inline void apic_end(void) { apic_write(APIC_EOI, 0); }

/// This processor's APIC: on, everything let in, flat logical destinations of which it has none, timer and error
/// entry masked. LINT0 takes the PIC pair's requests on the first processor only, as a BIOS leaves it; LINT1 is NMI.
void apic_enable(void);

/// True if this vector waits (APIC_IRR), is being served (APIC_ISR) or came level-triggered (APIC_TMR).
bool apic_bit(unsigned registers, uint8_t vector);

/// Sends an interrupt command to an APIC, by its ID or logical address, and waits until it is accepted.
void apic_send(uint8_t destination, uint32_t command);

/// Starts this processor's timer, with a count of bus ticks divided by 16. `entry` is the vector, with APIC_PERIODIC or not.
void apic_timer_start(uint32_t entry, uint32_t count);
void apic_timer_stop(void);

/// Ticks of a timer, divided by 16, in a second, measured against the PIT at the first call. On the first processor only.
uint32_t apic_timer_frequency(void);

#define IOAPIC_PINS 24
#define IOAPIC_ADDRESS 0xFEC00000u

enum ioapic_redirection {
	IOAPIC_ACTIVE_LOW = 1 << 13, IOAPIC_REMOTE_IRR = 1 << 14, IOAPIC_LEVEL = 1 << 15,
};

uint32_t ioapic_read(uint8_t index);
void ioapic_write(uint8_t index, uint32_t value);

/// Redirects a pin: the entry's low half, and the destination's APIC ID or logical address. The entry is masked in between.
void ioapic_redirect(unsigned pin, uint32_t entry, uint8_t destination);
uint32_t ioapic_entry(unsigned pin);
