// Time: the 8254, the time stamp counter, the CMOS clock.
#include "timing.h"

void pit_program(unsigned channel, unsigned mode, uint16_t count)
{
	out8(PIT_CONTROL, (uint8_t)(channel << 6 | 0x30 | mode << 1));
	out8((uint16_t)(PIT_CHANNEL0 + channel), (uint8_t)count);
	out8((uint16_t)(PIT_CHANNEL0 + channel), (uint8_t)(count >> 8));
}

uint16_t pit_count(unsigned channel)
{
	out8(PIT_CONTROL, (uint8_t)(channel << 6));
	uint8_t low = in8((uint16_t)(PIT_CHANNEL0 + channel));
	return (uint16_t)(low | in8((uint16_t)(PIT_CHANNEL0 + channel)) << 8);
}

// Mode 0 on channel 2: its output, bit 5 of port 0x61, goes high at the end of the count.
static void wait_ticks(uint16_t ticks)
{
	uint8_t old = in8(PORT_61);
	out8(PORT_61, (uint8_t)((old & ~2u) | 1u)); // gate on, speaker off
	pit_program(2, 0, ticks);
	while ((in8(PORT_61) & 0x20) == 0) {
		pause();
	}
	out8(PORT_61, old & 3);
}

void delay_us(uint32_t microseconds)
{
	uint64_t ticks = divide64((uint64_t)microseconds * PIT_HZ, 1000000) + 1;
	for (; ticks > 50000; ticks -= 50000) {
		wait_ticks(50000);
	}
	wait_ticks((uint16_t)ticks);
}

uint64_t tsc_frequency(void)
{
	static uint64_t frequency;
	if (frequency == 0) {
		// A host that holds us up only ever makes a measurement too long, so the shortest is the best, and two that agree are enough.
		uint64_t shortest = UINT64_MAX;
		bool agree = false;
		for (unsigned i = 0; i < 16 && !agree; i++) {
			uint64_t start = rdtsc();
			wait_ticks(4096);
			uint64_t ticks = rdtsc() - start, longer = ticks < shortest ? shortest : ticks;
			shortest = ticks < shortest ? ticks : shortest;
			agree = longer - shortest <= shortest / 1024;
		}
		frequency = divide64(shortest * PIT_HZ, 4096);
	}
	return frequency;
}

uint64_t tsc_to_us(uint64_t ticks)
{
	uint32_t per_ms = (uint32_t)divide64(tsc_frequency(), 1000);
	return per_ms == 0 ? 0 : divide64(ticks * 1000, per_ms);
}

uint8_t cmos_read(uint8_t index)
{
	out8(CMOS_INDEX, index);
	return in8(CMOS_DATA);
}

void cmos_write(uint8_t index, uint8_t value)
{
	out8(CMOS_INDEX, index);
	out8(CMOS_DATA, value);
}

static struct date_time read_once(void)
{
	while ((cmos_read(0x0A) & 0x80) != 0) { // UIP
		pause();
	}
	uint8_t raw[] = { cmos_read(0), cmos_read(2), cmos_read(4), cmos_read(7), cmos_read(8), cmos_read(9), cmos_read(0x32) };
	uint8_t format = cmos_read(0x0B);
	bool afternoon = (raw[2] & 0x80) != 0;
	raw[2] &= 0x7F;
	if ((format & 4) == 0) { // DM: 0 is BCD
		for (unsigned i = 0; i < sizeof raw; i++) {
			raw[i] = (uint8_t)((raw[i] >> 4) * 10 + (raw[i] & 15));
		}
	}
	if ((format & 2) == 0) { // 12 hours
		raw[2] = (uint8_t)(raw[2] % 12 + (afternoon ? 12 : 0));
	}
	unsigned century = raw[6] >= 19 && raw[6] <= 21 ? raw[6] : 20;
	return (struct date_time){ century * 100 + raw[5], raw[4], raw[3], raw[2], raw[1], raw[0] };
}

struct date_time cmos_time(void)
{
	struct date_time first, second = read_once();
	do { // an update may have begun right after UIP was read as 0
		first = second;
		second = read_once();
	} while (first.second != second.second || first.minute != second.minute || first.hour != second.hour
			 || first.day != second.day);
	return second;
}

uint64_t divide64(uint64_t value, uint32_t divisor)
{
#ifdef __x86_64__
	return value / divisor;
#else
	uint32_t high = (uint32_t)(value >> 32), quotient, remainder = high % divisor;
	__asm__("divl %4" : "=a"(quotient), "=d"(remainder) : "0"((uint32_t)value), "1"(remainder), "rm"(divisor) : "cc");
	return (uint64_t)(high / divisor) << 32 | quotient;
#endif
}
