// #PF: every bit of the error code, and CR2.
#include "parts.h"

enum { P = 1, W = 2, U = 4, RSVD = 8, I = 16 };

static void access(const char *what, enum mode m, u32 flags, int kind, int expected)
{
	static const u8 codes[3][2] = {{0x8B, 0x03}, {0x89, 0x03}, {0xFF, 0xE3}};
	const char *kinds[3] = {"read", "write", "fetch"};
	prepare(m);
	fill(FAULT_PAGE, 0x90, 4096);
	*(u16 *)(FAULT_PAGE + 0x123 + 4) = 0x0B0F;
	set_pte(FAULT_PAGE, FAULT_PAGE | flags);
	s.bx = FAULT_PAGE + 0x123;
	run(code_of(codes[kind], 2));
	int at_fetch = kind == 2;
	int good;
	if (expected < 0) {
		good = at_fetch ? t.vector == UD && (u32)s.ip == FAULT_PAGE + 0x127 : done();
	} else {
		good = t.vector == PF && t.error == (u32)expected && t.cr2 == FAULT_PAGE + 0x123 && unchanged() &&
		       (at_fetch ? (u32)s.ip == FAULT_PAGE + 0x123 : offset() == 0);
	}
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	check(good, "%s of a page that is %s at CPL %u %s", kinds[kind], what, (u32)start.cs & 3, expected < 0 ? "is fine" : "faults");
}

static void matrix(void)
{
	u32 cr0 = rd_cr0();
	for (u32 bits = 0; bits < 8; bits++) {
		char what[40];
		snprintf(what, sizeof what, "%s%s%s", bits & P ? "present" : "absent", bits & W ? ", writable" : "", bits & U ? ", user" : "");
		for (int kind = 0; kind < 3; kind++) {
			int write = kind == 1;
			int user_ok = (bits & P) && (bits & U) && (!write || (bits & W));
			int code = kind == 2 && w->nx ? I : 0;
			access(what, w->user, bits, kind, user_ok ? -1 : (int)((bits & P) | (write ? W : 0) | U | code));
			access(what, w->kernel, bits, kind, bits & P ? -1 : (write ? W : 0) | code);
		}
	}
	wr_cr0(cr0 | 0x10000);
	access("present under CR0.WP", w->kernel, P, 1, P | W);
	access("present, user under CR0.WP", w->kernel, P | U, 1, P | W);
	access("present, writable under CR0.WP", w->kernel, P | W, 1, -1);
	access("present under CR0.WP", w->kernel, P, 0, -1);
	wr_cr0(cr0);
}

static void large(const char *what, u64 entry, u32 expected)
{
	if (!w->nx) {
		pd32_table()[8] = entry;
	} else {
		pd64_table()[16] = entry;
	}
	flush();
	prepare(w->kernel);
	s.bx = 0x2000123;
	run(BYTES(0x8B, 0x03));
	// TCG reports reserved bits as if the page were absent
	(expected & RSVD ? hwcheck : check)(t.vector == PF && t.error == expected && t.cr2 == 0x2000123, "%s", what);
	if (!w->nx) {
		pd32_table()[8] = 0x2000083;
	} else {
		pd64_table()[16] = 0x2000083;
	}
	flush();
}

/// The highest address bit of an entry, if the processor has no physical address that long; else 0.
static u64 reserved_bit(void)
{
	u32 width = cpuid(0x80000000).a >= 0x80000008 ? cpuid(0x80000008).a & 0xFF : 36;
	return width < 52 ? 1ull << 51 : 0;
}

