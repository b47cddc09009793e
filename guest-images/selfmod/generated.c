#include "parts.h"

enum { JIT = BUFFER + 0x10000, FUNCTIONS = 3000, PITCH = 29, SHARED = BUFFER + 0x30000 };

static u32 expected(u32 i, u32 round, u32 argument)
{
	u32 v = argument;
	v += i * 0x01000193 + round;
	v ^= i << 7;
	return i & 1 ? v * 5 : v - round;
}

static void compile(u32 i, u32 round)
{
	struct writer w = {(u8 *)(JIT + i * PITCH)};
	PUT(&w, 0x8B, 0x44, 0x24, 0x04, 0x05);
	put32(&w, i * 0x01000193 + round);
	PUT(&w, 0x35);
	put32(&w, i << 7);
	if (i & 1) {
		PUT(&w, 0x8D, 0x04, 0x80);
	} else {
		PUT(&w, 0x2D);
		put32(&w, round);
	}
	PUT(&w, 0xC3);
}

void generated(void)
{
	int good = 1;
	for (u32 round = 0; round < 4; round++) {
		for (u32 i = 0; i < FUNCTIONS; i++) {
			compile(i, round);
		}
		for (u32 i = 0; i < FUNCTIONS; i++) {
			good &= call(JIT + i * PITCH, i ^ round) == expected(i, round, i ^ round);
		}
	}
	check(good, "3000 small functions, generated again and again");
	for (u32 i = 0; i < FUNCTIONS; i += 7) {
		compile(i, 9);
		good &= call(JIT + i * PITCH, 5) == expected(i, 9, 5);
		good &= call(JIT + ((i + 1) % FUNCTIONS) * PITCH, 5) == expected((i + 1) % FUNCTIONS, (i + 1) % FUNCTIONS % 7 ? 3 : 9, 5);
	}
	check(good, "each called right after it was generated, its neighbours unharmed");

	// code and its counters on one page: 200000 stores
	struct writer w = {(u8 *)SHARED};
	PUT(&w, 0x8B, 0x4C, 0x24, 0x04, 0xFF, 0x05);
	put32(&w, SHARED + 0x800);
	PUT(&w, 0x89, 0x0D);
	put32(&w, SHARED + 0x40);
	PUT(&w, 0x49, 0x75, 0xF1, 0xA1);
	put32(&w, SHARED + 0x800);
	PUT(&w, 0xC3);
	*(volatile u32 *)(SHARED + 0x800) = 0;
	good = call(SHARED, 200000) == 200000;
	check(good && *(volatile u32 *)(SHARED + 0x40) == 1, "code that counts on its own page");
	// the same from outside: a store to the page between calls
	w.at = (u8 *)SHARED;
	PUT(&w, 0xA1);
	put32(&w, SHARED + 0x900);
	PUT(&w, 0x40, 0xC3);
	for (u32 i = 0; i < 20000; i++) {
		*(volatile u32 *)(SHARED + 0x900) = i;
		good &= call(SHARED, 0) == i + 1;
	}
	check(good, "data stored on a page of code between calls");
	// a stack on the page of the running code
	w.at = (u8 *)SHARED;
	PUT(&w, 0x8B, 0x4C, 0x24, 0x04, 0x89, 0xE2, 0xBC);
	put32(&w, SHARED + 0xFF0);
	PUT(&w, 0x31, 0xC0, 0x51, 0x03, 0x04, 0x24, 0x59, 0x49, 0x75, 0xF8, 0x89, 0xD4, 0xC3);
	check(call(SHARED, 1000) == 500500, "a stack on the page of the running code");

	// a function changes its caller behind the CALL, which then returns there
	w.at = (u8 *)SHARED + 0x100;
	PUT(&w, 0xE8);
	put32(&w, SHARED + 0x200 - (u32)w.at - 4);
	PUT(&w, 0xB8, 1, 0, 0, 0, 0xC3);
	w.at = (u8 *)SHARED + 0x200;
	PUT(&w, 0xFF, 0x05);
	put32(&w, SHARED + 0x106);
	PUT(&w, 0xC3);
	u32 a = call(SHARED + 0x100, 0), b = call(SHARED + 0x100, 0);
	check(a == 2 && b == 3, "a function changes the code it returns to");
	// and the CALL itself: the next round goes elsewhere
	w.at = (u8 *)SHARED + 0x300;
	PUT(&w, 0x31, 0xC0, 0xB9, 2, 0, 0, 0, 0xE8);
	put32(&w, SHARED + 0x400 - (u32)w.at - 4);
	PUT(&w, 0x49, 0x75, 0xF8, 0xC3);
	w.at = (u8 *)SHARED + 0x400;
	PUT(&w, 0x83, 0xC0, 0x01, 0xC7, 0x05);
	put32(&w, SHARED + 0x308);
	put32(&w, SHARED + 0x480 - (SHARED + 0x30C));
	PUT(&w, 0xC3);
	w.at = (u8 *)SHARED + 0x480;
	PUT(&w, 0x83, 0xC0, 0x40, 0xC3);
	check(call(SHARED + 0x300, 0) == 0x41, "a function changes the target of the CALL it came from");
	// five calls deep, all of whose return points are overwritten
	for (u32 i = 0; i < 5; i++) {
		w.at = (u8 *)SHARED + 0x500 + i * 0x20;
		PUT(&w, 0xE8);
		put32(&w, SHARED + 0x500 + (i + 1) * 0x20 - (u32)w.at - 4);
		PUT(&w, 0x83, 0xC0, 0x01, 0xC3);
	}
	w.at = (u8 *)SHARED + 0x500 + 5 * 0x20;
	PUT(&w, 0x31, 0xC0);
	for (u32 i = 0; i < 5; i++) {
		PUT(&w, 0xC6, 0x05);
		put32(&w, SHARED + 0x500 + i * 0x20 + 7);
		PUT(&w, 0x10 + i);
	}
	PUT(&w, 0xC3);
	check(call(SHARED + 0x500, 0) == 0x10 * 5 + 10, "five callers changed while they wait");
}
