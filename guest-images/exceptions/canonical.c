// Addresses whose upper 17 bits differ.
#include "parts.h"

#define HOLE 0x0000800000000000ull

void canonical(void)
{
	prepare(w->user);
	s.bx = HOLE;
	run(BYTES(0x8B, 0x03));
	check(FAULTS(GP, 0), "a read from the hole raises #GP");
	prepare(w->user);
	s.bx = 0xFFFF7FFFFFFFFFFF;
	run(BYTES(0x89, 0x03));
	check(FAULTS(GP, 0), "a write to the end of the hole raises #GP");
	prepare(w->user);
	s.bx = HOLE - 2;
	run(BYTES(0x8B, 0x03));
	hwcheck(fault(GP, 0, 0) && unchanged(), "a read that reaches the hole raises #GP");
	prepare(w->user);
	s.bp = HOLE;
	run(BYTES(0x8B, 0x45, 0x00));
	hwcheck(FAULTS(SS, 0), "a read by RBP from the hole raises #SS");
	prepare(w->user);
	s.bp = HOLE;
	run(BYTES(0x3E, 0x8B, 0x45, 0x00));
	hwcheck(FAULTS(SS, 0), "a DS prefix does not change that");
	prepare(w->user);
	s.sp = HOLE + 0x100;
	run(BYTES(0x50));
	hwcheck(FAULTS(SS, 0), "PUSH in the hole raises #SS");
	prepare(w->user);
	s.sp = HOLE;
	run(BYTES(0x58));
	hwcheck(FAULTS(SS, 0), "POP from the hole raises #SS");
	prepare(w->user);
	s.sp = HOLE;
	run(BYTES(0xE8, 0, 0, 0, 0));
	hwcheck(FAULTS(SS, 0) || t.vector == PF, "CALL to a stack at the hole's start");
	prepare(w->user);
	s.bx = HOLE;
	run(BYTES(0xFF, 0xE3));
	hwcheck(FAULTS(GP, 0), "JMP into the hole faults at the jump");
	prepare(w->user);
	s.bx = HOLE;
	run(BYTES(0xFF, 0xD3));
	hwcheck(FAULTS(GP, 0), "CALL into the hole faults at the call");
	prepare(w->user);
	*(u64 *)(u32)s.sp = HOLE;
	run(BYTES(0xC3));
	hwcheck(FAULTS(GP, 0), "RET into the hole faults at the return");
	prepare(w->kernel);
	u64 *frame = (u64 *)(u32)s.sp;
	frame[0] = HOLE;
	frame[1] = UC64;
	frame[2] = 2;
	frame[3] = s.sp;
	frame[4] = UD32;
	run(BYTES(0x48, 0xCF));
	hwcheck(t.vector == GP && t.error == 0, "IRETQ into the hole raises #GP");
	prepare(w->user);
	s.di = HOLE - 4;
	s.cx = 4;
	s.flags |= 0;
	run(BYTES(0xF3, 0xAB));
	check(t.vector == PF && t.cr2 == HOLE - 4 && s.cx == 4, "REP STOSD below the hole");
	prepare(w->user);
	s.bx = ~0ull;
	run(BYTES(0x8A, 0x43, 0x01));
	check(FAULTS(PF, 4) && t.cr2 == 0 ? 1 : t.vector == PF && t.error == 5 && t.cr2 == 0, "an address that wraps to 0 is canonical");
	prepare(w->kernel);
	s.bx = HOLE;
	run(BYTES(0x0F, 0x01, 0x3B));
	check(done(), "INVLPG of a non-canonical address does nothing");
}
