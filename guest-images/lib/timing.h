// Time: the 8254, the time stamp counter, the CMOS clock.
#pragma once

#include "x86.h"

#define PIT_HZ 1193182u
#define PIT_CHANNEL0 0x40
#define PIT_CONTROL 0x43
#define PORT_61 0x61

/// Programs a channel: control word with both bytes, then the count (0 means 65536). Binary.
void pit_program(unsigned channel, unsigned mode, uint16_t count);

/// The channel's current count, latched first.
uint16_t pit_count(unsigned channel);

/// Waits on channel 2, which needs no interrupt. Uses its gate in port 0x61; the speaker stays off.
void delay_us(uint32_t microseconds);

/// Ticks of the time stamp counter in a second, measured against the PIT (55 ms) at the first call.
uint64_t tsc_frequency(void);

/// Microseconds between two readings of the time stamp counter.
uint64_t tsc_to_us(uint64_t ticks);

/// True as soon as `condition` is; false after many seconds: only a machine where it never comes misses it.
#define within_deadline(condition)                                                                           \
	({                                                                                                       \
		uint64_t begin_ = rdtsc();                                                                           \
		bool met_ = true;                                                                                    \
		while (!(condition)) {                                                                               \
			if (rdtsc() - begin_ > 20 * tsc_frequency()) {                                                    \
				met_ = (condition);                                                                          \
				break;                                                                                       \
			}                                                                                                \
			pause();                                                                                         \
		}                                                                                                    \
		met_;                                                                                                \
	})

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71

uint8_t cmos_read(uint8_t index);
void cmos_write(uint8_t index, uint8_t value);

struct date_time { unsigned year, month, day, hour, minute, second; };

/// The date and time of the CMOS clock, read between two updates, whatever format it keeps (BCD or binary, 12 or 24 hours).
struct date_time cmos_time(void);

/// Divides a 64-bit number by a 32-bit one.
uint64_t divide64(uint64_t value, uint32_t divisor);
