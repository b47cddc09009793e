// Accessed, dirty and global bits, what makes a changed entry seen, SMEP and SMAP.
#include "parts.h"

enum { PAGE = PAGES + 0x20000, OTHER = PAGES + 0x30000, ACCESSED = 0x20, DIRTY = 0x40, GLOBAL = 0x100 };

static enum mode kernel(void) { return in_long ? LONG : PM32; }
static enum mode user(void) { return in_long ? LONGU : PM32U; }
static int wide_tables(void) { return in_long || (rd_cr4() & 0x20); }

static u64 *directory(u32 linear) { return &pd64_table()[linear >> 21]; }

static u64 get_pde(u32 linear) { return wide_tables() ? *directory(linear) : pd32_table()[linear >> 22]; }

static void set_pde(u32 linear, u64 v)
{
	if (wide_tables()) {
		*directory(linear) = v;
	} else {
		pd32_table()[linear >> 22] = v;
	}
	flush();
}

static int touch(enum mode m, u32 at, int write)
{
	static const u8 codes[2][2] = {{0x8B, 0x03}, {0x89, 0x03}};
	prepare(m);
	s.bx = at;
	run(code_of(codes[write], 2));
	return done();
}

static void accessed_and_dirty(void)
{
	u64 pde = get_pde(PAGE);
	set_pde(PAGE, pde & ~(u64)ACCESSED);
	set_pte(PAGE, PAGE | 7);
	int good = touch(user(), PAGE, 0);
	check(good && (get_pte(PAGE) & (ACCESSED | DIRTY)) == ACCESSED, "a read sets A and not D");
	check(get_pde(PAGE) & ACCESSED, "and A in the directory entry");
	good = touch(user(), PAGE, 1);
	check(good && (get_pte(PAGE) & (ACCESSED | DIRTY)) == (ACCESSED | DIRTY), "a write sets D, though a read came before");
	set_pte(PAGE, PAGE | 7);
	good = touch(user(), PAGE, 1);
	check(good && (get_pte(PAGE) & (ACCESSED | DIRTY)) == (ACCESSED | DIRTY), "a write alone sets A and D");
	set_pte(PAGE, PAGE | 5);
	good = !touch(user(), PAGE, 1);
	check(good && !(get_pte(PAGE) & DIRTY), "a write that faults does not set D");
	set_pte(PAGE, PAGE | 7);
	fill(PAGE, 0x90, 16);
	set_pte(PAGE, PAGE | 7);
	prepare(user());
	*(u16 *)(PAGE + 1) = 0x0B0F;
	set_pte(PAGE, PAGE | 7);
	s.bx = PAGE;
	run(BYTES(0xFF, 0xE3));
	check(t.vector == UD && (get_pte(PAGE) & (ACCESSED | DIRTY)) == ACCESSED, "a fetch sets A");
	// a large page has its D in the directory
	u32 big = 0x2000000;
	set_pde(big, (u64)big | 0x87);
	good = touch(user(), big + 0x123450, 0) && (get_pde(big) & (ACCESSED | DIRTY)) == ACCESSED;
	good &= touch(user(), big + 0x123450, 1);
	check(good && (get_pde(big) & (ACCESSED | DIRTY)) == (ACCESSED | DIRTY), "a large page has A and D in the directory entry");
	poke32(0x2100000 + 0x1450, 0);
	set_pde(big, (u64)big | 0x83);
	if (in_long) {
		pml4_table()[0] &= ~(u64)ACCESSED;
		pdpt_table()[0] &= ~(u64)ACCESSED;
		flush();
		good = touch(user(), PAGE, 0);
		check(good && (pml4_table()[0] & ACCESSED) && (pdpt_table()[0] & ACCESSED), "the upper levels have A too");
	}
	set_pte(PAGE, PAGE | 7);
}

/// What the probe reads at PAGE now.
static u32 seen(void)
{
	prepare(user());
	s.bx = PAGE;
	run(BYTES(0x8B, 0x03));
	return done() ? s.ax : 0;
}

static void point(u32 to, u32 flags)
{
	if (wide_tables()) {
		*pte64(PAGE) = to | flags;
	} else {
		*pte32(PAGE) = to | flags;
	}
}

