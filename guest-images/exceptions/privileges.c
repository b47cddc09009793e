// Privileged instructions, I/O permission, and bits of control registers that may not be set.
#include "parts.h"

static void at_user(const char *name, const u8 *bytes, u32 size)
{
	prepare(w->user);
	s.cx = 0xC0000080;
	run(code_of(bytes, size));
	check(FAULTS(GP, 0), "%s at CPL 3 raises #GP", name);
}

#define PRIVILEGED(name, ...)                                                                                         \
	do {                                                                                                          \
		static const u8 bytes[] = {__VA_ARGS__};                                                              \
		at_user(name, bytes, sizeof bytes);                                                                   \
	} while (0)

static void instructions(void)
{
	PRIVILEGED("HLT", 0xF4);
	PRIVILEGED("CLI", 0xFA);
	PRIVILEGED("STI", 0xFB);
	PRIVILEGED("CLTS", 0x0F, 0x06);
	PRIVILEGED("INVD", 0x0F, 0x08);
	PRIVILEGED("WBINVD", 0x0F, 0x09);
	PRIVILEGED("LGDT", 0x0F, 0x01, 0x13);
	PRIVILEGED("LIDT", 0x0F, 0x01, 0x1B);
	PRIVILEGED("LMSW", 0x0F, 0x01, 0xF0);
	PRIVILEGED("INVLPG", 0x0F, 0x01, 0x3B);
	PRIVILEGED("LLDT", 0x0F, 0x00, 0xD0);
	PRIVILEGED("LTR", 0x0F, 0x00, 0xD8);
	PRIVILEGED("MOV from CR0", 0x0F, 0x20, 0xC0);
	PRIVILEGED("MOV to CR0", 0x0F, 0x22, 0xC0);
	PRIVILEGED("MOV from CR3", 0x0F, 0x20, 0xD8);
	PRIVILEGED("MOV to CR4", 0x0F, 0x22, 0xE0);
	PRIVILEGED("MOV from DR7", 0x0F, 0x21, 0xF8);
	PRIVILEGED("MOV to DR7", 0x0F, 0x23, 0xF8);
	PRIVILEGED("RDMSR", 0x0F, 0x32);
	PRIVILEGED("WRMSR", 0x0F, 0x30);
	prepare(w->user);
	run(BYTES(0x0F, 0x31));
	check(done(), "RDTSC at CPL 3");
	wr_cr4(rd_cr4() | 4);
	prepare(w->user);
	run(BYTES(0x0F, 0x31));
	check(FAULTS(GP, 0), "RDTSC at CPL 3 with CR4.TSD raises #GP");
	prepare(w->kernel);
	run(BYTES(0x0F, 0x31));
	check(done(), "RDTSC at CPL 0 with CR4.TSD");
	wr_cr4(rd_cr4() & ~4u);
	prepare(w->user);
	s.flags |= IOPL3;
	run(BYTES(0xFB, 0x90, 0xFA));
	check(done(), "STI and CLI at CPL 3 with IOPL 3");
	prepare(w->user);
	s.flags |= IOPL3;
	run(BYTES(0xF4));
	check(FAULTS(GP, 0), "HLT at CPL 3 with IOPL 3 raises #GP");
}

static void io(const char *name, const u8 *bytes, u32 size, u32 port, u32 width)
{
	for (u32 denied = 0; denied <= width; denied++) {
		memset(task.iomap, 0xFF, sizeof task.iomap);
		for (u32 i = 0; i < width; i++) {
			if (i + 1 != denied) {
				task.iomap[(port + i) / 8] &= ~(1 << (port + i) % 8);
			}
		}
		prepare(w->user);
		s.dx = port;
		s.ax = 0;
		s.si = DATA;
		run(code_of(bytes, size));
		check(denied ? FAULTS(GP, 0) : done(), "%s to port 0x%x with %s", name, port, denied ? "one bit set" : "its bits clear");
	}
	memset(task.iomap, 0xFF, sizeof task.iomap);
}

static void ports(void)
{
	io("OUT of a byte", (const u8[]){0xE6, 0x80}, 2, 0x80, 1);
	io("OUT of a byte by DX", (const u8[]){0xEE}, 1, 0xED, 1);
	io("OUT of a word", (const u8[]){0x66, 0xEF}, 2, 0x80, 2);
	io("OUT of a dword", (const u8[]){0xEF}, 1, 0x80, 4);
	io("OUT of a dword", (const u8[]){0xEF}, 1, 0xA7E, 4);
	io("OUT of the last word", (const u8[]){0x66, 0xEF}, 2, 0xFFFE, 2);
	io("OUTSB", (const u8[]){0x6E}, 1, 0x80, 1);
	io("IN of a byte", (const u8[]){0xEC}, 1, 0x80, 1);
	prepare(w->user);
	s.flags |= IOPL3;
	s.ax = 0;
	run(BYTES(0xE6, 0x80));
	check(done(), "IOPL 3 needs no bitmap");
	u16 *base = (u16 *)(task.tss + 102);
	memset(task.iomap, 0, sizeof task.iomap);
	*base = 0xFFFF;
	prepare(w->user);
	run(BYTES(0xE6, 0x80));
	check(FAULTS(GP, 0), "a bitmap beyond the TSS's limit allows nothing");
	*base = 104;
	prepare(w->user);
	s.dx = 0xFFFF;
	run(BYTES(0xEE));
	check(done(), "the last port of a full bitmap");
	memset(task.iomap, 0xFF, sizeof task.iomap);
	prepare(w->kernel);
	s.ax = 0;
	run(BYTES(0xE6, 0x80));
	check(done(), "CPL 0 needs no bitmap");
}

