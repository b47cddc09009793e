#include "parts.h"

enum { A = BUFFER + 0x4000, B = BUFFER + 0x5000, C = BUFFER + 0x6000 };

void across_pages(void)
{
	struct writer w = {(u8 *)A};
	// A writes B's operand and calls it
	PUT(&w, 0x8B, 0x44, 0x24, 0x04, 0xA3);
	put32(&w, B + 1);
	PUT(&w, 0xE9);
	put32(&w, B - (u32)w.at - 4);
	w.at = (u8 *)B;
	PUT(&w, 0xB8, 0, 0, 0, 0, 0xC3);
	int good = 1;
	for (u32 i = 0; i < 200; i++) {
		good &= call(A, i * 77) == i * 77;
	}
	check(good, "one page writes the other and jumps there");

	// two loops that write each other
	w.at = (u8 *)A + 0x100;
	PUT(&w, 0x8B, 0x4C, 0x24, 0x04, 0x31, 0xC0);
	u32 loop_a = (u32)w.at;
	PUT(&w, 0x83, 0xC0, 0x01, 0xFE, 0x05);  // add eax, n; inc byte [B's n]; jmp B
	put32(&w, B + 0x102);
	PUT(&w, 0xE9);
	put32(&w, B + 0x100 - (u32)w.at - 4);
	w.at = (u8 *)B + 0x100;
	PUT(&w, 0x83, 0xC0, 0x01, 0xFE, 0x05);
	put32(&w, loop_a + 2);
	PUT(&w, 0x49, 0x0F, 0x85);
	put32(&w, loop_a - (u32)w.at - 4);
	PUT(&w, 0xC3);
	u32 expected = 0, a = 1, b = 1;
	for (u32 i = 0; i < 60; i++) {
		expected += a;
		b++;
		expected += b;
		a++;
	}
	check(call(A + 0x100, 60) == expected, "two pages write each other in turn");

	// an instruction on two pages, each half changed
	for (u32 before = 1; before < 5; before++) {
		u32 at = B - before;
		w.at = (u8 *)at;
		PUT(&w, 0xB8, 0x11, 0x22, 0x33, 0x44, 0xC3);
		good = call(at, 0) == 0x44332211;
		*(volatile u8 *)(at + 4) = 0x55;
		good &= call(at, 0) == 0x55332211;
		*(volatile u8 *)(at + 1) = 0x66;
		good &= call(at, 0) == 0x55332266;
		*(volatile u8 *)at = 0x05;  // add eax, imm32
		PUT(&w, 0);
		w.at = (u8 *)C;
		PUT(&w, 0xB8, 1, 0, 0, 0, 0xE9);
		put32(&w, at - (u32)w.at - 4);
		good &= call(C, 0) == 0x55332267;
		check(good, "an instruction with %u bytes on its first page, either half changed", before);
	}
	// one store across the border changes both pages
	w.at = (u8 *)(B - 7);
	PUT(&w, 0x31, 0xC0, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0xC3);
	good = call(B - 7, 0) == 8;
	*(volatile u32 *)(B - 2) = 0x48484848;
	check(good && call(B - 7, 0) == 0, "one store across a border changes both pages");
	// a block that runs from one page into the next; the next one is changed while the first runs
	w.at = (u8 *)(B - 10);
	PUT(&w, 0x31, 0xC0, 0x90, 0xC6, 0x05);
	put32(&w, B + 1);
	PUT(&w, 0x48, 0x40, 0x40, 0x40, 0xC3);
	check(call(B - 10, 0) == 1, "a block that goes on into the page it has changed");
	// data next to code, on the page before and behind
	w.at = (u8 *)B;
	PUT(&w, 0xB8, 7, 0, 0, 0, 0xC3);
	for (u32 i = 0; i < 1000; i++) {
		*(volatile u32 *)(B - 4) = i;
		*(volatile u32 *)(C + 4 * (i & 15)) = i;
		good &= call(B, 0) == 7;
	}
	check(good, "stores to the pages around leave it alone");
}
