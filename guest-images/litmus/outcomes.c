#include "outcomes.h"

#include "console.h"

static bool is_final(const struct observed *o)
{
	return o->column == 'x' || o->column == 'y';
}

struct outcome outcome_parse(const char *words)
{
	struct outcome outcome = { .count = 0 };
	while (*words != 0 && outcome.count < ObservedMost) {
		struct observed *o = &outcome.observed[outcome.count];
		o->column = *words++;
		if (!is_final(o)) {
			o->load = words[1]; // behind the colon
			words += 2;
		}
		outcome.asked |= (unsigned)(words[1] - '0') << 2 * outcome.count++; // behind the equals sign
		words += 2;
		words += *words == ' ';
	}
	return outcome;
}

static unsigned value(uint64_t raw)
{
	return raw <= 2 ? (unsigned)raw : raw == 0x01010101 || raw == 0x0101010101010101 ? 1 : Torn;
}

static unsigned look(const struct observed *o, const struct loaded *const loads[], const struct cell *cell)
{
	if (is_final(o)) {
		return value(*(const uint32_t *)(o->column == 'x' ? cell->x : cell->y));
	}
	const struct loaded *loaded = loads[o->column - '0'];
	return value(o->load == 'a' ? loaded->a : loaded->b);
}

unsigned outcome_of(const struct outcome *outcome, const struct loaded *const loads[], const struct cell *cell)
{
	unsigned code = 0;
	for (unsigned i = 0; i < outcome->count; i++) {
		code |= look(&outcome->observed[i], loads, cell) << 2 * i;
	}
	return code;
}

uint32_t outcome_torn(const struct outcome *outcome, const uint32_t counts[Outcomes])
{
	uint32_t torn = 0;
	for (unsigned code = 0; code < Outcomes; code++) {
		bool has = false;
		for (unsigned i = 0; i < outcome->count; i++) {
			has = has || (code >> 2 * i & 3) == Torn;
		}
		torn += has ? counts[code] : 0;
	}
	return torn;
}

void outcome_print(const struct outcome *outcome, const uint32_t counts[Outcomes], const char *const names[])
{
	for (unsigned code = 0; code < Outcomes; code++) {
		if (counts[code] == 0) {
			continue;
		}
		printf("%8u %c>", counts[code], code == outcome->asked ? '*' : ':');
		for (unsigned i = 0; i < outcome->count; i++) {
			const struct observed *o = &outcome->observed[i];
			unsigned v = code >> 2 * i & 3;
			if (is_final(o)) {
				printf(" %c", o->column);
			} else {
				printf(" %s:%c", names[o->column - '0'], o->load);
			}
			printf(v == Torn ? "=torn;" : "=%u;", v);
		}
		printf("\n");
	}
}
