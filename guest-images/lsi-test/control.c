// Transfer control (5.6): where a script goes on, and when.
#include "parts.h"

enum { Taken = 1, NotTaken = 2 };

// One JUMP: what SFBR and carry are ahead of it, and whether it must jump.
static const struct jump { const char *name; uint32_t condition; uint8_t sfbr; bool carry, taken; } jumps[] = {
	{ "always", LSI_ALWAYS, 0, false, true },
	{ "never", 0, 0, false, false },
	{ "if a byte, which it is", LSI_IF_BYTE(0x5A), 0x5A, false, true },
	{ "if a byte, which it is not", LSI_IF_BYTE(0x5A), 0x5B, false, false },
	{ "if not a byte, which it is", LSI_IF_NOT_BYTE(0x5A), 0x5A, false, false },
	{ "if not a byte, which it is not", LSI_IF_NOT_BYTE(0x5A), 0xA5, false, true },
	{ "if a byte but for some bits, which differ", LSI_IF_BYTE(0x50) | LSI_MASK(0x0F), 0x5B, false, true },
	{ "if a byte but for some bits, and others differ", LSI_IF_BYTE(0x50) | LSI_MASK(0x0F), 0x40, false, false },
	{ "if a byte, of which no bit counts", LSI_IF_BYTE(0) | LSI_MASK(0xFF), 0xFF, false, true },
	{ "if not a byte but for some bits, which differ", LSI_IF_NOT_BYTE(0x50) | LSI_MASK(0x0F), 0x5B, false, false },
	{ "if carry, which is there", LSI_TRUE | LSI_CARRY, 0, true, true },
	{ "if carry, which is not there", LSI_TRUE | LSI_CARRY, 0, false, false },
	{ "if not carry, which is there", LSI_CARRY, 0, true, false },
	{ "if not carry, which is not there", LSI_CARRY, 0, false, true },
};

static void put_conditions(const struct jump *jump)
{
	script_begin();
	lsi_to_sfbr(&script, LSI_SCRATCHA, LSI_DATA, jump->sfbr);
	(jump->carry ? lsi_set : lsi_clear)(&script, LSI_SET_CARRY);
}

static void check_conditions(void)
{
	char name[80];
	for (unsigned i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		const struct jump *jump = &jumps[i];
		put_conditions(jump);
		lsi_jump(&script, jump->condition, lsi_here(&script) + 16);
		lsi_int(&script, LSI_ALWAYS, NotTaken);
		lsi_int(&script, LSI_ALWAYS, Taken);
		snprintf(name, sizeof name, "JUMP %s", jump->name);
		report(name, script_stops_at(jump->taken ? Taken : NotTaken));

		put_conditions(jump);
		lsi_int(&script, jump->condition, Taken);
		lsi_int(&script, LSI_ALWAYS, NotTaken);
		snprintf(name, sizeof name, "INT %s", jump->name);
		report(name, script_stops_at(jump->taken ? Taken : NotTaken));

		put_conditions(jump);
		lsi_control(&script, LSI_CALL, jump->condition, lsi_here(&script) + 16);
		lsi_int(&script, LSI_ALWAYS, NotTaken);
		lsi_control(&script, LSI_RETURN, jump->condition, 0); // back to that INT
		lsi_int(&script, LSI_ALWAYS, Taken);
		snprintf(name, sizeof name, "CALL %s, and RETURN", jump->name);
		report(name, script_stops_at(NotTaken));
	}
}

static void check_places(void)
{
	script_begin();
	lsi_jump(&script, LSI_ALWAYS | LSI_RELATIVE, 16);
	lsi_int(&script, LSI_ALWAYS, Taken);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_jump(&script, LSI_ALWAYS | LSI_RELATIVE, 0xFFFFF0); // two instructions back from the next one
	report("JUMP REL forward and back", script_stops_at(End));

	script_begin();
	lsi_control(&script, LSI_CALL, LSI_ALWAYS | LSI_RELATIVE, 16);
	lsi_int(&script, LSI_ALWAYS, End);
	lsi_int(&script, LSI_ALWAYS, NotTaken);
	lsi_modify(&script, LSI_SCRATCHA, LSI_DATA, 0x77);
	lsi_return(&script);
	report("CALL REL, and RETURN to behind it", script_stops_at(End) && lsi_read8(&lsi, LSI_SCRATCHA) == 0x77);
	report_equal("TEMP is where RETURN goes", lsi_read(&lsi, LSI_TEMP), script.bus + 8);
	report_equal("and DSP stands behind the INT", lsi_read(&lsi, LSI_DSP), script.bus + 16);
	report_equal("which is in DCMD", lsi_read8(&lsi, LSI_DCMD), 0x98);

	lsi_write(&lsi, LSI_TEMP, script.bus + 8);
	lsi_start(&lsi, script.bus + 32);
	struct lsi_causes causes = wait_for_causes();
	report("TEMP is for the driver to write", is_int(&causes, End));

	script_begin_in_ram();
	lsi_jump(&script, LSI_ALWAYS | LSI_RELATIVE, 8);
	lsi_int(&script, LSI_ALWAYS, NotTaken);
	lsi_jump(&script, LSI_ALWAYS, lsi.ram_bus + LSI_RAM - 8);
	lsi.ram[LSI_RAM / 4 - 2] = 0x98080000;
	lsi.ram[LSI_RAM / 4 - 1] = End;
	report("a script runs in script RAM, to its last word", script_stops_at(End));
}

// With both a byte and a phase to compare, both count; nobody drives a phase when the bus is free.
static void check_both(void)
{
	script_begin();
	lsi_to_sfbr(&script, LSI_SCRATCHA, LSI_DATA, 0x11);
	lsi_int(&script, LSI_IF_BYTE(0x11) | LSI_IF_PHASE(LSI_MSG_IN), Taken);
	lsi_int(&script, LSI_IF_BYTE(0x12) | LSI_IF_PHASE(LSI_DATA_OUT), Taken);
	lsi_int(&script, LSI_IF_PHASE(LSI_STATUS), Taken);
	lsi_int(&script, LSI_IF_BYTE(0x11), End);
	lsi_int(&script, LSI_ALWAYS, NotTaken);
	report("IF a byte and a phase: neither alone will do", script_stops_at(End));
}

static void check_continuing(void)
{
	script_begin();
	lsi_int(&script, LSI_ALWAYS, 1);
	lsi_int(&script, LSI_ALWAYS, 2);
	bool first = script_stops_at(1);
	lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM | LSI_DCNTL_STD);
	struct lsi_causes causes = wait_for_causes();
	report("behind an INT, DCNTL.STD goes on", first && is_int(&causes, 2));

	lsi_write8(&lsi, LSI_DMODE, LSI_DMODE_MAN);
	lsi_start(&lsi, script.bus);
	delay_us(1000);
	bool waits = !lsi_interrupts(&lsi);
	lsi_write8(&lsi, LSI_DCNTL, LSI_DCNTL_COM | LSI_DCNTL_STD);
	causes = wait_for_causes();
	report("with DMODE.MAN, DSP does not start it, STD does", waits && is_int(&causes, 1));
	lsi_write8(&lsi, LSI_DMODE, 0);
}

void check_control(void)
{
	lsi_reset(&lsi);
	check_conditions();
	check_places();
	check_both();
	check_continuing();
}
