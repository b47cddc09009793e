#include "parts.h"

void in_place(void)
{
	struct writer w = {(u8 *)BUFFER};
	// mov eax, 1, whose operand the instruction before it sets
	PUT(&w, 0xC6, 0x05);
	put32(&w, BUFFER + 8);
	PUT(&w, 0x2A, 0xB8, 1, 0, 0, 0, 0xC3);
	check(call(BUFFER, 0) == 0x2A, "the next instruction's operand");

	w.at = (u8 *)BUFFER + 0x100;
	PUT(&w, 0x31, 0xC0, 0xC6, 0x05);
	put32(&w, BUFFER + 0x109);
	PUT(&w, 0x48, 0x40, 0xC3);
	check(call(BUFFER + 0x100, 0) == 0xFFFFFFFF, "the next instruction becomes another one");

	w.at = (u8 *)BUFFER + 0x200;
	// a longer instruction swallows the ones behind it: nop nop nop nop nop → mov eax, imm32
	PUT(&w, 0x31, 0xC0, 0xC6, 0x05);
	put32(&w, BUFFER + 0x209);
	PUT(&w, 0xB8, 0x90, 0x90, 0x90, 0x90, 0x90, 0xC3);
	check(call(BUFFER + 0x200, 0) == 0x90909090, "the next instruction becomes a longer one");

	// ten instructions ahead in the same block
	w.at = (u8 *)BUFFER + 0x300;
	PUT(&w, 0x31, 0xC0, 0xC7, 0x05);
	put32(&w, BUFFER + 0x300 + 12 + 10 + 1);
	put32(&w, 0x12345678);
	PUT(&w, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x05);
	put32(&w, 0);
	PUT(&w, 0xC3);
	check(call(BUFFER + 0x300, 0) == 0x12345682, "an instruction further on in the same block");

	// a loop that raises what it adds: add eax, imm; inc dword [imm]; dec ecx; jnz
	w.at = (u8 *)BUFFER + 0x400;
	PUT(&w, 0x8B, 0x4C, 0x24, 0x04, 0x31, 0xC0, 0x05);
	put32(&w, 0);
	PUT(&w, 0xFF, 0x05);
	put32(&w, BUFFER + 0x407);
	PUT(&w, 0x49, 0x75, 0xF2, 0xC3);
	check(call(BUFFER + 0x400, 1000) == 999 * 1000 / 2, "a loop patches itself in each round");
	check(call(BUFFER + 0x400, 10) == 10 * 1000 + 45, "and keeps what it has become");

	// the last iteration writes RET over the loop's start
	w.at = (u8 *)BUFFER + 0x500;
	PUT(&w, 0x8B, 0x4C, 0x24, 0x04, 0x31, 0xC0);
	PUT(&w, 0x40, 0x90, 0x49, 0x75, 0xFB, 0xC6, 0x05);
	put32(&w, BUFFER + 0x507);
	PUT(&w, 0xC3, 0xEB, 0xF2);
	check(call(BUFFER + 0x500, 5) == 6, "a branch back to what was written behind it");

	// add byte [its own operand], 1: it doubles
	w.at = (u8 *)BUFFER + 0x600;
	PUT(&w, 0x80, 0x05);
	put32(&w, BUFFER + 0x606);
	PUT(&w, 0x01, 0xA1);
	put32(&w, BUFFER + 0x606);
	PUT(&w, 0x0F, 0xB6, 0xC0, 0xC3);
	u32 a = call(BUFFER + 0x600, 0), b = call(BUFFER + 0x600, 0), c = call(BUFFER + 0x600, 0);
	check(a == 2 && b == 4 && c == 8, "an instruction that changes its own operand");

	// the same bytes again
	w.at = (u8 *)BUFFER + 0x700;
	PUT(&w, 0x8B, 0x4C, 0x24, 0x04, 0x31, 0xC0, 0xC6, 0x05);
	put32(&w, BUFFER + 0x70D);
	PUT(&w, 0x40, 0x40, 0x49, 0x75, 0xF5, 0xC3);
	check(call(BUFFER + 0x700, 100000) == 100000, "a loop that writes the same bytes back");

	// a conditional jump turned round
	w.at = (u8 *)BUFFER + 0x800;
	PUT(&w, 0x31, 0xC0, 0x39, 0xC0, 0x74, 0x02, 0x40, 0x40, 0x83, 0xC8, 0x10, 0xC3);
	a = call(BUFFER + 0x800, 0);
	*(volatile u8 *)(BUFFER + 0x804) = 0x75;
	b = call(BUFFER + 0x800, 0);
	*(volatile u8 *)(BUFFER + 0x805) = 0x01;
	*(volatile u8 *)(BUFFER + 0x804) = 0x74;
	c = call(BUFFER + 0x800, 0);
	check(a == 0x10 && b == 0x12 && c == 0x11, "a branch's condition and its target");
}
