#include "parts.h"

enum { PAGE = BUFFER + 0x40000, SECOND = BUFFER + 0x50000, THIRD = BUFFER + 0x60000 };

static void returning(u32 at, u32 n)
{
	struct writer w = {(u8 *)at};
	PUT(&w, 0xB8);
	put32(&w, n);
	PUT(&w, 0xC3);
}

void aliases(void)
{
	returning(PAGE, 1);
	set_pte(SECOND, PAGE | 7);
	int good = call(PAGE, 0) == 1 && call(SECOND, 0) == 1;
	for (u32 i = 0; i < 100; i++) {
		*(volatile u32 *)(SECOND + 1) = i;
		good &= call(PAGE, 0) == i;
		*(volatile u32 *)(PAGE + 1) = i + 1000;
		good &= call(SECOND, 0) == i + 1000;
	}
	check(good, "written through one linear address, run through the other");
	struct writer w = {(u8 *)PAGE + 0x100};
	PUT(&w, 0xC6, 0x05);
	put32(&w, SECOND + 0x108);
	PUT(&w, 0x77, 0xB8, 1, 0, 0, 0, 0xC3);
	check(call(PAGE + 0x100, 0) == 0x77, "the next instruction, through the other address");
	set_pte(SECOND, SECOND | 7);

	// the page exchanged between calls
	returning(PAGE, 0xAAAA);
	returning(SECOND, 0xBBBB);
	returning(THIRD, 0xCCCC);
	good = call(PAGE, 0) == 0xAAAA;
	for (u32 i = 0; i < 50; i++) {
		set_pte(PAGE, SECOND | 7);
		good &= call(PAGE, 0) == 0xBBBB;
		set_pte(PAGE, THIRD | 7);
		good &= call(PAGE, 0) == 0xCCCC;
		set_pte(PAGE, PAGE | 7);
		good &= call(PAGE, 0) == 0xAAAA;
	}
	check(good, "a page exchanged between calls");
	// and under the running code: the same bytes up to INVLPG, others behind it
	u32 pte = (u32)(in_long || (rd_cr4() & 0x20) ? (void *)pte64(PAGE) : (void *)pte32(PAGE));
	for (u32 i = 0; i < 2; i++) {
		w.at = (u8 *)(i ? SECOND : PAGE) + 0x200;
		PUT(&w, 0xC7, 0x05);
		put32(&w, pte);
		put32(&w, SECOND | 7);
		PUT(&w, 0x0F, 0x01, 0x3D);
		put32(&w, PAGE);
		PUT(&w, 0xB8, i ? 2 : 1, 0, 0, 0, 0xC3);
	}
	u32 got = call(PAGE + 0x200, 0);
	set_pte(PAGE, PAGE | 7);
	check(got == 2, "a page exchanged under the code that runs on it, by INVLPG");
	for (u32 i = 0; i < 2; i++) {
		w.at = (u8 *)(i ? SECOND : PAGE) + 0x300;
		PUT(&w, 0xC7, 0x05);
		put32(&w, pte);
		put32(&w, SECOND | 7);
		PUT(&w, 0x0F, 0x20, 0xD8, 0x0F, 0x22, 0xD8);
		PUT(&w, 0xB8, i ? 4 : 3, 0, 0, 0, 0xC3);
	}
	got = call(PAGE + 0x300, 0);
	set_pte(PAGE, PAGE | 7);
	check(got == 4, "the same by MOV to CR3");
	// an instruction on two pages of which the second is exchanged
	u32 at = PAGE + 0x1000 - 2, next = PAGE + 0x1000;
	w.at = (u8 *)at;
	PUT(&w, 0xB8, 0x11, 0x22, 0x33, 0x44, 0xC3);
	w.at = (u8 *)SECOND;
	PUT(&w, 0x55, 0x66, 0x77, 0xC3);
	good = call(at, 0) == 0x44332211;
	set_pte(next, SECOND | 7);
	good &= call(at, 0) == 0x77665511;
	*(volatile u8 *)(SECOND + 1) = 0x99;
	good &= call(at, 0) == 0x77995511;
	set_pte(next, next | 7);
	check(good && call(at, 0) == 0x44332211, "an instruction on two pages, the second exchanged");
	// a jump between two pages, the target's page exchanged
	w.at = (u8 *)PAGE + 0x400;
	PUT(&w, 0xE9);
	put32(&w, next + 0x100 - (u32)w.at - 4);
	returning(next + 0x100, 5);
	returning(SECOND + 0x100, 6);
	good = call(PAGE + 0x400, 0) == 5;
	set_pte(next, SECOND | 7);
	good &= call(PAGE + 0x400, 0) == 6;
	set_pte(next, next | 7);
	check(good && call(PAGE + 0x400, 0) == 5, "a jump into a page that is exchanged");
	// read-only code written by the supervisor
	returning(PAGE, 8);
	good = call(PAGE, 0) == 8;
	set_pte(PAGE, PAGE | 5);
	*(volatile u32 *)(PAGE + 1) = 9;
	good &= call(PAGE, 0) == 9;
	set_pte(PAGE, PAGE | 7);
	check(good, "read-only code written by the supervisor");
	// written by physical address through a mapping of 4 MiB further up
	if (!in_long) {
		returning(PAGE, 10);
		good = call(PAGE, 0) == 10;
		u32 old = pd32_table()[64];
		pd32_table()[64] = 0x83;
		flush();
		*(volatile u32 *)((64u << 22) + PAGE + 1) = 11;
		good &= call(PAGE, 0) == 11;
		pd32_table()[64] = old;
		flush();
		check(good, "code written through a large page");
	}
}
