// Decimal adjustments against a model in C, over all inputs.
#include "probe.h"
#include "parts.h"

// Executes `op` with AX and the flags given.
#define EXECUTE(op, ax, fl)                                                                                           \
	__asm__ volatile("pushl %1\n\tpopfl\n\t" op "\n\tpushfl\n\tpopl %1" : "+a"(ax), "+r"(fl) : : "cc")

static u32 parity(u32 v)
{
	v ^= v >> 4;
	v ^= v >> 2;
	v ^= v >> 1;
	return v & 1 ? 0 : PFLAG;
}

static u32 szp8(u8 v) { return parity(v) | (v ? 0 : ZF) | (v & 0x80 ? SF : 0); }

// SDM volume 2, DAA and DAS
static void model_das_daa(int subtract, u8 *al, u32 *f)
{
	u8 old = *al, v = old;
	u32 carry = *f & CF, out = 0;
	if ((old & 15) > 9 || (*f & AF)) {
		v = subtract ? v - 6 : v + 6;
		out |= AF;
		if (subtract ? (old < 6 || carry) : (old > 0xF9 || carry)) {
			out |= CF;
		}
	}
	if (old > 0x99 || carry) {
		v = subtract ? v - 0x60 : v + 0x60;
		out |= CF;
	} else if (!subtract) {
		out &= ~CF;
	}
	*al = v;
	*f = out | szp8(v);
}

static void daa_das(int subtract)
{
	const char *name = subtract ? "DAS" : "DAA";
	for (u32 in = 0; in < 1024; in++) {
		u32 ax = 0xABCD5500 | (in & 0xFF), fl = 2 | (in & 0x100 ? CF : 0) | (in & 0x200 ? AF : 0), before = fl;
		u8 al = in;
		u32 expected = before;
		model_das_daa(subtract, &al, &expected);
		if (subtract) {
			EXECUTE("das", ax, fl);
		} else {
			EXECUTE("daa", ax, fl);
		}
		u32 mask = CF | AF | SF | ZF | PFLAG;
		REQUIRE(ax == (0xABCD5500 | al) && (fl & mask) == (expected & mask), "%s of %02x with flags %x: %x flags %x", name,
			in & 0xFF, before, ax, fl);
	}
	check(1, "%s over all inputs", name);
}

static void aaa_aas(int subtract)
{
	const char *name = subtract ? "AAS" : "AAA";
	for (u32 in = 0; in < 0x20000; in++) {
		if (in & 0xFFFF & 0x7800 && (in & 0x7800) != 0x7800) {
			continue; // AH near 0, 0x80 and 0xFF are the interesting ones
		}
		u32 adjust_in = in >> 16, ax = 0x12340000 | (in & 0xFFFF), fl = 2 | (adjust_in ? AF : CF);
		u32 v = in & 0xFFFF, expected = 0;
		if ((v & 15) > 9 || adjust_in) {
			v = subtract ? v - 0x106 : v + 0x106;
			expected = AF | CF;
		}
		v &= 0xFF0F;
		if (subtract) {
			EXECUTE("aas", ax, fl);
		} else {
			EXECUTE("aaa", ax, fl);
		}
		REQUIRE(ax == (0x12340000 | v) && (fl & (AF | CF)) == expected, "%s of %05x: %x flags %x", name, in, ax, fl);
	}
	check(1, "%s over all AL and AF, many AH", name);
}

static void aam_aad(void)
{
	for (u32 al = 0; al < 256; al++) {
		u32 ax = 0x77007700 | al, fl = 2;
		EXECUTE("aam", ax, fl);
		REQUIRE(ax == (0x77000000 | al / 10 << 8 | al % 10) && (fl & (SF | ZF | PFLAG)) == szp8(al % 10), "AAM of %02x: %x", al, ax);
	}
	check(1, "AAM over all AL");
	for (u32 in = 0; in < 0x10000; in++) {
		u32 ax = 0x77000000 | in, fl = 2;
		EXECUTE("aad", ax, fl);
		u8 v = (in >> 8) * 10 + in;
		REQUIRE(ax == (0x77000000u | v) && (fl & (SF | ZF | PFLAG)) == szp8(v), "AAD of %04x: %x", in, ax);
	}
	check(1, "AAD over all AX");
	for (u32 base = 1; base < 256; base++) {
		u8 aam[2] = {0xD4, base}, aad[2] = {0xD5, base};
		prepare(base & 1 ? PM32 : PM16);
		s.ax = 0x55AA00FB;
		run(code_of(aam, 2));
		REQUIRE(done() && s.ax == (0x55AA0000 | 0xFB / base << 8 | 0xFB % base), "AAM %u", base);
		prepare(base & 1 ? PM32 : V86);
		s.ax = 0x55AA1D3C;
		run(code_of(aad, 2));
		REQUIRE(done() && s.ax == (0x55AA0000u | (u8)(0x1D * base + 0x3C)), "AAD %u", base);
	}
	check(1, "AAM and AAD with every other base");
	prepare(PM32);
	s.ax = 0x1234;
	run(BYTES(0xD5, 0));
	check(done() && s.ax == 0x34, "AAD 0 only clears AH");
}

static void salc(void)
{
	for (u32 carry = 0; carry < 2; carry++) {
		u32 ax = 0x12345678, fl = 2 | ARITH;
		fl = (fl & ~CF) | carry;
		u32 before = fl;
		EXECUTE(".byte 0xD6", ax, fl);
		REQUIRE(ax == (carry ? 0x123456FF : 0x12345600) && fl == before, "SALC with carry %u: %x flags %x", carry, ax, fl);
	}
	check(1, "SALC copies the carry into AL and leaves the flags");
}

void decimal(void)
{
	daa_das(0);
	daa_das(1);
	aaa_aas(0);
	aaa_aas(1);
	aam_aad();
	salc();
}
