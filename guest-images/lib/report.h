// Checks: one line each on the console, counted; main ends with `return report_summary();`.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Prints `PASS name`, or `FAIL name: ` with the condition and where it stands. Returns ok.
#define report(name, ok) report_check((name), (ok), #ok, __FILE__, __LINE__)
bool report_check(const char *name, bool ok, const char *condition, const char *file, int line);

/// Prints `PASS name` if the two are equal, or `FAIL name:` with both in hexadecimal.
bool report_equal(const char *name, uint64_t actual, uint64_t expected);

/// Prints `FAIL name: ` and the reason.
__attribute__((format(printf, 2, 3))) void report_fail(const char *name, const char *format, ...);

/// Prints `SKIP name: ` and the reason: what is to be checked is not there on this machine. Not a failure.
__attribute__((format(printf, 2, 3))) void report_skip(const char *name, const char *format, ...);

/// Prints how many checks passed and failed, and returns main's result: 0 if none failed and at least one was made.
int report_summary(void);
