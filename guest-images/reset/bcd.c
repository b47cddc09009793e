// DAA, DAS, AAA, AAS, AAM, AAD against their description (SDM volume 2), for every operand and both carries.
#include "reset.h"

#define ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF)

struct result { uint16_t ax, flags; };

static uint16_t sign_zero_parity(uint8_t value)
{
	uint8_t parity = value ^ value >> 4;
	parity ^= parity >> 2;
	parity ^= parity >> 1;
	return (uint16_t)((value == 0 ? FLAG_ZF : 0) | (value & 0x80 ? FLAG_SF : 0) | (parity & 1 ? 0 : FLAG_PF));
}

#define RUN(name, instruction)                                                                               \
	static struct result name(uint16_t ax, uint16_t flags)                                                   \
	{                                                                                                        \
		uint32_t a = ax, f = flags;                                                                          \
		__asm__ volatile("pushl %1\n\tpopfl\n\t" instruction "\n\tpushfl\n\tpopl %1" : "+a"(a), "+c"(f) : : "cc", "memory"); \
		return (struct result){ (uint16_t)a, (uint16_t)(f & ARITHMETIC) };                                   \
	}
RUN(run_daa, "daa")
RUN(run_das, "das")
RUN(run_aaa, "aaa")
RUN(run_aas, "aas")
RUN(run_aam, "aam")
RUN(run_aad, "aad")
RUN(run_aam_16, "aam $16")

static struct result expect_daa(uint16_t ax, uint16_t flags)
{
	uint8_t old = (uint8_t)ax, al = old;
	bool adjust = (al & 15) > 9 || (flags & FLAG_AF) != 0, carry = old > 0x99 || (flags & FLAG_CF) != 0;
	al = (uint8_t)(al + (adjust ? 6 : 0) + (carry ? 0x60 : 0));
	return (struct result){ (uint16_t)((ax & 0xFF00) | al),
							(uint16_t)((adjust ? FLAG_AF : 0) | (carry ? FLAG_CF : 0) | sign_zero_parity(al)) };
}

static struct result expect_das(uint16_t ax, uint16_t flags)
{
	uint8_t old = (uint8_t)ax, al = old;
	bool adjust = (al & 15) > 9 || (flags & FLAG_AF) != 0, carry = old > 0x99 || (flags & FLAG_CF) != 0;
	bool borrow = carry || (adjust && old < 6);
	al = (uint8_t)(al - (adjust ? 6 : 0) - (carry ? 0x60 : 0));
	return (struct result){ (uint16_t)((ax & 0xFF00) | al),
							(uint16_t)((adjust ? FLAG_AF : 0) | (borrow ? FLAG_CF : 0) | sign_zero_parity(al)) };
}

static struct result expect_aaa(uint16_t ax, uint16_t flags)
{
	bool adjust = (ax & 15) > 9 || (flags & FLAG_AF) != 0;
	return (struct result){ (uint16_t)((adjust ? ax + 0x106 : ax) & 0xFF0F), adjust ? FLAG_AF | FLAG_CF : 0 };
}

static struct result expect_aas(uint16_t ax, uint16_t flags)
{
	bool adjust = (ax & 15) > 9 || (flags & FLAG_AF) != 0;
	return (struct result){ (uint16_t)((adjust ? ax - 0x106 : ax) & 0xFF0F), adjust ? FLAG_AF | FLAG_CF : 0 };
}

static void check(const char *name, struct result (*run)(uint16_t, uint16_t), struct result (*expect)(uint16_t, uint16_t),
				  uint16_t defined)
{
	static const uint16_t carries[] = { 0, FLAG_AF, FLAG_CF, FLAG_AF | FLAG_CF };
	for (unsigned i = 0; i < 1024; i++) {
		uint16_t ax = (uint16_t)(0xFF00 * (i >> 8 & 1) + 0x3A00 + (i & 0xFF)), flags = carries[i >> 8];
		struct result got = run(ax, flags), want = expect(ax, flags);
		if (got.ax != want.ax || ((got.flags ^ want.flags) & defined) != 0) {
			report_fail(name, "AX %04x, flags %02x gave %04x and %02x, not %04x and %02x", ax, flags, got.ax, got.flags & defined,
						want.ax, want.flags & defined);
			return;
		}
	}
	report(name, true);
}

void check_bcd(void)
{
	check("bcd: DAA", run_daa, expect_daa, ARITHMETIC);
	check("bcd: DAS", run_das, expect_das, ARITHMETIC);
	check("bcd: AAA", run_aaa, expect_aaa, FLAG_AF | FLAG_CF);
	check("bcd: AAS", run_aas, expect_aas, FLAG_AF | FLAG_CF);

	bool aam = true, aad = true, hexadecimal = true;
	for (unsigned i = 0; i < 256; i++) {
		struct result r = run_aam((uint16_t)(0xEE00 | i), 0);
		aam &= r.ax == (i / 10 << 8 | i % 10) && (r.flags & (FLAG_ZF | FLAG_SF | FLAG_PF)) == sign_zero_parity((uint8_t)(i % 10));
		r = run_aam_16((uint16_t)i, 0);
		hexadecimal &= r.ax == (i >> 4 << 8 | (i & 15));
		r = run_aad((uint16_t)(i << 8 | 7), 0);
		uint8_t al = (uint8_t)(i * 10 + 7);
		aad &= r.ax == al && (r.flags & (FLAG_ZF | FLAG_SF | FLAG_PF)) == sign_zero_parity(al);
	}
	report("bcd: AAM", aam);
	report("bcd: AAM in base 16", hexadecimal);
	report("bcd: AAD", aad);
}
