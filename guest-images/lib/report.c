// Checks: one line each on the console, counted.
#include "report.h"
#include "console.h"

static unsigned passed, failed, skipped;

bool report_check(const char *name, bool ok, const char *condition, const char *file, int line)
{
	if (ok) {
		passed++;
		printf("PASS %s\n", name);
	} else {
		report_fail(name, "not true: %s (%s:%d)", condition, file, line);
	}
	return ok;
}

bool report_equal(const char *name, uint64_t actual, uint64_t expected)
{
	if (actual == expected) {
		passed++;
		printf("PASS %s\n", name);
	} else {
		report_fail(name, "0x%llx, expected 0x%llx", (unsigned long long)actual, (unsigned long long)expected);
	}
	return actual == expected;
}

void report_fail(const char *name, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	failed++;
	printf("FAIL %s: ", name);
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
}

void report_skip(const char *name, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	skipped++;
	printf("SKIP %s: ", name);
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
}

int report_summary(void)
{
	printf("%u passed, %u failed", passed, failed);
	if (skipped != 0) {
		printf(", %u skipped", skipped);
	}
	printf("\n");
	return failed == 0 && passed != 0 ? 0 : 1;
}
