#include "parts.h"

enum { TARGET = BUFFER + 0x8000, TABLE = BUFFER + 0x9000 };

/// A function that returns n, 6 bytes.
static void returning(u32 at, u32 n)
{
	struct writer w = {(u8 *)at};
	PUT(&w, 0xB8);
	put32(&w, n);
	PUT(&w, 0xC3);
}

#define CHANGED(name, statement, value)                                                                               \
	do {                                                                                                          \
		returning(TARGET, 0x01020304);                                                                        \
		int before = call(TARGET, 0) == 0x01020304;                                                           \
		statement;                                                                                            \
		check(before && call(TARGET, 0) == (value), "changed by %s", name);                                   \
	} while (0)

void by_instruction(void)
{
	volatile u8 *byte = (volatile u8 *)TARGET;
	volatile u32 *operand = (volatile u32 *)(TARGET + 1);
	returning(TABLE, 0x0A0B0C0D);
	u32 a, c, d, si, di;
	CHANGED("a byte store", byte[1] = 0xFF, 0x010203FF);
	CHANGED("a word store", *(volatile u16 *)(byte + 2) = 0xABCD, 0x01ABCD04);
	CHANGED("a dword store", *operand = 0x55667788, 0x55667788);
	CHANGED("INC", __asm__ volatile("incl %0" : "+m"(*operand)), 0x01020305);
	CHANGED("NOT", __asm__ volatile("notl %0" : "+m"(*operand)), 0xFEFDFCFB);
	CHANGED("SHL", __asm__ volatile("shll $4, %0" : "+m"(*operand)), 0x10203040);
	CHANGED("LOCK ADD", __asm__ volatile("lock addl $0x10, %0" : "+m"(*operand)), 0x01020314);
	CHANGED("XCHG", a = 0x77; __asm__ volatile("xchgl %0, %1" : "+r"(a), "+m"(*operand)), 0x77);
	CHANGED("XADD", a = 0x100; __asm__ volatile("lock xaddl %0, %1" : "+r"(a), "+m"(*operand)), 0x01020404);
	CHANGED("CMPXCHG", a = 0x01020304; c = 0x42; __asm__ volatile("lock cmpxchgl %2, %1" : "+a"(a), "+m"(*operand) : "r"(c)), 0x42);
	CHANGED("CMPXCHG8B", a = *(u32 *)TARGET; d = *(u32 *)(TARGET + 4);
		__asm__ volatile("lock cmpxchg8b (%4)" : "+a"(a), "+d"(d) : "b"((a & 0xFF) | 0x33333300), "c"((d & ~0xFFu) | 0x33), "r"(TARGET) : "memory"),
		0x33333333);
	CHANGED("BTS", __asm__ volatile("btsl $31, %0" : "+m"(*operand)), 0x81020304);
	CHANGED("BTC by a register, far outside its operand", a = 7 + 8 * 0x1000 + 8; __asm__ volatile("btcl %0, (%1)" ::"r"(a), "r"(TARGET - 0x1000) : "memory"), 0x01020384);
	CHANGED("SETZ", __asm__ volatile("xor %%eax, %%eax\n\tsetz %0" : "+m"(byte[1]) : : "eax"), 0x01020301);
	CHANGED("PUSH", __asm__ volatile("mov %%esp, %0\n\tlea 5(%1), %%esp\n\tpush $0x5A5A5A5A\n\tmov %0, %%esp" : "=&S"(a) : "D"(TARGET) : "memory"), 0x5A5A5A5A);
	CHANGED("POP", __asm__ volatile("push $0x1234\n\tpopl %0" : "=m"(*operand)), 0x1234);
	CHANGED("CALL's return address",
		__asm__ volatile("mov %%esp, %0\n\tlea 5(%1), %%esp\n\tcall 1f\n1:\tmov %0, %%esp\n\tmov $1b, %0" : "=&S"(a) : "D"(TARGET) : "memory"), a);
	CHANGED("MOVSB", si = TABLE + 1; di = TARGET + 1; __asm__ volatile("movsb" : "+S"(si), "+D"(di) : : "memory"), 0x0102030D);
	CHANGED("REP MOVSB", si = TABLE; di = TARGET; c = 6; __asm__ volatile("rep movsb" : "+S"(si), "+D"(di), "+c"(c) : : "memory"), 0x0A0B0C0D);
	CHANGED("REP MOVSD downwards", si = TABLE + 4; di = TARGET + 4; c = 2;
		__asm__ volatile("std\n\trep movsl\n\tcld" : "+S"(si), "+D"(di), "+c"(c) : : "memory"), 0x0A0B0C0D);
	CHANGED("REP STOSB", di = TARGET + 1; c = 4; __asm__ volatile("rep stosb" : "+D"(di), "+c"(c) : "a"(0x99) : "memory"), 0x99999999);
	CHANGED("REP STOSD over a whole page", di = TARGET; c = 1024; __asm__ volatile("rep stosl" : "+D"(di), "+c"(c) : "a"(0xC340C031) : "memory"), 1);
	out_byte(0x3FF, 0x6B);
	CHANGED("INSB", di = TARGET + 1; __asm__ volatile("insb" : "+D"(di) : "d"(0x3FF) : "memory"), 0x0102036B);
	CHANGED("PUSHA", __asm__ volatile("mov %%esp, %0\n\tlea 5(%1), %%esp\n\tpushal\n\tmov %0, %%esp" : "=&S"(a) : "D"(TARGET), "a"(0x1234567), "c"(0xB8000000) : "memory"), 0x1234567);

	// REP STOSB overwrites the instructions behind itself
	struct writer w = {(u8 *)TARGET};
	PUT(&w, 0x57, 0xBF);
	put32(&w, TARGET + 18);
	PUT(&w, 0xB9, 4, 0, 0, 0, 0xB8, 0x40, 0, 0, 0, 0xF3, 0xAA, 0x90, 0x90, 0x90, 0x90, 0x5F, 0xC3);
	check(call(TARGET, 0) == 0x44, "REP STOSB changes the instructions behind it");
	// REP MOVSB overwrites itself: the bytes it was fetched from go on counting
	w.at = (u8 *)TARGET + 0x100;
	PUT(&w, 0x56, 0x57, 0xBE);
	put32(&w, TARGET + 0x180);
	PUT(&w, 0xBF);
	put32(&w, TARGET + 0x100 + 17);
	PUT(&w, 0xB9, 4, 0, 0, 0, 0xF3, 0xA4, 0x90, 0x90, 0x5F, 0x5E, 0xC3);
	memcpy((void *)(TARGET + 0x180), (const u8[]){0xF3, 0xA4, 0x8B, 0xC1}, 4);
	check(call(TARGET + 0x100, 0) == 0, "REP MOVSB writes itself again and the instruction behind it");
}
