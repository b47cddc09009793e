// Far and near transfers, LOOP and JCXZ.
#include "probe.h"
#include "parts.h"

static void loops(void)
{
	static const enum mode modes[] = {V86, REAL, PM16, PM32U};
	static const u8 opcodes[4] = {0xE0, 0xE1, 0xE2, 0xE3};
	static const char *const names[4] = {"LOOPNE", "LOOPE", "LOOP", "JCXZ"};
	for (u32 op = 0; op < 4; op++) {
		for (u32 m = 0; m < 4; m++) {
			for (u32 prefix = 0; prefix < 2; prefix++) {
				int narrow = (is_small(modes[m]) != 0) != prefix;
				static const u32 counts[] = {0, 1, 2, 0x10000, 0x10001, 0xFFFF0000, 0xFFFF0001, 0xFFFFFFFF};
				for (u32 c = 0; c < 8; c++) {
					for (u32 z = 0; z < 2; z++) {
						prepare(modes[m]);
						s.cx = counts[c];
						s.flags |= z ? ZF : 0;
						s.bx = 0;
						// over an INC BX
						u8 code[4] = {0x67, opcodes[op], 0x01, 0x43};
						run(code_of(code + !prefix, 3 + prefix));
						u32 mask = narrow ? 0xFFFF : 0xFFFFFFFF;
						u32 count = op == 3 ? counts[c] : (counts[c] & ~mask) | ((counts[c] - 1) & mask);
						int taken = op == 3 ? !(count & mask) : (count & mask) && (op == 2 || z == (op == 1));
						REQUIRE(done() && s.cx == count && s.bx == !taken, "%s with count %x, ZF %u, %u-bit, in %s", names[op], counts[c], z,
							narrow ? 16 : 32, mode_names[modes[m]]);
					}
				}
			}
		}
		check(1, "%s with both address sizes", names[op]);
	}
}

static void near(void)
{
	prepare(V86);
	*(u32 *)(STACK + (u32)s.sp) = 0x00030003;
	run(BYTES(0xC2, 0x10, 0x00, 0x90));
	check(done() && (u16)s.sp == STACK_TOP + 2 + 0x10, "RET n in 16-bit code");
	prepare(PM32U);
	poke32(s.sp, CODE + 3);
	run(BYTES(0xC2, 0xF0, 0xFF, 0x90));
	hwcheck(done() && s.sp == start.sp + 4 + 0xFFF0, "RET n is unsigned");
	prepare(PM32U);
	run(BYTES(0x66, 0xE9, 0x00, 0x00));
	// the upper half of EIP is lost, and nothing of ours is down there
	check(s.ip < 0x10000, "a jump with a 16-bit operand cuts EIP");
	prepare(PM16);
	*(u16 *)(CODE + 0xFFF0) = 0x0B0F;
	run(BYTES(0xE9, 0xED, 0xFF));
	check(t.vector == UD && s.ip == 0xFFF0, "a 16-bit jump");
	prepare(V86);
	run(BYTES(0x66, 0xE8, 1, 0, 0, 0, 0x90, 0x58));
	check(done() && (u16)s.ax == 6 && (u16)s.sp == STACK_TOP - 2, "CALL with a 32-bit operand pushes a dword");
	prepare(V86);
	s.ax = 4;
	run(BYTES(0xFF, 0xE0, 0x90, 0x90));
	int good = done();
	prepare(V86);
	poke32(DATA + 0x300, 0xFFFF0005);
	run(BYTES(0xFF, 0x27, 0xF4, 0xF4, 0xF4));
	check(good && done(), "indirect jumps take a word");
	prepare(PM32);
	poke32(DATA + 0x300, CODE + 2);
	run(BYTES(0xFF, 0x13));
	check(done() && peek32(s.sp) == CODE + 2, "indirect CALL");
}

