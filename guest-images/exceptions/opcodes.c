// #UD and #NM.
#include "parts.h"

static void undefined(const char *name, const u8 *bytes, u32 size)
{
	prepare(w->kernel);
	run(code_of(bytes, size));
	(bytes[0] == 0xF0 ? hwcheck : check)(FAULTS(UD, 0), "%s raises #UD", name);
}

#define UNDEFINED(name, ...)                                                                                          \
	do {                                                                                                          \
		static const u8 bytes[] = {__VA_ARGS__};                                                              \
		undefined(name, bytes, sizeof bytes);                                                                 \
	} while (0)

void opcodes(void)
{
	prepare(w->user);
	run(BYTES(0x90, 0x0F, 0x0B));
	check(fault(UD, 0, 1) && unchanged(), "UD2");
	UNDEFINED("UD1", 0x0F, 0xB9, 0xC0);
	UNDEFINED("LOCK ADD to a register", 0xF0, 0x01, 0xC3);
	UNDEFINED("LOCK ADD from memory", 0xF0, 0x03, 0x03);
	UNDEFINED("LOCK MOV", 0xF0, 0x89, 0x03);
	UNDEFINED("LOCK CMP", 0xF0, 0x39, 0x03);
	UNDEFINED("LOCK TEST", 0xF0, 0x85, 0x03);
	UNDEFINED("LOCK NOP", 0xF0, 0x90);
	UNDEFINED("LOCK BT", 0xF0, 0x0F, 0xA3, 0x03);
	UNDEFINED("LOCK PUSH", 0xF0, 0xFF, 0x33);
	UNDEFINED("LOCK SHL", 0xF0, 0xD1, 0x23);
	UNDEFINED("LOCK MOVSB", 0xF0, 0xA4);
	UNDEFINED("LEA of a register", 0x8D, 0xC0);
	UNDEFINED("MOV to CS", 0x8E, 0xC8);
	UNDEFINED("MOV to segment register 6", 0x8E, 0xF0);
	UNDEFINED("MOV from segment register 7", 0x8C, 0xF8);
	UNDEFINED("MOV from CR1", 0x0F, 0x20, 0xC8);
	UNDEFINED("MOV to CR5", 0x0F, 0x22, 0xE8);
	UNDEFINED("FE /2", 0xFE, 0xD0);
	UNDEFINED("FE /7", 0xFE, 0x38);
	UNDEFINED("FF /7", 0xFF, 0xF8);
	UNDEFINED("far CALL of a register", 0xFF, 0xD8);
	UNDEFINED("far JMP of a register", 0xFF, 0xE8);
	UNDEFINED("CMPXCHG8B of a register", 0x0F, 0xC7, 0xC8);
	UNDEFINED("BT group /0", 0x0F, 0xBA, 0x03, 1);
	UNDEFINED("LSS of a register", 0x0F, 0xB2, 0xC0);
	UNDEFINED("group 6 /6", 0x0F, 0x00, 0xF0);
	UNDEFINED("group 6 /7", 0x0F, 0x00, 0xF8);
	UNDEFINED("0F 04", 0x0F, 0x04);
	UNDEFINED("0F 0A", 0x0F, 0x0A);
	UNDEFINED("0F FF", 0x0F, 0xFF, 0xC0);
	if (w->wide) {
		static const u8 gone[] = {
			0x06, 0x07, 0x0E, 0x16, 0x17, 0x1E, 0x1F, 0x27, 0x2F, 0x37, 0x3F, 0x60, 0x61, 0x82, 0x9A, 0xCE, 0xD4, 0xD6, 0xEA,
		};
		for (u32 i = 0; i < sizeof gone; i++) {
			u8 bytes[8] = {gone[i], 0xC0};
			char name[16];
			snprintf(name, sizeof name, "%02X", gone[i]);
			undefined(name, bytes, 8);
		}
	}
	// SYSRET and SYSCALL want EFER.SCE
	if (w->wide) {
		UNDEFINED("SYSCALL without EFER.SCE", 0x0F, 0x05);
		UNDEFINED("SYSRET without EFER.SCE", 0x0F, 0x07);
	}

	u8 longest[16];
	memset(longest, 0x3E, 14);
	longest[14] = 0x90;
	prepare(w->user);
	run(code_of(longest, 15));
	check(done(), "an instruction of 15 bytes is fine");
	longest[14] = 0x3E;
	longest[15] = 0x90;
	prepare(w->user);
	run(code_of(longest, 16));
	check(FAULTS(GP, 0), "an instruction of 16 bytes raises #GP");

	if (!(cpuid(1).d & 1)) {
		report_skip("#NM", "no x87");
		return;
	}
	u32 cr0 = rd_cr0();
	wr_cr0((cr0 & ~0xEu) | 8);
	prepare(w->user);
	run(BYTES(0xDB, 0xE3));
	check(FAULTS(NM, 0), "FNINIT with CR0.TS raises #NM");
	prepare(w->user);
	run(BYTES(0x9B));
	check(done(), "WAIT with CR0.TS but without MP is fine");
	wr_cr0((cr0 & ~0xEu) | 0xA);
	prepare(w->user);
	run(BYTES(0x9B));
	check(FAULTS(NM, 0), "WAIT with CR0.TS and MP raises #NM");
	wr_cr0((cr0 & ~0xEu) | 4);
	prepare(w->user);
	run(BYTES(0xDB, 0xE3));
	check(FAULTS(NM, 0), "FNINIT with CR0.EM raises #NM");
	prepare(w->kernel);
	wr_cr0((cr0 & ~0xEu) | 8);
	run(BYTES(0x0F, 0x06));
	check(done() && !(rd_cr0() & 8), "CLTS clears CR0.TS");
	wr_cr0(cr0);
}
