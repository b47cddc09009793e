// PUSHA, POPA, ENTER, LEAVE and the stack's other users.
#include "probe.h"
#include "parts.h"

static const enum mode modes[] = {REAL, V86, PM16, PM16U, PM32, PM32U};

static u32 at(u64 sp) { return is_small(mode) ? STACK + (u32)(u16)sp : (u32)sp; }

static u32 item(u64 sp, u32 n, u32 i) { return n == 2 ? *(u16 *)at(sp + 2 * i) : *(u32 *)at(sp + 4 * i); }

static u64 trim(u64 v, u32 n) { return n == 2 ? v & 0xFFFF : v; }

/// Ring 3 and IRET lose the upper half of ESP on a 16-bit stack.
static int sp_is(u64 expected) { return is_small(mode) ? (u16)s.sp == (u16)expected : s.sp == expected; }

static void everything(enum mode m, u32 prefix)
{
	u32 n = (is_small(m) != 0) != prefix ? 2 : 4;
	u8 pusha[2] = {0x66, 0x60}, popa[2] = {0x66, 0x61};
	prepare(m);
	run(code_of(pusha + !prefix, 1 + prefix));
	int good = done() && sp_is(start.sp - 8 * n);
	static const u8 order[8] = {7, 6, 5, 4, 3, 2, 1, 0};
	const u64 *r = &start.ax;
	for (u32 i = 0; i < 8; i++) {
		good &= item(s.sp, n, i) == (order[i] == 4 && n == 2 ? (u16)start.sp : order[i] == 4 && is_small(m) ? item(s.sp, n, i) : trim(r[order[i]], n));
	}
	check(good, "PUSHA of %u-byte items in %s", n, mode_names[m]);
	prepare(m);
	for (u32 i = 0; i < 8; i++) {
		if (n == 2) {
			*(u16 *)at(s.sp + 2 * i) = 0xB000 + i;
		} else {
			*(u32 *)at(s.sp + 4 * i) = 0xB0B0B000 + i;
		}
	}
	run(code_of(popa + !prefix, 1 + prefix));
	good = done() && sp_is(start.sp + 8 * n);
	const u64 *now = &s.ax;
	for (u32 i = 0; i < 8; i++) {
		u32 reg = order[i];
		if (reg != 4) {
			good &= now[reg] == (n == 2 ? ((&start.ax)[reg] & 0xFFFF0000) | (0xB000 + i) : 0xB0B0B000 + i);
		}
	}
	check(good, "POPA of %u-byte items in %s", n, mode_names[m]);
}

static void frames(enum mode m, u32 prefix)
{
	u32 n = (is_small(m) != 0) != prefix ? 2 : 4;
	for (u32 level = 0; level < 64; level++) {
		u8 code[5] = {0x66, 0xC8, 0x30, 0x02, level};
		prepare(m);
		s.bp = (is_small(m) ? 0 : STACK) + 0xC000;
		if (!is_small(m) && n == 2) {
			// 16-bit items on a 32-bit stack: BP alone is replaced
			s.sp = STACK + 0xF000;
		}
		for (u32 i = 1; i < 40; i++) {
			if (n == 2) {
				*(u16 *)at(s.bp - 2 * i) = 0xF100 + i;
			} else {
				*(u32 *)at(s.bp - 4 * i) = 0xF1F10000 + i;
			}
		}
		run(code_of(code + !prefix, 4 + prefix));
		u32 depth = level & 31;
		u64 top = start.sp - n, frame = n == 2 ? (start.bp & 0xFFFF0000) | (top & 0xFFFF) : is_small(m) ? s.bp : top;
		int good = done() && item(top, n, 0) == trim(start.bp, n) && s.bp == frame && (u16)s.bp == (u16)top;
		for (u32 i = 1; i < depth; i++) {
			good &= item(top - n * i, n, 0) == (n == 2 ? 0xF100 + i : 0xF1F10000 + i);
		}
		if (depth) {
			good &= (u16)item(top - n * depth, n, 0) == (u16)top;
		}
		good &= sp_is(top - n * depth - 0x230);
		REQUIRE(good, "ENTER of level %u with %u-byte items in %s", level, n, mode_names[m]);
	}
	check(1, "ENTER of every level with %u-byte items in %s", n, mode_names[m]);
	u8 code[2] = {0x66, 0xC9};
	prepare(m);
	s.bp = (is_small(m) ? 0 : STACK) + 0xC000;
	*(u32 *)at(s.bp) = 0x9876FEDC;
	run(code_of(code + !prefix, 1 + prefix));
	check(done() && sp_is(start.bp + n) && s.bp == (n == 2 ? (start.bp & 0xFFFF0000) | 0xFEDC : 0x9876FEDC), "LEAVE of %u-byte items in %s", n, mode_names[m]);
}

static void others(void)
{
	for (u32 i = 0; i < sizeof modes / sizeof *modes; i++) {
		int small = is_small(modes[i]);
		u32 n = small ? 2 : 4;
		prepare(modes[i]);
		run(BYTES(0x54));
		int good = done() && item(s.sp, n, 0) == trim(small ? (u16)start.sp : start.sp, n);
		prepare(modes[i]);
		*(u32 *)at(s.sp) = STACK + 0xABCC;
		run(BYTES(0x5C));
		good &= done() && (small ? (u16)s.sp == 0xABCC : s.sp == STACK + 0xABCC);
		check(good, "PUSH and POP of the stack pointer in %s", mode_names[modes[i]]);
		prepare(modes[i]);
		run(BYTES(0x6A, 0x80));
		good = done() && item(s.sp, n, 0) == trim(0xFFFFFF80, n);
		prepare(modes[i]);
		if (small) {
			run(BYTES(0x66, 0x68, 1, 2, 3, 4));
			good &= done() && sp_is(start.sp - 4) && item(s.sp, 4, 0) == 0x04030201;
		} else {
			run(BYTES(0x66, 0x68, 1, 2));
			good &= done() && sp_is(start.sp - 2) && item(s.sp, 2, 0) == 0x0201;
		}
		check(good, "PUSH of immediates in %s", mode_names[modes[i]]);
		prepare(modes[i]);
		*(u32 *)at(s.sp) = 0x13572468;
		poke32(DATA + 0x300, 0xFFFFFFFF);
		if (small) {
			run(BYTES(0x8F, 0x07));
			good = done() && peek32(DATA + 0x300) == 0xFFFF2468;
		} else {
			run(BYTES(0x8F, 0x03));
			good = done() && peek32(DATA + 0x300) == 0x13572468;
		}
		check(good && sp_is(start.sp + n), "POP to memory in %s", mode_names[modes[i]]);
	}
}

void stack(void)
{
	for (u32 i = 0; i < sizeof modes / sizeof *modes; i++) {
		for (u32 prefix = 0; prefix < 2; prefix++) {
			everything(modes[i], prefix);
			frames(modes[i], prefix);
		}
	}
	others();
}
