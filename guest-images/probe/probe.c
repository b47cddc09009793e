#include "probe.h"

struct state s, start;
struct trap t;
enum mode mode;
u32 code_at = CODE;
int is_tcg, in_long;
const char *where = "";

u64 descriptors[GDT_ENTRIES] __attribute__((aligned(16)));
u64 gates[2 * 256] __attribute__((aligned(16)));
__typeof__(task) task __attribute__((aligned(4096)));
u8 df_task[104] __attribute__((aligned(128)));

static u32 pd32[1024] __attribute__((aligned(4096))), pt32[1024] __attribute__((aligned(4096)));
static u64 pml4[512] __attribute__((aligned(4096))), pdpt[512] __attribute__((aligned(4096)));
static u64 pd64[512] __attribute__((aligned(4096))), pt64[2][512] __attribute__((aligned(4096)));
static u64 pdpt_pae[4] __attribute__((aligned(32)));
static u8 trap_stack[8192] __attribute__((aligned(16))), ist_stack[8192] __attribute__((aligned(16)));
static u8 df_stack[4096] __attribute__((aligned(16)));

struct __attribute__((packed)) pointer { u16 limit; u32 base; };
extern struct pointer probe_real_idt, probe_idtr;
extern u32 probe_frame[80], probe_enter_kind, probe_running;
extern u8 probe_stubs32[], probe_stubs64[], tramp_start[], tramp_end[], tramp_state[], tramp_stubs[], tramp_gdtr[];
extern void probe_enter_legacy(void), probe_enter_long(void), probe_enter_real(void), probe_leave(void);

// Whether control code is protected by paging, and how.
static enum { UNPAGED, PAGED, PAE, FOUR_LEVEL } tables;

u64 descriptor(u32 base, u32 limit, u32 access, u32 flags)
{
	return (u64)(limit & 0xFFFF) | (u64)(base & 0xFFFFFF) << 16 | (u64)access << 40 | (u64)(limit >> 16 & 15) << 48 |
	       (u64)flags << 52 | (u64)(base >> 24) << 56;
}

void set_gdt(u32 selector, u64 value) { descriptors[selector >> 3] = value; }

u64 stub(int vector) { return (u32)(in_long ? probe_stubs64 : probe_stubs32) + 16u * vector; }

u32 supervisor_stack(void) { return (u32)trap_stack + sizeof trap_stack - 16; }

void gate(int vector, u32 selector, u64 offset, u32 type_dpl, int ist)
{
	u64 low = (offset & 0xFFFF) | selector << 16 | (u64)ist << 32 | (u64)(type_dpl | 0x80) << 40 |
	          (offset >> 16 & 0xFFFF) << 48;
	if (in_long) {
		gates[2 * vector] = low;
		gates[2 * vector + 1] = offset >> 32;
	} else {
		gates[vector] = low;
	}
}

void idt_reset(void)
{
	memset(gates, 0, sizeof gates);
	for (int v = 0; v < 64; v++) {
		gate(v, in_long ? KC64 : KC32, stub(v), v == BP || v == OF || v >= 0x20 ? 0x6E : 0x0E, in_long ? 1 : 0);
	}
	if (!in_long) {
		gate(DF, DFTSS, 0, 0x05, 0);
	}
}

__asm__(".pushsection .text\ndf_entry: call df_arrived\n.popsection");
extern u8 df_entry[];

// #DF arrives as a task: the interrupted registers are in the old TSS, and its error code on the new stack.
static void __attribute__((noreturn, used)) df_arrived(u32 error)
{
	const u32 *old = (const u32 *)task.tss;
	probe_frame[0] = old[23]; probe_frame[1] = old[22]; probe_frame[2] = old[21]; probe_frame[3] = old[18];
	probe_frame[4] = old[17]; probe_frame[5] = old[16]; probe_frame[6] = old[15]; probe_frame[8] = old[13];
	probe_frame[9] = old[12]; probe_frame[10] = old[11]; probe_frame[11] = old[10];
	probe_frame[12] = DF; probe_frame[13] = error; probe_frame[14] = old[8]; probe_frame[15] = old[19] | 4 << 16;
	probe_frame[16] = old[9]; probe_frame[17] = old[14]; probe_frame[18] = old[20];
	// Leave the task as if it had never been there: NT and TS off, the normal one busy.
	__asm__ volatile("pushl $2\n\tpopfl\n\tclts");
	set_gdt(DFTSS, descriptor((u32)df_task, 103, 0x89, 0));
	set_gdt(TSS, descriptor((u32)&task, TSS_LIMIT, 0x89, 0));
	__asm__ volatile("ltr %%ax" ::"a"(TSS));
	((u32 *)df_task)[8] = (u32)df_entry;
	__asm__ volatile("jmp probe_leave");
	__builtin_unreachable();
}


