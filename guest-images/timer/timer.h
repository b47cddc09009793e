// What the parts of this guest share.
//
// Nothing here depends on how fast the machine is: a check waits for an event, with a deadline that only a
// machine where the event never comes would miss. Where two clocks are compared the tolerance is a factor of two.
#pragma once

#include "guest.h"

void check_pic(void);
void check_pit(void);
void check_cpu(void);
void check_rtc(void);

/// Interrupts seen since quiet(), by IRQ; and the frame's ip at the last one of each.
extern volatile unsigned seen[16];
extern volatile reg_t seen_ip[16];

/// Everything silent: interrupts off, all lines masked, no request pending, the counters above at 0, the
/// counting handlers (which also end the interrupt) in place. Channel 0 is in mode 0 with its output low for 55 ms.
void quiet(void);

/// With interrupts off, makes IRQ 0 (PIT, one-shot) or IRQ 8 (CMOS clock, periodic) request service; masked or not.
bool request_irq0(void);
bool request_irq8(void);

/// Lets the CMOS clock request again: reads register C, which is returned.
uint8_t rtc_acknowledge(void);