static void flushing(void)
{
	poke32(PAGE, 0x11111111);
	poke32(OTHER, 0x22222222);
	int good = seen() == 0x11111111;
	point(OTHER, 7);
	flush_page(PAGE);
	check(good && seen() == 0x22222222, "INVLPG makes a changed entry seen");
	point(PAGE, 7);
	flush();
	check(seen() == 0x11111111, "so does MOV to CR3");
	point(OTHER, 7);
	wr_cr0(rd_cr0() & ~0x10000u);
	wr_cr0(rd_cr0() | 0x10000u);
	wr_cr0(rd_cr0() & ~0x10000u);
	flush_page(PAGE);
	check(seen() == 0x22222222, "INVLPG after CR0.WP was toggled");
	if (cpuid(1).d >> 13 & 1) {
		wr_cr4(rd_cr4() | 0x80);
		point(PAGE, 7 | GLOBAL);
		flush_page(PAGE);
		good = seen() == 0x11111111;
		point(OTHER, 7 | GLOBAL);
		flush_page(PAGE);
		check(good && seen() == 0x22222222, "INVLPG flushes a global page");
		point(PAGE, 7 | GLOBAL);
		wr_cr4(rd_cr4() & ~0x80u);
		check(seen() == 0x11111111, "clearing CR4.PGE flushes global pages");
		point(OTHER, 7 | GLOBAL);
		wr_cr4(rd_cr4() | 0x80);
		check(seen() == 0x22222222, "setting CR4.PGE flushes them too");
		u32 cr3 = rd_cr3();
		point(PAGE, 7);
		flush_page(PAGE);
		good = seen() == 0x11111111;
		point(OTHER, 7);
		wr_cr3(cr3);
		check(good && seen() == 0x22222222, "with CR4.PGE MOV to CR3 flushes what is not global");
		wr_cr4(rd_cr4() & ~0x80u);
	}
	// permission that grows needs no flush: the fault looks again
	point(PAGE, 5);
	flush_page(PAGE);
	good = !touch(user(), PAGE, 1) && t.vector == PF;
	point(PAGE, 7);
	check(good && touch(user(), PAGE, 1), "an entry made writable works after the fault");
	point(PAGE, 0);
	flush_page(PAGE);
	good = !touch(user(), PAGE, 0);
	point(PAGE, 7);
	check(good && touch(user(), PAGE, 0), "an entry made present needs no INVLPG");
	// stores through one linear address are seen through the other
	point(OTHER, 7);
	flush_page(PAGE);
	prepare(user());
	s.bx = PAGE;
	s.cx = OTHER;
	run(BYTES(0x89, 0x03, 0x8B, 0x11));
	check(done() && (u32)s.dx == (u32)start.ax, "two linear addresses of one page agree");
	point(PAGE, 7);
	flush_page(PAGE);
}

static void supervisor_protection(void)
{
	struct cpuid c = {0, 0, 0, 0};
	if (cpuid(0).a >= 7) {
		c = cpuid(7);
	}
	if (c.b >> 7 & 1) {
		u32 i_bit = in_long || wide_tables() || 1 ? 16 : 0;
		prepare(kernel());
		*(u16 *)(PAGE) = 0x0B0F;
		s.bx = PAGE;
		set_pte(CODE, CODE | 3);
		wr_cr4(rd_cr4() | 1 << 20);
		run(BYTES(0xFF, 0xE3));
		wr_cr4(rd_cr4() & ~(1u << 20));
		set_pte(CODE, CODE | 7);
		check(t.vector == PF && t.error == (1 | i_bit) && t.cr2 == PAGE && (u32)s.ip == PAGE, "SMEP stops the supervisor from running a user page");
		prepare(user());
		s.bx = PAGE;
		wr_cr4(rd_cr4() | 1 << 20);
		run(BYTES(0xFF, 0xE3));
		wr_cr4(rd_cr4() & ~(1u << 20));
		check(t.vector == UD && (u32)s.ip == PAGE, "SMEP lets the user run it");
	} else {
		report_skip("SMEP", "CPUID does not have it");
	}
	if (c.b >> 20 & 1) {
		for (u32 ac = 0; ac < 2; ac++) {
			static const u8 codes[2][2] = {{0x8B, 0x03}, {0x89, 0x03}};
			for (u32 write = 0; write < 2; write++) {
				prepare(kernel());
				memcpy((void *)CODE, codes[write], 2);
				*(u16 *)(CODE + 2) = 0x0B0F;
				s.bx = PAGE;
				s.ip = CODE;
				s.flags |= ac ? ACF : 0;
				set_pte(CODE, CODE | 3);
				for (u32 page = STACK; page <= STACK + STACK_TOP; page += 4096) {
					set_pte(page, page | 3);
				}
				wr_cr4(rd_cr4() | 1 << 21);
				run(code_of(0, 0));
				wr_cr4(rd_cr4() & ~(1u << 21));
				set_pte(CODE, CODE | 7);
				for (u32 page = STACK; page <= STACK + STACK_TOP; page += 4096) {
					set_pte(page, page | 7);
				}
				check(ac ? t.vector == UD && offset() == 2 : fault(PF, 1 | write << 1, 0) && t.cr2 == PAGE, "SMAP and a %s with EFLAGS.AC %u",
					write ? "write" : "read", ac);
			}
		}
		prepare(kernel());
		wr_cr4(rd_cr4() | 1 << 21);
		set_pte(CODE, CODE | 3);
		*(u32 *)(CODE) = 0;
		wr_cr4(rd_cr4() & ~(1u << 21));
		run(BYTES(0x0F, 0x01, 0xCB));
		int good = done() && (s.flags & ACF);
		set_pte(CODE, CODE | 7);
		prepare(kernel());
		s.flags |= ACF;
		run(BYTES(0x0F, 0x01, 0xCA));
		check(good && done() && !(s.flags & ACF), "STAC and CLAC");
		prepare(user());
		run(BYTES(0x0F, 0x01, 0xCB));
		check(FAULTS(UD, 0), "STAC at CPL 3 is undefined");
	} else {
		report_skip("SMAP", "CPUID does not have it");
	}
}

void translation(void)
{
	accessed_and_dirty();
	flushing();
	supervisor_protection();
}
