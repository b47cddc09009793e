// The local APIC of the processor that this runs on.
#include "apic.h"
#include "barriers.h"
#include "timing.h"

static bool is_first_processor(void)
{
	return (rdmsr(MSR_APIC_BASE) & 0x100) != 0;
}

void apic_enable(void)
{
	apic_write(APIC_TPR, 0);
	apic_write(APIC_DFR, APIC_DFR_FLAT);
	apic_write(APIC_LDR, 0);
	apic_write(APIC_SVR, 0x100 | APIC_SPURIOUS_VECTOR);
	apic_write(APIC_LVT_TIMER, APIC_MASKED);
	apic_write(APIC_LVT_ERROR, APIC_MASKED);
	apic_write(APIC_LVT_LINT0, is_first_processor() ? APIC_EXTINT : APIC_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_NMI);
}

bool apic_bit(unsigned registers, uint8_t vector)
{
	return (apic_read(registers + vector / 32 * 0x10u) >> (vector & 31) & 1) != 0;
}

void apic_send(uint8_t destination, uint32_t command)
{
	// An interrupt between the two halves could send something itself.
	reg_t flags = read_flags();
	cli();
	apic_write(APIC_ICR_HIGH, (uint32_t)destination << 24);
	apic_write(APIC_ICR, command);
	while ((apic_read(APIC_ICR) & APIC_PENDING) != 0) {
		pause();
	}
	write_flags(flags);
}

void apic_timer_start(uint32_t entry, uint32_t count)
{
	apic_write(APIC_TIMER_DIVIDE, 3); // by 16
	apic_write(APIC_LVT_TIMER, entry);
	apic_write(APIC_TIMER_INITIAL, count);
}

void apic_timer_stop(void)
{
	apic_write(APIC_LVT_TIMER, APIC_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
}

uint32_t apic_timer_frequency(void)
{
	static uint32_t frequency;
	if (frequency == 0) {
		// As with the time stamp counter: being held up only makes a measurement too long.
		uint32_t shortest = UINT32_MAX;
		for (unsigned i = 0; i < 8; i++) {
			apic_timer_start(APIC_MASKED, UINT32_MAX);
			uint32_t begin = apic_read(APIC_TIMER_CURRENT);
			delay_us(2000);
			uint32_t ticks = begin - apic_read(APIC_TIMER_CURRENT);
			shortest = ticks < shortest ? ticks : shortest;
		}
		apic_timer_stop();
		frequency = shortest * 500;
	}
	return frequency;
}