static void wide_entries(void)
{
	for (int kind = 0; kind < 3; kind++) {
		prepare(w->user);
		static const u8 codes[3][2] = {{0x8B, 0x03}, {0x89, 0x03}, {0xFF, 0xE3}};
		fill(FAULT_PAGE, 0x90, 16);
		*(u16 *)(FAULT_PAGE + 4) = 0x0B0F;
		set_pte(FAULT_PAGE, FAULT_PAGE | 7 | 1ull << 63);
		s.bx = FAULT_PAGE;
		run(code_of(codes[kind], 2));
		check(kind == 2 ? t.vector == PF && t.error == (P | U | I) && t.cr2 == FAULT_PAGE && (u32)s.ip == FAULT_PAGE : done(),
			"NX %s", kind == 0 ? "lets reads through" : kind == 1 ? "lets writes through" : "stops a fetch");
		if (!reserved_bit()) {
			set_pte(FAULT_PAGE, FAULT_PAGE | 7);
			report_skip("a reserved bit in the PTE", "physical addresses have 52 bits");
			continue;
		}
		prepare(w->user);
		set_pte(FAULT_PAGE, FAULT_PAGE | 7 | reserved_bit());
		s.bx = FAULT_PAGE + 8;
		run(code_of(codes[kind], 2));
		hwcheck(t.vector == PF && t.error == (u32)(P | RSVD | U | (kind == 1 ? W : 0) | (kind == 2 ? I : 0)) &&
			t.cr2 == FAULT_PAGE + 8, "a reserved bit in the PTE stops access %d", kind);
		set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	}
	set_pte(FAULT_PAGE, FAULT_PAGE | reserved_bit() | 2);
	prepare(w->user);
	s.bx = FAULT_PAGE;
	run(BYTES(0x8B, 0x03));
	check(t.vector == PF && t.error == U, "reserved bits of an absent PTE do not matter");
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	large("a reserved bit in a PDE of 2 MiB", 0x2000083 | 1 << 13, P | RSVD);
	if (reserved_bit()) {
		large("a reserved high bit in a PDE", 0x2000083 | reserved_bit(), P | RSVD);
	}
	// without EFER.NXE bit 63 is reserved
	u64 efer = rd_msr(0xC0000080);
	wr_msr(0xC0000080, efer & ~0x800ull);
	set_pte(FAULT_PAGE, FAULT_PAGE | 7 | 1ull << 63);
	flush();
	prepare(w->user);
	s.bx = FAULT_PAGE;
	run(BYTES(0x8B, 0x03));
	hwcheck(t.vector == PF && t.error == (P | RSVD | U), "NX without EFER.NXE is a reserved bit");
	prepare(w->user);
	set_pte(FAULT_PAGE, 0);
	s.bx = FAULT_PAGE;
	run(BYTES(0xFF, 0xE3));
	check(t.vector == PF && t.error == U, "a fetch without NXE has no I bit");
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	wr_msr(0xC0000080, efer);
}

static void crossing(void)
{
	static const struct { const char *name; u8 code[4]; u8 size, width; int at, write; } cases[] = {
		{"a dword read", {0x8B, 0x03}, 2, 4, -1, 0}, {"a dword read", {0x8B, 0x03}, 2, 4, -3, 0},
		{"a word read", {0x66, 0x8B, 0x03}, 3, 2, -1, 0}, {"a dword write", {0x89, 0x03}, 2, 4, -2, 1},
		{"a read-modify-write", {0x01, 0x03}, 2, 4, -2, 1}, {"XCHG", {0x87, 0x03}, 2, 4, -2, 1},
	};
	for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int second = 0; second < 2; second++) {
			prepare(w->user);
			u32 border = second ? FAULT_PAGE : FAULT_PAGE + 0x1000;
			s.bx = border + cases[i].at;
			poke32(border - 4, 0x11223344);
			if (second) {
				poke32(border, 0x55667788);
			}
			set_pte(FAULT_PAGE, 0);
			run(code_of(cases[i].code, cases[i].size));
			set_pte(FAULT_PAGE, FAULT_PAGE | 7);
			u64 address = second ? FAULT_PAGE : s.bx;
			(i >= 4 ? hwcheck : check)(FAULTS(PF, U | (cases[i].write ? W : 0)) && t.cr2 == address && (!second || peek32(border - 4) == 0x11223344),
				"%s at %d of a border, %s page absent", cases[i].name, cases[i].at, second ? "second" : "first");
		}
	}
	// an instruction that goes on into an absent page
	for (u32 at = 1; at < 5; at++) {
		prepare(w->user);
		code_at = FAULT_PAGE - at;
		run(BYTES(0xB8, 1, 2, 3, 4));
		prepare(w->user);
		s.ip = FAULT_PAGE - at;
		set_pte(FAULT_PAGE, 0);
		run(code_of(0, 0));
		int good = FAULTS(PF, U | (w->nx ? I : 0)) && t.cr2 == FAULT_PAGE;
		set_pte(FAULT_PAGE, FAULT_PAGE | 7);
		run(code_of(0, 0));
		check(good && t.vector == UD && (u32)s.ax == 0x04030201, "an instruction with %u bytes before an absent page faults and restarts", at);
	}
	// and one that ends exactly before it
	prepare(w->user);
	code_at = FAULT_PAGE - 2;
	fill(FAULT_PAGE - 2, 0x90, 2);
	set_pte(FAULT_PAGE, 0);
	s.ip = FAULT_PAGE - 2;
	run(code_of(0, 0));
	check(t.vector == PF && (u32)s.ip == FAULT_PAGE && t.cr2 == FAULT_PAGE, "code that runs into an absent page faults at its first byte");
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
	prepare(w->user);
	code_at = FAULT_PAGE - 2;
	s.ip = FAULT_PAGE - 2;
	*(u8 *)(FAULT_PAGE - 2) = 0xEB;
	*(u8 *)(FAULT_PAGE - 1) = 0x10;
	set_pte(FAULT_PAGE, 0);
	run(code_of(0, 0));
	check(t.vector == PF && (u32)s.ip == FAULT_PAGE + 0x10 && t.cr2 == FAULT_PAGE + 0x10, "a jump to an absent page faults at its target");
	set_pte(FAULT_PAGE, FAULT_PAGE | 7);
}

