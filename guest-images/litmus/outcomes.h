// What a round of a litmus test ended with, and how often.
//
// An outcome is asked for in the words of the field: "0:a=1 1:b=0 x=2" is that column 0's first load had 1, column 1's
// second had 0, and x is 2 in the end. Values are 0, 1 and 2; whatever else is seen is torn, and wrong in any test.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "columns.h"

enum { Columns = 4, ObservedMost = 4, Outcomes = 1 << 2 * ObservedMost, Torn = 3 };

struct outcome {
	struct observed { char column, load; } observed[ObservedMost]; // column is 'x' or 'y' for a final value
	unsigned count;
	unsigned asked; // the outcome in question, two bits for each
};

/// Reads the words.
struct outcome outcome_parse(const char *words);

/// The outcome of a round: what the columns loaded, one for each, and its cell.
unsigned outcome_of(const struct outcome *outcome, const struct loaded *const loads[], const struct cell *cell);

/// How many of these outcomes had a value that no column stores.
uint32_t outcome_torn(const struct outcome *outcome, const uint32_t counts[Outcomes]);

/// Prints those that were seen, with their counts; `*>` marks the one in question. names[i] is column i's.
void outcome_print(const struct outcome *outcome, const uint32_t counts[Outcomes], const char *const names[]);
