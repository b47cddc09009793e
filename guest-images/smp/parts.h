// What the parts of this guest share.
//
// The first processor checks and reports; the others run small functions for it. As in every guest nothing depends on
// how fast anything runs: a check waits for an event with a deadline. What must not happen is looked for after something
// sent later, to the same place, has arrived.
#pragma once

#include "guest.h"

void check_starting(const struct processor_table tables[2], unsigned expected);
void check_ipis(void);
void check_timers(void);
void check_lines(void);
void check_counters(void);
void check_patching(void);
void check_paging(void);
void check_waking(void);

/// Interrupts with this vector that each processor has taken since forget_interrupts(). The vectors are TEST_VECTOR to
/// TEST_VECTOR + 0x3F; their handlers count and end the interrupt.
#define TEST_VECTOR 0x40
extern volatile uint32_t taken[PROCESSORS_MAX][256];
void forget_interrupts(void);

/// All processors that take this vector, as a bit mask, and how often all of them did.
uint32_t takers(uint8_t vector);
uint32_t total(uint8_t vector);

/// The other processors spin with interrupts on until let_go(); otherwise they sleep, with interrupts on as well.
void hold_others(void);
void let_go(void);

/// Sends `command` and a second vector behind it to `number`, which must take interrupts; true when the second is there.
bool reaches(unsigned number, uint8_t vector);

/// rounds=N on the command line.
extern uint32_t rounds;

/// True on QEMU's translator, of which a few things are known that a processor does not do.
bool is_tcg(void);