static void tss_reset(void)
{
	memset(&task, 0, sizeof task);
	memset(task.iomap, 0xFF, sizeof task.iomap);
	*(u16 *)(task.tss + 102) = 104;
	if (in_long) {
		*(u32 *)(task.tss + 4) = supervisor_stack();
		*(u32 *)(task.tss + 36) = (u32)ist_stack + sizeof ist_stack;
	} else {
		u32 *tss = (u32 *)task.tss;
		tss[1] = supervisor_stack();
		tss[2] = KD;
		tss[7] = rd_cr3();
		u32 *df = (u32 *)df_task;
		memset(df_task, 0, sizeof df_task);
		df[7] = rd_cr3();
		df[8] = (u32)df_entry;
		df[9] = 2;
		df[14] = (u32)df_stack + sizeof df_stack;
		df[18] = df[20] = df[21] = df[22] = df[23] = KD;
		df[19] = KC32;
		df[25] = 104 << 16;
		set_gdt(DFTSS, descriptor((u32)df_task, 103, 0x89, 0));
	}
	set_gdt(TSS, descriptor((u32)&task, TSS_LIMIT, 0x89, 0));
	set_gdt(TSS + 8, 0);
	__asm__ volatile("ltr %%ax" ::"a"(TSS));
}

static void world(void)
{
	in_long = tables == FOUR_LEVEL;
	idt_reset();
	probe_idtr.limit = in_long ? 64 * 16 - 1 : 64 * 8 - 1;
	probe_idtr.base = (u32)gates;
	__asm__ volatile("lidt %0" ::"m"(probe_idtr));
	tss_reset();
}

void go_unpaged(void)
{
	wr_cr0((rd_cr0() & 0x7FFFFFFF) & ~0x10000);
	if (cpuid(0x80000000).a >= 0x80000001 && cpuid(0x80000001).d >> 29 & 1) {
		wr_msr(0xC0000080, 0);
	}
	wr_cr4(0);
	wr_cr3(0);
	tables = UNPAGED;
	world();
}

static u64 user_bit(u32 linear)
{
	return (linear >= CODE && linear < ARENA_END) || (linear >= PAGES && linear < PAGES_END) ? 4 : 0;
}

static void build_pt64(void)
{
	for (u32 i = 0; i < 1024; i++) {
		pt64[i / 512][i % 512] = (i << 12) | 3 | user_bit(i << 12);
	}
	pd64[0] = (u32)pt64[0] | 7;
	pd64[1] = (u32)pt64[1] | 7;
	for (u32 i = 2; i < 512; i++) {
		pd64[i] = (u64)i << 21 | 0x83;
	}
}

void go_paged(void)
{
	go_unpaged();
	for (u32 i = 0; i < 1024; i++) {
		pt32[i] = i << 12 | 3 | user_bit(i << 12);
		pd32[i] = i < 256 ? i << 22 | 0x83 : 0;
	}
	pd32[0] = (u32)pt32 | 7;
	wr_cr4(0x10);
	wr_cr3((u32)pd32);
	wr_cr0(rd_cr0() | 0x80000000);
	tables = PAGED;
	world();
}

void go_pae(void)
{
	go_unpaged();
	build_pt64();
	memset(pdpt_pae, 0, sizeof pdpt_pae);
	pdpt_pae[0] = (u32)pd64 | 1;
	wr_cr4(0x20);
	if (cpuid(0x80000000).a >= 0x80000001 && cpuid(0x80000001).d >> 20 & 1) {
		wr_msr(0xC0000080, 0x800);
	}
	wr_cr3((u32)pdpt_pae);
	wr_cr0(rd_cr0() | 0x80000000);
	tables = PAE;
	world();
}