static void write(const char *name, int cr, u64 value, int tcg_checks)
{
	if (!tcg_checks && is_tcg) {
		report_skip(name, "TCG takes it");
		return;
	}
	u8 code[3] = {0x0F, 0x22, 0xC0 | cr << 3};
	u32 old[5] = {rd_cr0(), 0, 0, rd_cr3(), rd_cr4()};
	prepare(w->kernel);
	s.ax = value;
	run(code_of(code, 3));
	int good = FAULTS(GP, 0) && rd_cr0() == old[0] && rd_cr4() == old[4];
	check(good, "%s raises #GP", name);
}

static void control(void)
{
	u32 cr0 = rd_cr0(), cr4 = rd_cr4();
	write("CR0.PG without PE", 0, cr0 & ~1u, 0);
	write("CR0.NW without CD", 0, (cr0 & ~0x40000000u) | 0x20000000, 0);
	write("a reserved bit of CR4", 4, cr4 | 0x80000000u, 0);
	write("another reserved bit of CR4", 4, cr4 | 0x8000u, 0);
	if (w->go == go_long) {
		write("CR4.PAE off in long mode", 4, cr4 & ~0x20u, 0);
	}
	if (w->wide) {
		write("CR0.PG off in 64-bit code", 0, cr0 & ~0x80000000u, 0);
		write("a bit of CR0 above 31", 0, cr0 | 1ull << 32, 0);
		write("a bit of CR4 above 31", 4, cr4 | 1ull << 40, 0);
		write("a bit of CR3 beyond the physical address", 3, rd_cr3() | 1ull << 60, 0);
	}
	if (cpuid(1).d >> 5 & 1 && w->go == go_long) {
		static const struct { const char *name; u32 msr; u64 value; int tcg; } msrs[] = {
			{"EFER.LME off while paging is on", 0xC0000080, 0x800, 0}, {"a reserved bit of EFER", 0xC0000080, 0x500 | 1ull << 40, 0},
			{"a non-canonical FS base", 0xC0000100, 1ull << 47, 0}, {"a non-canonical kernel GS base", 0xC0000102, 0x8000ull << 32, 0},
			{"a non-canonical LSTAR", 0xC0000082, 1ull << 63, 0}, {"a non-canonical SYSENTER_EIP", 0x176, 1ull << 50, 0},
			{"an MSR that does not exist", 0x4321, 0, 0},
		};
		for (u32 i = 0; i < sizeof msrs / sizeof *msrs; i++) {
			if (!hardware(msrs[i].name)) {
				continue;
			}
			prepare(w->kernel);
			s.cx = msrs[i].msr;
			s.ax = (u32)msrs[i].value;
			s.dx = msrs[i].value >> 32;
			run(BYTES(0x0F, 0x30));
			check(FAULTS(GP, 0), "WRMSR of %s raises #GP", msrs[i].name);
		}
		prepare(w->kernel);
		s.cx = 0x4321;
		run(BYTES(0x0F, 0x32));
		hwcheck(FAULTS(GP, 0), "RDMSR of an MSR that does not exist raises #GP");
	}
	// LTR and LLDT
	static const struct { const char *name; u32 type, selector; int vector; u32 ltr, error; } tables[] = {
		{"LTR of null", 0, 0, GP, 1, 0}, {"LTR of data", 0x92, T0, GP, 1, T0}, {"LTR of a busy TSS", 0x8B, T0, GP, 1, T0}, {"LTR of an absent TSS", 9, T0, NP, 1, T0},
		{"LTR from the LDT", 0x89, T0 | 4, GP, 1, T0 | 4}, {"LLDT of data", 0x92, T0, GP, 0, T0}, {"LLDT of an absent LDT", 2, T0, NP, 0, T0},
		{"LLDT from the LDT", 0x82, T0 | 4, GP, 0, T0 | 4}, {"LTR beyond the GDT", 0x89, 0xFF0, GP, 1, 0xFF0},
	};
	for (u32 i = 0; i < sizeof tables / sizeof *tables; i++) {
		if (!tables[i].selector && !hardware(tables[i].name)) {
			continue;
		}
		u8 code[3] = {0x0F, 0x00, tables[i].ltr ? 0xD8 : 0xD0};
		set_gdt(T0, descriptor((u32)&task, 103, tables[i].type, 0));
		set_gdt(T0 + 8, 0);
		prepare(w->kernel);
		s.ax = tables[i].selector;
		run(code_of(code, 3));
		check(FAULTS(tables[i].vector, tables[i].error), "%s", tables[i].name);
	}
	prepare(w->kernel);
	s.ax = 0;
	run(BYTES(0x0F, 0x00, 0xD0));
	check(done(), "LLDT of null");
}

void privileges(void)
{
	instructions();
	ports();
	control();
}
