// Rounds of a litmus test between this processor, column 0, and a dma-test function, column 1.
#pragma once

#include "../drivers/dma_test.h"
#include "../litmus/outcomes.h"

/// Runs at least `count` rounds of it, whole batches, and adds what they ended with to `counts`. `dma` is the function's
/// column as the processor's are named: "Wy1 Rx" stores 1 to y, then loads x; P publishes instead; M is its own full barrier.
/// False if the function did not come to the end of its script.
bool run_rounds(struct dma_test *device, column processor, const char *dma, const struct outcome *outcome, uint32_t count,
				uint32_t counts[Outcomes]);

/// How many rounds a batch has.
enum { Cells = 4096 };

// The parts beside the rounds.
void check_records(struct dma_test *device, uint32_t rounds);
void check_interrupt_order(struct dma_test *device, uint32_t rounds);