void go_long(void)
{
	go_unpaged();
	build_pt64();
	memset(pml4, 0, sizeof pml4);
	memset(pdpt, 0, sizeof pdpt);
	pml4[0] = (u32)pdpt | 7;
	pdpt[0] = (u32)pd64 | 7;
	wr_cr4(0x20);
	wr_msr(0xC0000080, 0x100 | (cpuid(0x80000001).d >> 20 & 1) << 11);
	wr_cr3((u32)pml4);
	wr_cr0(rd_cr0() | 0x80000000);
	tables = FOUR_LEVEL;
	world();
}

void flush(void) { wr_cr3(rd_cr3()); }

u64 *pml4_table(void) { return pml4; }
u64 *pdpt_table(void) { return tables == PAE ? pdpt_pae : pdpt; }
u64 *pd64_table(void) { return pd64; }
u32 *pd32_table(void) { return pd32; }
u64 *pte64(u32 linear) { return &pt64[linear >> 21][linear >> 12 & 511]; }
u32 *pte32(u32 linear) { return &pt32[linear >> 12]; }

void set_pte(u32 linear, u64 value)
{
	if (tables == PAGED) {
		*pte32(linear) = value;
	} else {
		*pte64(linear) = value;
	}
	flush_page(linear);
}

u64 get_pte(u32 linear) { return tables == PAGED ? *pte32(linear) : *pte64(linear); }

void probe_panic(void);
void probe_panic(void)
{
	const u32 *f = probe_frame;
	if (in_long) {
		report_fail("probe", "exception in the control code: vector %u error 0x%x ip 0x%x cr2 0x%x", f[32], f[34], f[36], rd_cr2());
	} else {
		report_fail("probe", "exception in the control code: vector %u error 0x%x ip 0x%x cr2 0x%x", f[12], f[13], f[14], rd_cr2());
	}
	exit_with(1);
}

void probe_init(void)
{
	out_byte(0x21, 0xFF);
	out_byte(0xA1, 0xFF);
	struct cpuid c = cpuid(1);
	if (c.c >> 31) {
		c = cpuid(0x40000000);
		is_tcg = c.b == 0x54474354 && c.c == 0x43544743 && c.d == 0x47435447;
	}
	set_gdt(KC32, descriptor(0, 0xFFFFF, 0x9B, 12));
	set_gdt(KD, descriptor(0, 0xFFFFF, 0x93, 12));
	set_gdt(KC64, descriptor(0, 0xFFFFF, 0x9B, 10));
	set_gdt(RC16, descriptor(TRAMPOLINE, 0xFFFF, 0x9B, 0));
	set_gdt(RD16, descriptor(0, 0xFFFF, 0x93, 0));
	for (u32 ring = 0; ring < 2; ring++) {
		u32 o = ring * 0x30, dpl = ring * 0x60;
		set_gdt(C32 + o, descriptor(0, 0xFFFFF, 0x9B | dpl, 12));
		set_gdt(D32 + o, descriptor(0, 0xFFFFF, 0x93 | dpl, 12));
		set_gdt(C64 + o, descriptor(0, 0xFFFFF, 0x9B | dpl, 10));
		set_gdt(C16 + o, descriptor(CODE, 0xFFFF, 0x9B | dpl, 0));
		set_gdt(D16 + o, descriptor(DATA, 0xFFFF, 0x93 | dpl, 0));
		set_gdt(S16 + o, descriptor(STACK, 0xFFFF, 0x93 | dpl, 0));
	}
	static struct pointer gdtr;
	gdtr.limit = sizeof descriptors - 1;
	gdtr.base = (u32)descriptors;
	__asm__ volatile("lgdt %0\n\tljmp %1, $1f\n1:\tmov %2, %%ds\n\tmov %2, %%es\n\tmov %2, %%fs\n\tmov %2, %%gs\n\tmov %2, %%ss"
	                 ::"m"(gdtr), "i"(KC32), "r"(KD) : "memory");
	__asm__ volatile("lldt %%ax" ::"a"(0));
	u8 *low = (u8 *)TRAMPOLINE;
	__asm__("" : "+r"(low));
	memcpy(low, tramp_start, tramp_end - tramp_start);
	*(struct pointer *)(low + (tramp_gdtr - tramp_start)) = gdtr;
	u32 *ivt = 0;
	__asm__("" : "+r"(ivt));
	for (u32 v = 0; v < 64; v++) {
		ivt[v] = (TRAMPOLINE >> 4) << 16 | (tramp_stubs - tramp_start + 8 * v);
	}
	go_unpaged();
}

