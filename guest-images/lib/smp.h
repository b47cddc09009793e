// Several processors: finding them, starting them, giving them something to do, meeting.
//
// Processor 0 is the one that main runs on. The others sleep until processor_run() gives them a function, which they
// run with interrupts off unless it turns them on. Reports, printf and TRY are processor 0's; nobody else's.
#pragma once

#include "barriers.h"
#include "processors.h"
#include "selectors.h"
#include "x86.h"

#define WAKE_VECTOR 0xF0    // ends HLT and does nothing else
#define START_PAGE 6        // where processors start unless processor_start() says otherwise: linear 0x6000

/// Finds the other processors and starts them; turns on this one's APIC. Returns how many there are. Those that
/// the tables name and that do not come within a deadline are left out. `tables`, if not null, gets MP table and MADT.
unsigned smp_start(struct processor_table *tables);

/// How many processors run, this one included.
unsigned smp_count(void);

/// The number of the processor that this runs on, 0 for the first.
static inline unsigned processor_number(void)
{
	return (str() - TSS_SELECTOR) / TSS_SELECTOR_STEP;
}

uint8_t processor_apic_id(unsigned number);

/// Sends INIT and two start-up IPIs with this page (the linear address shifted right by 12); whatever it did is
/// given up. True once it is there and waits for something to do.
bool processor_start(unsigned number, uint8_t page);

/// The code segment that it was in at its first instruction.
uint16_t processor_start_segment(unsigned number);

/// Lets a processor other than 0 run `function(argument)`; returns at once.
void processor_run(unsigned number, void (*function)(void *argument), void *argument);

/// Waits until it has. If that takes a minute, the guest fails and ends.
void processor_wait(unsigned number);

/// Runs it on the processors 0 to count - 1, and waits for all.
void smp_run(unsigned count, void (*function)(void *argument), void *argument);

/// Where `count` processors wait for each other, again and again. Each leaves when all have come. All zeros at first.
/// What one wrote before it came, each reads behind it.
struct meeting { volatile uint32_t arrived, round; } OWN_CACHE_LINE;

/// Waits with PAUSE: for meetings that are short.
void meet(struct meeting *meeting, unsigned count);

/// Waits with PAUSE for a moment, then with HLT until the last one wakes the rest: lets a host that has fewer processors
/// give them to those that work. Interrupts are on while it sleeps.
void meet_asleep(struct meeting *meeting, unsigned count);
