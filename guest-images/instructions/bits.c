// Bit strings: an offset in a register reaches far outside the operand.
#include "probe.h"
#include "parts.h"

static const struct { const char *name; u8 opcode, immediate; } forms[] = {{"BT", 0xA3, 4}, {"BTS", 0xAB, 5}, {"BTR", 0xB3, 6}, {"BTC", 0xBB, 7}};

static u32 changed(u32 form, u32 byte, u32 bit)
{
	return form == 0 ? byte : form == 1 ? byte | 1u << bit : form == 2 ? byte & ~(1u << bit) : byte ^ 1u << bit;
}

static void memory(enum mode m, u32 form, u32 size)
{
	static const s32 offsets[] = {0, 1, 7, 8, 15, 16, 31, 32, 33, 63, 100, 1000, 4095, 8191, -1, -2, -8, -9, -16, -17, -32, -33, -100, -1025};
	int small = is_small(m);
	for (u32 i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		for (u32 set = 0; set < 2; set++) {
			s32 at = offsets[i] >> 3;
			u32 bit = offsets[i] & 7, linear = DATA + 0x800 + at;
			prepare(m);
			fill(DATA + 0x400, set ? 0xFF : 0, 0x1000);
			s.bx = data_base() + 0x800;
			s.cx = size == 16 ? 0x77770000 | (u16)offsets[i] : (u32)offsets[i];
			s.flags |= set ? 0 : CF;
			u8 code[4] = {0x66, 0x0F, forms[form].opcode, small ? 0x0F : 0x0B};
			int prefix = (size == 16) != small;
			run(code_of(code + !prefix, 3 + prefix));
			u32 before = set ? 0xFF : 0;
			REQUIRE(done() && (s.flags & CF) == set && *(u8 *)linear == changed(form, before, bit) && *(u8 *)(linear - 1) == before &&
				*(u8 *)(linear + 1) == before, "%s of %u bits at bit %d in %s", forms[form].name, size, offsets[i], mode_names[m]);
		}
	}
	check(1, "%s of %u-bit memory, offsets far outside, in %s", forms[form].name, size, mode_names[m]);
}

static void registers(u32 form, u32 size)
{
	for (u32 n = 0; n < 256; n += n < 40 ? 1 : 37) {
		u32 bit = n & (size - 1), old = 0x5A3C96E1;
		for (u32 immediate = 0; immediate < 2; immediate++) {
			prepare(PM32U);
			s.ax = old;
			s.cx = n;
			u8 by_register[4] = {0x66, 0x0F, forms[form].opcode, 0xC8};
			u8 by_immediate[5] = {0x66, 0x0F, 0xBA, 0xC0 | forms[form].immediate << 3, n};
			int wide = size == 32;
			run(immediate ? code_of(by_immediate + wide, 5 - wide) : code_of(by_register + wide, 4 - wide));
			REQUIRE(done() && (s.flags & CF) == (old >> bit & 1) && s.ax == changed(form, old, bit), "%s of a %u-bit register, bit %u", forms[form].name, size, n);
		}
	}
	check(1, "%s of a %u-bit register, offsets modulo its size", forms[form].name, size);
}

static void immediate_memory(void)
{
	int good = 1;
	for (u32 form = 0; form < 4; form++) {
		for (u32 n = 0; n < 64; n++) {
			prepare(PM32U);
			poke32(DATA + 0x2FC, 0);
			poke32(DATA + 0x300, 0);
			poke32(DATA + 0x304, 0);
			u8 code[4] = {0x0F, 0xBA, 0x03 | forms[form].immediate << 3, n};
			run(code_of(code, 4));
			u32 expected = form == 1 || form == 3 ? 1u << (n & 31) : 0;
			good &= done() && !(s.flags & CF) && peek32(DATA + 0x300) == expected && !peek32(DATA + 0x304) && !peek32(DATA + 0x2FC);
		}
	}
	check(good, "an immediate offset stays inside the operand");
}

static void wrap(void)
{
	prepare(V86);
	fill(DATA + 0x10000 - 16, 0, 16);
	s.bx = 0;
	s.cx = (u16)-1;
	run(BYTES(0x0F, 0xAB, 0x0F));
	check(done() && *(u8 *)(DATA + 0xFFFF) == 0x80, "a negative offset from 0 wraps in 16-bit addressing");
	prepare(PM32U);
	s.cx = 0x80000000;
	poke32(DATA + 0x300, 0);
	// the bit offset is signed: −2^31 bits is −256 MiB
	s.bx = DATA + 0x300 + 0x10000000;
	run(BYTES(0x0F, 0xAB, 0x0B));
	check(done() && peek32(DATA + 0x300) == 1, "the smallest offset reaches 256 MiB down");
}

void bits(void)
{
	for (u32 form = 0; form < 4; form++) {
		registers(form, 16);
		registers(form, 32);
		memory(V86, form, 16);
		memory(V86, form, 32);
		memory(PM16, form, 16);
		memory(PM32U, form, 16);
		memory(PM32U, form, 32);
	}
	immediate_memory();
	wrap();
}
