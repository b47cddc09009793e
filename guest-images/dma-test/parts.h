// What the parts of this guest share: the function, a script to build, memory for it to work on.
#pragma once

#include "../drivers/dma_test.h"

extern struct dma_test device, second; // second.registers is null if there is one function only
extern struct dma_test_script script;
extern uint8_t arena[16 * 4096];       // on a page boundary

void check_registers(void);
void check_instructions(void);
void check_accesses(void);
void check_bulk(void);
void check_refusals(void);
void check_resets(void);
void check_interrupts(void);
void check_lines(void);

/// Begins a new script; ADD puts instructions into it.
void begin_script(void);
#define ADD(operation, ...) ADD_TO(&script, operation, ##__VA_ARGS__)

/// Runs it; true if it came to its END.
bool run_script(void);

/// Runs it; true if it failed with this error at this slot.
bool fails(enum dma_test_error error, unsigned slot);

/// Bytes that differ from their neighbours, from `seed` on; and whether they are still those.
void fill_pattern(void *at, size_t count, uint8_t seed);
bool is_pattern(const void *at, size_t count, uint8_t seed);
