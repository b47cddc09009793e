#include "parts.h"

enum { EDGE = 0x400, MOVS = 0xA4, CMPS = 0xA6, STOS = 0xAA, LODS = 0xAC, SCAS = 0xAE };

static u8 shadow[0x10000];

struct form {
	u32 op, size, down, prefix, address;  // prefix 0, F2 or F3; address: bits of address size
	u32 base, mask;                       // of DATA's segment
};

static u64 load(const struct form *f, u64 at)
{
	u64 v = 0;
	memcpy(&v, shadow + (f->base + ((u32)at & f->mask) - DATA), f->size);
	return v;
}

static void store(const struct form *f, u64 at, u64 v) { memcpy(shadow + (f->base + ((u32)at & f->mask) - DATA), &v, f->size); }

static u32 subtract_flags(u64 a, u64 b, u32 size)
{
	u64 top = 1ull << (size * 8 - 1), mask = top | (top - 1), r = (a - b) & mask;
	u32 low = r & 0xFF, fl = a < b ? CF : 0;
	low ^= low >> 4;
	low ^= low >> 2;
	low ^= low >> 1;
	fl |= low & 1 ? 0 : PFLAG;
	fl |= r ? 0 : ZF;
	fl |= r & top ? SF : 0;
	fl |= (a ^ b ^ r) & 0x10 ? AF : 0;
	return fl | ((a ^ b) & (a ^ r) & top ? OFLAG : 0);
}

/// `v` stored in a register by an instruction of this address size.
static u64 merge(const struct form *f, u64 old, u64 v)
{
	return f->address == 16 ? (old & ~0xFFFFull) | (v & 0xFFFF) : f->address == 32 ? v & 0xFFFFFFFF : v;
}

static void model(const struct form *f, struct state *r)
{
	u64 amask = f->address == 16 ? 0xFFFF : f->address == 32 ? 0xFFFFFFFF : ~0ull;
	u64 mask = f->size == 8 ? ~0ull : (1ull << f->size * 8) - 1;
	s32 step = f->down ? -(s32)f->size : (s32)f->size;
	for (;;) {
		if (f->prefix && !(r->cx & amask)) {
			return;
		}
		int source = f->op != STOS && f->op != SCAS, target = f->op != LODS;
		u64 a = source ? load(f, r->si) : r->ax & mask;
		switch (f->op) {
		case MOVS: case STOS: store(f, r->di, a); break;
		case LODS: r->ax = f->size == 4 ? a : (r->ax & ~mask) | a; break;
		default: r->flags = (r->flags & ~(u64)ARITH) | subtract_flags(a, load(f, r->di), f->size); break;
		}
		if (source) {
			r->si = merge(f, r->si, r->si + step);
		}
		if (target) {
			r->di = merge(f, r->di, r->di + step);
		}
		if (!f->prefix) {
			return;
		}
		r->cx = merge(f, r->cx, r->cx - 1);
		if ((f->op == CMPS || f->op == SCAS) && ((r->flags & ZF) != 0) != (f->prefix == 0xF3)) {
			return;
		}
	}
}

/// Fills both ends of the segment: runs of equal elements, so that REPE and REPNE stop somewhere.
static void pattern(u32 seed)
{
	for (u32 i = 0; i < 2 * EDGE; i += 4) {
		u32 at = i < EDGE ? i : 0x10000 - 2 * EDGE + i;
		u32 v = (i / 16 & 3) == 0 ? 0x41414141 : (i / 16 & 3) == 3 ? 0x41414142 : (i + seed) * 0x9E3779B1u;
		poke32(DATA + at, v);
		*(u32 *)(shadow + at) = v;
	}
}

static int same_memory(void)
{
	return memcmp((void *)DATA, shadow, EDGE) == 0 && memcmp((void *)(DATA + 0x10000 - EDGE), shadow + 0x10000 - EDGE, EDGE) == 0;
}