static void far(void)
{
	// direct, by both operand sizes
	prepare(V86);
	run(BYTES(0x9A, 0x05, 0x00, 0x00, CODE >> 12));
	u16 *words = (u16 *)(STACK + (u16)s.sp);
	check(done() && (u16)s.sp == STACK_TOP - 4 && words[0] == 5 && words[1] == CODE >> 4, "far CALL of 16:16 in virtual-8086 mode");
	prepare(REAL);
	run(BYTES(0x66, 0x9A, 0x08, 0x00, 0x00, 0x00, 0x00, CODE >> 12));
	u32 *dwords = (u32 *)(STACK + (u16)s.sp);
	check(done() && (u16)s.sp == STACK_TOP - 8 && dwords[0] == 8 && (u16)dwords[1] == CODE >> 4, "far CALL of 16:32 in real mode");
	prepare(REAL);
	run(BYTES(0xEA, 0x05, 0x00, 0x00, CODE >> 12));
	check(done(), "far JMP in real mode");
	prepare(REAL);
	*(u16 *)(CODE + 0x150) = 0x0B0F;
	run(BYTES(0xEA, 0x50, 0x00, 0x10, CODE >> 12));
	check(t.vector == UD && s.cs == (CODE >> 4) + 0x10 && s.ip == 0x50, "far JMP to another segment in real mode");
	prepare(PM32);
	u8 code[7] = {0x9A, 7, CODE >> 8 & 0xFF, CODE >> 16, 0, C32, 0};
	run(code_of(code, 7));
	check(done() && s.sp == start.sp - 8 && peek32(s.sp) == CODE + 7 && (u16)peek32(s.sp + 4) == C32, "far CALL of 16:32");
	prepare(PM32);
	u8 to16[8] = {0x66, 0xEA, 0x80, 0x00, C16, 0};
	*(u16 *)(CODE + 0x80) = 0x0B0F;
	run(code_of(to16, 6));
	check(t.vector == UD && s.cs == C16 && s.ip == 0x80, "far JMP from 32-bit to 16-bit code");
	prepare(PM16);
	u8 to32[8] = {0x66, 0xEA, 0x80, CODE >> 8 & 0xFF, CODE >> 16, 0, C32, 0};
	run(code_of(to32, 8));
	check(t.vector == UD && s.cs == C32 && s.ip == CODE + 0x80, "far JMP from 16-bit to 32-bit code");
	// RETF n
	prepare(V86);
	*(u32 *)(STACK + (u32)s.sp) = 3 | (CODE >> 4) << 16;
	run(BYTES(0xCA, 0x20, 0x00, 0x90));
	check(done() && (u16)s.sp == STACK_TOP + 4 + 0x20, "RETF n of words");
	prepare(PM32U);
	poke32(s.sp, CODE + 3);
	poke32(s.sp + 4, UC32 | 0x12340000);
	run(BYTES(0xCA, 0x20, 0x00, 0x90));
	check(done() && s.sp == start.sp + 8 + 0x20, "RETF n of dwords");
	prepare(PM32);
	*(u32 *)(u32)s.sp = 0x80 | C16 << 16;
	run(BYTES(0x66, 0xCB));
	check(t.vector == UD && s.cs == C16 && s.ip == 0x80 && (u32)s.sp == start.sp + 4, "RETF of words in 32-bit code");
	prepare(REAL);
	poke32(DATA + 0x300, 0x0150 | ((CODE >> 4) << 16));
	run(BYTES(0xFF, 0x2F));
	check(t.vector == UD && s.ip == 0x150 && s.cs == CODE >> 4, "far JMP through memory");
	prepare(PM32);
	poke32(s.sp, CODE + 2);
	poke32(s.sp + 4, C32);
	poke32(s.sp + 8, 0x202 | CF);
	run(BYTES(0xCF, 0x90));
	check(t.vector == UD && s.ip == CODE + 2 && s.sp == start.sp + 12 && (s.flags & (CF | IF)) == (CF | IF), "IRET of dwords");
	prepare(PM32);
	*(u16 *)(u32)s.sp = 0x80;
	*(u16 *)(u32)(s.sp + 2) = C16;
	*(u16 *)(u32)(s.sp + 4) = 2 | ZF;
	run(BYTES(0x66, 0xCF));
	check(t.vector == UD && s.cs == C16 && s.ip == 0x80 && s.sp == start.sp + 6 && (s.flags & ZF), "IRET of words");
}

void control(void)
{
	loops();
	near();
	far();
}