static void upper(void)
{
	if (!w->nx) {
		large("an absent PDE", 0, 0);
		u32 pde = pd32_table()[0];
		pd32_table()[9] = (pde & ~7u) | 3;  // supervisor, writable: the PTE says user
		pd32_table()[10] = (pde & ~7u) | 5; // user, read-only
		flush();
		prepare(w->user);
		s.bx = 9 << 22 | FAULT_PAGE;
		run(BYTES(0x8B, 0x03));
		check(FAULTS(PF, P | U), "a supervisor PDE wins over a user PTE");
		prepare(w->user);
		s.bx = 10 << 22 | FAULT_PAGE;
		run(BYTES(0x89, 0x03));
		check(FAULTS(PF, P | U | W), "a read-only PDE wins over a writable PTE");
		pd32_table()[9] = 9 << 22 | 0x83;
		pd32_table()[10] = 10 << 22 | 0x83;
		flush();
		return;
	}
	large("an absent PDE", 0, 0);
	u64 pde = pd64_table()[1], saved = pd64_table()[20];
	static const struct { const char *name; u64 clear, set; u8 code[2]; u32 error; } cases[] = {
		{"a supervisor PDE wins over a user PTE", 4, 0, {0x8B, 0x03}, P | U},
		{"a read-only PDE wins over a writable PTE", 2, 0, {0x89, 0x03}, P | U | W},
		{"NX in the PDE stops a fetch", 0, 1ull << 63, {0xFF, 0xE3}, P | U | I},
	};
	for (u32 i = 0; i < 3; i++) {
		pd64_table()[20] = (pde & ~cases[i].clear) | cases[i].set;
		flush();
		prepare(w->user);
		s.bx = 20 << 21 | (FAULT_PAGE & 0x1FFFFF);
		run(code_of(cases[i].code, 2));
		check(t.vector == PF && t.error == cases[i].error && t.cr2 == start.bx, "%s", cases[i].name);
	}
	pd64_table()[20] = saved;
	flush();
	if (w->go == go_long) {
		u64 entry = pdpt_table()[0];
		pdpt_table()[1] = 0;
		prepare(w->kernel);
		s.bx = 0x40000123;
		run(BYTES(0x8B, 0x03));
		check(FAULTS(PF, 0) && t.cr2 == 0x40000123, "an absent PDPTE");
		pdpt_table()[1] = entry & ~4ull;
		flush();
		prepare(w->user);
		s.bx = 0x40000000 | FAULT_PAGE;
		run(BYTES(0x8B, 0x03));
		check(FAULTS(PF, P | U), "a supervisor PDPTE wins");
		pdpt_table()[1] = entry | 1ull << 63;
		flush();
		prepare(w->user);
		s.bx = 0x40000000 | FAULT_PAGE;
		run(BYTES(0xFF, 0xE3));
		check(t.vector == PF && t.error == (P | U | I), "NX in the PDPTE stops a fetch");
		pdpt_table()[1] = 0;
		flush();
		if (w->wide) {
			pml4_table()[1] = pml4_table()[0] | 0x80;
			flush();
			prepare(w->kernel);
			s.bx = 1ull << 39 | FAULT_PAGE;
			run(BYTES(0x8B, 0x03));
			hwcheck(FAULTS(PF, P | RSVD) && t.cr2 == s.bx, "PS in a PML4 entry is reserved");
			pml4_table()[1] = pml4_table()[0];
			flush();
			prepare(w->user);
			s.bx = 1ull << 39 | FAULT_PAGE;
			poke32(FAULT_PAGE, 0xCAFEF00D);
			run(BYTES(0x8B, 0x03));
			check(done() && s.ax == 0xCAFEF00D, "an address above 4 GiB");
			pml4_table()[256] = pml4_table()[0];
			flush();
			prepare(w->user);
			s.bx = 0xFFFF800000000000 | FAULT_PAGE;
			run(BYTES(0x8B, 0x03));
			check(done() && s.ax == 0xCAFEF00D, "an address in the upper half");
			pml4_table()[256] = pml4_table()[1] = 0;
			flush();
			prepare(w->user);
			s.bx = 0xFFFF800000000000 | FAULT_PAGE;
			run(BYTES(0x8B, 0x03));
			check(FAULTS(PF, U) && t.cr2 == s.bx, "an absent PML4 entry, CR2 of 64 bits");
		}
	}
}

void paging(void)
{
	matrix();
	crossing();
	upper();
	if (w->nx) {
		wide_entries();
	}
}