const char *const mode_names[] = {
	"real mode", "virtual-8086", "16-bit", "32-bit", "16-bit ring 3", "32-bit ring 3", "64-bit", "64-bit ring 3",
	"compatibility 16", "compatibility 32", "compatibility 16 ring 3", "compatibility 32 ring 3",
};

int is_small(enum mode m)
{
	return m == REAL || m == V86 || m == PM16 || m == PM16U || m == COMPAT16 || m == COMPAT16U;
}

u64 data_base(void) { return is_small(mode) ? 0 : DATA; }

void prepare(enum mode m)
{
	mode = m;
	code_at = CODE;
	memset(&s, 0, sizeof s);
	u64 *r = &s.ax;
	for (u32 i = 0; i < 16; i++) {
		r[i] = (u64)(0x01010101u * (0xA0 + i)) << 32 | 0x10203040u * (i + 1);
		if (m != LONG && m != LONGU) {
			r[i] &= 0xFFFFFFFF;
		}
	}
	s.si = data_base() + 0x100;
	s.di = data_base() + 0x200;
	s.bx = data_base() + 0x300;
	s.bp = (is_small(m) ? 0 : STACK) + STACK_TOP - 0x100;
	s.sp = (is_small(m) ? 0 : STACK) + STACK_TOP;
	s.flags = 2;
	u32 cs = 0, ds = 0, ss = 0;
	switch (m) {
	case REAL: case V86: cs = CODE >> 4; ds = DATA >> 4; ss = STACK >> 4; break;
	case PM16: case COMPAT16: cs = C16; ds = D16; ss = S16; break;
	case PM32: case COMPAT32: cs = C32; ds = ss = D32; break;
	case LONG: cs = C64; ds = ss = D32; break;
	case PM16U: case COMPAT16U: cs = UC16; ds = UD16; ss = US16; break;
	case PM32U: case COMPAT32U: cs = UC32; ds = ss = UD32; break;
	case LONGU: cs = UC64; ds = ss = UD32; break;
	}
	s.cs = cs;
	s.ss = ss;
	s.ds = s.es = s.fs = s.gs = ds;
	if (m == V86) {
		s.flags |= VM;
	}
	s.ip = ~0ull;
}

static void leave_real(void)
{
	struct state *low = (struct state *)(TRAMPOLINE + (tramp_state - tramp_start));
	__asm__("" : "+r"(low));
	s = *low;
	t.vector = s.fsbase & 0xFFFF;
	s.fsbase = 0;
	s.flags &= 0xFFFF;
}

static void leave_legacy(void)
{
	const u32 *f = probe_frame;
	s.gs = (u16)f[0]; s.fs = (u16)f[1]; s.ds = (u16)f[2]; s.es = (u16)f[3];
	s.di = f[4]; s.si = f[5]; s.bp = f[6]; s.bx = f[8]; s.dx = f[9]; s.cx = f[10]; s.ax = f[11];
	t.vector = f[12];
	t.error = f[13];
	s.ip = f[14];
	s.cs = (u16)f[15];
	s.flags = f[16];
	t.frame_sp = f[24];
	t.handler_ss = (u16)f[25];
	if (f[16] & VM) {
		s.sp = f[17]; s.ss = (u16)f[18]; s.es = (u16)f[19]; s.ds = (u16)f[20]; s.fs = (u16)f[21]; s.gs = (u16)f[22];
	} else if ((f[15] & 3) || f[15] >> 16 == 4) {
		s.sp = f[17]; s.ss = (u16)f[18];
	} else {
		// what PUSHAL stored was below vector, error, IP, CS and FLAGS
		s.ss = (u16)f[25];
		s.sp = f[7] + 5 * 4;
		if (!(descriptors[s.ss >> 3] >> 54 & 1)) {
			s.sp = (f[7] & 0xFFFF0000) | (u16)s.sp;
		}
	}
}