/// One form at many places and counts; the name of the first that is wrong.
static void one(enum mode m, struct form f, const char *name)
{
	static const struct { u32 si, di; } places[] = {
		{0x100, 0x200}, {0x100, 0x104}, {0x104, 0x100}, {0x108, 0x108}, {0xFFF8, 0x200}, {0x100, 0xFFF8}, {0x8, 0x18}, {0x110, 0x10C},
	};
	static const u32 counts[] = {0, 1, 2, 7, 16};
	u8 code[6];
	u32 n = 0;
	u32 normal = is_small(m) ? 16 : m == LONG ? 64 : 32;
	if (f.address != normal) {
		code[n++] = 0x67;
	}
	if (f.size == 2 ? !is_small(m) : f.size == 4 && is_small(m)) {
		code[n++] = 0x66;
	}
	if (f.prefix) {
		code[n++] = f.prefix;
	}
	if (f.size == 8) {
		code[n++] = 0x48;
	}
	code[n++] = f.op + (f.size > 1);
	for (u32 i = 0; i < sizeof places / sizeof *places; i++) {
		// only 16-bit addresses wrap, and none of them may cross the end
		int edge = places[i].si > 0xF000 || places[i].di > 0xF000 || places[i].si == 8;
		if (edge && f.address != 16) {
			continue;
		}
		for (u32 c = 0; c < (f.prefix ? 5u : 1u); c++) {
			prepare(m);
			pattern(i * 7 + c);
			u64 upper = f.address == 16 ? 0x5A5A0000 : 0;
			u32 base = is_small(m) ? 0 : DATA;
			s.si = upper | (base + places[i].si);
			s.di = upper | (base + places[i].di);
			if (f.address == 16) {
				s.si = upper | places[i].si;
				s.di = upper | places[i].di;
			}
			s.cx = upper | counts[c];
			s.ax = (c & 1) ? 0x4141414141414141 : 0x4141414241414142;
			if (m != LONG) {
				s.ax &= 0xFFFFFFFF;
			}
			s.flags |= (f.down ? DIRF : 0) | CF | SF;
			// 16-bit addresses in flat segments need a segment of their own
			if (f.address == 16 && !is_small(m)) {
				set_gdt(T0, descriptor(DATA, 0xFFFF, 0xF3, 0));
				s.ds = s.es = T0 | 3;
			}
			if (edge && places[i].si == 8 && !f.down) {
				continue;
			}
			struct state expected = s;
			model(&f, &expected);
			run(code_of(code, n));
			REQUIRE(done() && s.ax == expected.ax && s.cx == expected.cx && s.si == expected.si && s.di == expected.di &&
				((s.flags ^ expected.flags) & (ARITH | DIRF)) == 0 && same_memory(),
				"%s of %u bytes from %x to %x, count %u, %u-bit addresses", name, f.size, places[i].si, places[i].di, counts[c], f.address);
		}
	}
	check(1, "%s of %u bytes, %u-bit addresses, %s", name, f.size, f.address, f.down ? "down" : "up");
}

static void overrides(enum mode m)
{
	if (m == LONG || m == COMPAT32 || m == PM32U) {
		return;
	}
	static const struct { const char *name; u8 prefix; } segments[] = {{"ES", 0x26}, {"CS", 0x2E}, {"SS", 0x36}, {"DS", 0x3E}, {"FS", 0x64}, {"GS", 0x65}};
	u32 flat = !is_small(m);
	for (u32 i = 0; i < 6; i++) {
		prepare(m);
		// DS and the others differ: the one named decides
		u32 second = m == REAL || m == V86 ? DATA2 >> 4 : T0;
		set_gdt(T0, descriptor(DATA2, 0xFFFF, 0x93, flat ? 4 : 0));
		u32 *registers[6] = {&s.es, 0, 0, &s.ds, &s.fs, &s.gs};
		u32 at = 0x340, linear = DATA2 + at;
		if (registers[i]) {
			*registers[i] = second;
		} else {
			linear = (i == 1 ? CODE : STACK) + at;
			if (flat) {
				at = linear;
			}
		}
		poke32(linear, 0x5E6000 + i);
		s.si = at;
		u8 code[3] = {segments[i].prefix, flat ? 0xAD : 0x66, 0xAD};
		run(code_of(code, flat ? 2 : 3));
		int good = done() && s.ax == 0x5E6000 + i;
		// the target stays in ES
		if (i) {
			prepare(m);
			u32 *again[6] = {0, 0, 0, &s.ds, &s.fs, &s.gs};
			if (again[i]) {
				*again[i] = second;
			}
			s.si = at;
			u8 move[3] = {segments[i].prefix, flat ? 0xA5 : 0x66, 0xA5};
			run(code_of(move, flat ? 2 : 3));
			good &= done() && peek32(DATA + 0x200) == 0x5E6000 + i;
		}
		check(good, "%s override", segments[i].name);
	}
	set_gdt(T0, 0);
}

void against_model(enum mode m)
{
	static const struct { const char *name; u32 op, prefix; } forms[] = {
		{"MOVS", MOVS, 0}, {"REP MOVS", MOVS, 0xF3}, {"STOS", STOS, 0}, {"REP STOS", STOS, 0xF3}, {"LODS", LODS, 0}, {"REP LODS", LODS, 0xF3},
		{"CMPS", CMPS, 0}, {"REPE CMPS", CMPS, 0xF3}, {"REPNE CMPS", CMPS, 0xF2}, {"SCAS", SCAS, 0}, {"REPE SCAS", SCAS, 0xF3},
		{"REPNE SCAS", SCAS, 0xF2},
	};
	where = mode_names[m];
	for (u32 i = 0; i < sizeof forms / sizeof *forms; i++) {
		for (u32 size = 1; size <= (m == LONG ? 8u : 4u); size *= 2) {
			for (u32 down = 0; down < 2; down++) {
				for (u32 address = 0; address < 2; address++) {
					struct form f = {forms[i].op, size, down, forms[i].prefix, 0, is_small(m) ? DATA : 0, 0xFFFFFFFF};
					u32 sizes[2] = {is_small(m) ? 16 : m == LONG ? 64 : 32, is_small(m) || m == LONG ? 32 : 16};
					f.address = sizes[address];
					if (f.address == 16) {
						f.base = DATA;
						f.mask = 0xFFFF;
					}
					one(m, f, forms[i].name);
				}
			}
		}
	}
	overrides(m);
}
