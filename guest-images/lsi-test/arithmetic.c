// Read, write and modify (5.5): every operator in every form, with every carry.
#include "parts.h"

enum form { Modify, ModifyBySfbr, ToSfbr, FromSfbr, Forms };

struct outcome { uint8_t value, carry; };

static struct outcome expect(enum lsi_operator operator_, uint8_t a, uint8_t b, uint8_t carry)
{
	switch (operator_) {
	case LSI_DATA: return (struct outcome){ b, carry };
	case LSI_SHL: return (struct outcome){ (uint8_t)(a << 1 | carry), a >> 7 };
	case LSI_OR: return (struct outcome){ a | b, carry };
	case LSI_XOR: return (struct outcome){ a ^ b, carry };
	case LSI_AND: return (struct outcome){ a & b, carry };
	case LSI_SHR: return (struct outcome){ (uint8_t)(a >> 1 | carry << 7), a & 1 };
	case LSI_ADD: return (struct outcome){ (uint8_t)(a + b), (uint8_t)((a + b) >> 8) };
	default: return (struct outcome){ (uint8_t)(a + b + carry), (uint8_t)((a + b + carry) >> 8) };
	}
}

static const uint8_t values[][2] = { { 0x00, 0x00 }, { 0xFF, 0x01 }, { 0x80, 0x80 }, { 0x5A, 0xA5 }, { 0x01, 0xFE }, { 0xFF, 0xFF }, { 0x7F, 0x13 } };
enum { Values = sizeof values / sizeof *values };

// `a` is what is operated on, `b` the operand; the value comes to be in SCRATCHA0, the carry in SCRATCHA1, and both in memory.
static void put(enum form form, enum lsi_operator operator_, uint8_t a, uint8_t b, uint8_t carry, uint32_t at)
{
	struct lsi_script *s = &script;
	lsi_modify(s, LSI_SCRATCHA + 1, LSI_DATA, 0);
	lsi_modify(s, LSI_SCRATCHA, LSI_DATA, a);
	lsi_to_sfbr(s, LSI_SCRATCHB, LSI_DATA, form == FromSfbr ? a : b);
	if (carry) {
		lsi_set(s, LSI_SET_CARRY);
	} else {
		lsi_clear(s, LSI_SET_CARRY);
	}
	switch (form) {
	case Modify: lsi_modify(s, LSI_SCRATCHA, operator_, b); break;
	case ModifyBySfbr: lsi_modify_by_sfbr(s, LSI_SCRATCHA, operator_); break;
	case ToSfbr: lsi_to_sfbr(s, LSI_SCRATCHA, operator_, b); break;
	default: lsi_from_sfbr(s, LSI_SCRATCHA, operator_, b); break;
	}
	lsi_jump(s, LSI_CARRY | LSI_RELATIVE, 8); // unless carry
	lsi_modify(s, LSI_SCRATCHA + 1, LSI_DATA, 1);
	if (form == ToSfbr) {
		lsi_from_sfbr(s, LSI_SCRATCHA, LSI_OR, 0);
	}
	lsi_store(s, LSI_SCRATCHA, 2, at);
}

static void check(enum form form, enum lsi_operator operator_)
{
	static const char *const forms[] = { "register and data to register", "register and SFBR to register", "register and data to SFBR", "SFBR and data to register" };
	static const char *const operators[] = { "MOVE", "SHL", "OR", "XOR", "AND", "SHR", "ADD", "ADDC" };
	static volatile struct outcome outcomes[Values * 2][2]; // a dword each
	char name[64];
	snprintf(name, sizeof name, "%s: %s", operators[operator_], forms[form]);
	script_begin();
	for (unsigned i = 0; i < Values * 2; i++) {
		put(form, operator_, values[i / 2][0], values[i / 2][1], i % 2, BUS(outcomes[i]));
	}
	lsi_int(&script, LSI_ALWAYS, End);
	if (!script_stops_at(End)) {
		report_fail(name, "the script does not come to its end");
		return;
	}
	for (unsigned i = 0; i < Values * 2; i++) {
		uint8_t a = values[i / 2][0], b = values[i / 2][1];
		struct outcome expected = expect(operator_, a, b, i % 2), found = { outcomes[i][0].value, outcomes[i][0].carry };
		if (found.value != expected.value || found.carry != expected.carry) {
			report_fail(name, "0x%x, 0x%x with carry %u: 0x%x and %u, expected 0x%x and %u", a, b, i % 2, found.value, found.carry, expected.value, expected.carry);
			return;
		}
	}
	report(name, true);
}

static void check_upper_half(void)
{
	script_begin();
	lsi_modify(&script, LSI_PMJAD1, LSI_DATA, 0x12);
	lsi_modify(&script, LSI_PMJAD1, LSI_ADD, 0x30);
	lsi_to_sfbr(&script, LSI_PMJAD1, LSI_OR, 0x01);
	lsi_from_sfbr(&script, LSI_PMJAD1 + 3, LSI_OR, 0);
	lsi_int(&script, LSI_ALWAYS, End);
	report("registers from 0x80 on are reached too", script_stops_at(End) && lsi_read(&lsi, LSI_PMJAD1) == 0x43000042);
}

void check_arithmetic(void)
{
	lsi_reset(&lsi);
	for (unsigned form = 0; form < Forms; form++) {
		for (unsigned operator_ = LSI_DATA; operator_ <= LSI_ADDC; operator_++) {
			check(form, operator_);
		}
	}
	check_upper_half();
}