static void leave_long(void)
{
	const u64 *f = (const u64 *)probe_frame;
	u64 *r = &s.ax;
	for (u32 i = 0; i < 16; i++) {
		r[i] = f[i];
	}
	t.vector = f[16];
	t.error = f[17];
	s.ip = f[18]; s.cs = (u16)f[19]; s.flags = f[20]; s.sp = f[21]; s.ss = (u16)f[22];
	t.frame_sp = f[23];
	s.ds = (u16)f[24]; s.es = (u16)f[25]; s.fs = (u16)f[26]; s.gs = (u16)f[27];
	t.handler_ss = (u16)f[28];
}

static u32 done_offset;

struct code code_of(const u8 *bytes, u32 size) { return (struct code){bytes, bytes + size}; }

void run(struct code c)
{
	u8 *at = (u8 *)code_at;
	u32 size = c.end - c.start;
	if (size) {
		memcpy(at, c.start, size);
		at[size] = 0x0F;
		at[size + 1] = 0x0B;
		done_offset = size;
	}
	if (s.ip == ~0ull) {
		s.ip = is_small(mode) ? code_at - CODE : code_at;
	}
	memset(&t, 0, sizeof t);
	start = s;
	wr_dr6(0xFFFF0FF0);
	if (mode == REAL) {
		memcpy((u8 *)TRAMPOLINE + (tramp_state - tramp_start), &s, sizeof s);
		probe_enter_real();
		leave_real();
	} else if (in_long) {
		probe_enter_long();
		leave_long();
	} else {
		probe_enter_kind = s.flags & VM ? 2 : s.cs & 3 ? 1 : 0;
		probe_enter_legacy();
		leave_legacy();
	}
	t.cr2 = in_long ? ((const u64 *)probe_frame)[30] : rd_cr2();
	t.dr6 = rd_dr6();
	t.dr7 = rd_dr7();
	wr_dr7(0x400);  // or the checks would hit the breakpoints
}

u32 offset(void) { return s.ip - start.ip; }

int done(void) { return t.vector == UD && offset() == done_offset; }

int fault(int vector, u32 error, u32 at)
{
	return t.vector == (u32)vector && (mode == REAL || t.error == error) && offset() == at;
}

int unchanged(void)
{
	const u64 *a = &s.ax, *b = &start.ax;
	u32 n = mode == LONG || mode == LONGU ? 16 : 8;
	u64 mask = n == 16 ? ~0ull : 0xFFFFFFFF;
	for (u32 i = 0; i < n; i++) {
		if ((a[i] ^ b[i]) & mask) {
			return 0;
		}
	}
	return s.cs == start.cs && s.ss == start.ss && s.ds == start.ds && s.es == start.es && s.fs == start.fs && s.gs == start.gs;
}

void poke32(u32 linear, u32 v) { *(volatile u32 *)linear = v; }
u32 peek32(u32 linear) { return *(volatile u32 *)linear; }
void fill(u32 linear, int byte, u32 count) { memset((void *)linear, byte, count); }

void check(int ok, const char *format, ...)
{
	char name[160];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(name, sizeof name, format, arguments);
	va_end(arguments);
	char full[200];
	snprintf(full, sizeof full, "%s%s%s", where, *where ? ": " : "", name);
	if (ok) {
		report_check(full, true, "", "", 0);
		return;
	}
	report_fail(full, "vector %u error 0x%x at +0x%x cr2 0x%llx dr6 0x%x flags 0x%llx", t.vector, t.error, offset(), t.cr2, t.dr6, s.flags);
	printf("  ax %llx cx %llx dx %llx bx %llx sp %llx bp %llx si %llx di %llx\n", s.ax, s.cx, s.dx, s.bx, s.sp, s.bp, s.si, s.di);
	printf("  ip %llx cs %x ss %x ds %x es %x fs %x gs %x\n", s.ip, s.cs, s.ss, s.ds, s.es, s.fs, s.gs);
}

int hardware(const char *name)
{
	if (is_tcg) {
		char full[200];
		snprintf(full, sizeof full, "%s%s%s", where, *where ? ": " : "", name);
		report_skip(full, "TCG does otherwise");
	}
	return !is_tcg;
}

void hwcheck(int ok, const char *format, ...)
{
	char name[160];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(name, sizeof name, format, arguments);
	va_end(arguments);
	if (hardware(name)) {
		check(ok, "%s", name);
	}
}
