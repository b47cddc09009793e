// A probe runs a few bytes of code with chosen registers in a chosen mode and comes back with what stopped it.
// Control code is 32-bit C at CPL 0: flat protected mode in the legacy world, compatibility mode in the long one.
// Each snippet is copied to low memory, so that the same one runs in real mode, virtual-8086 and every other mode,
// and is followed by UD2: reaching that is "done". Not reentrant; interrupts are off in the control code.
#pragma once

#include "console.h"
#include "exit.h"
#include "report.h"
#include "string.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

enum vector { DE, DB, NMI, BP, OF, BR, UD, NM, DF, MP, TS, NP, SS, GP, PF, VEC15, MF, AC, MC, XM };

enum flag {
	CF = 1, F1 = 2, PFLAG = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200, DIRF = 0x400, OFLAG = 0x800,
	IOPL3 = 0x3000, NT = 0x4000, RF = 0x10000, VM = 0x20000, ACF = 0x40000, ID = 0x200000,
	ARITH = CF | PFLAG | AF | ZF | SF | OFLAG,
};

// Linear addresses of the low arena. Segments of 16-bit modes start at CODE, STACK and DATA.
enum {
	TRAMPOLINE = 0x8000, CODE = 0x20000, STACK = 0x30000, STACK_TOP = 0xF000, DATA = 0x40000, DATA2 = 0x50000,
	ARENA_END = 0x60000,
};

enum selector {
	KC32 = 0x08, KD = 0x10, KC64 = 0x18, RC16 = 0x20, RD16 = 0x28,  // control code, and the way to real mode
	C32 = 0x30, D32 = 0x38, C64 = 0x40, C16 = 0x48, D16 = 0x50, S16 = 0x58,  // ring 0 of the probe
	UC32 = 0x63, UD32 = 0x6B, UC64 = 0x73, UC16 = 0x7B, UD16 = 0x83, US16 = 0x8B,  // ring 3
	TSS = 0x90,  // two slots
	DFTSS = 0xA0,
	T0 = 0xA8,  // the test's own from here to the end
	GDT_ENTRIES = 64,
};

enum arena { PAGES = 0x300000, PAGES_END = 0x400000 };  // more RAM for tests, 4 KiB user pages

enum mode { REAL, V86, PM16, PM32, PM16U, PM32U, LONG, LONGU, COMPAT16, COMPAT32, COMPAT16U, COMPAT32U };

struct state {
	u64 ax, cx, dx, bx, sp, bp, si, di, r8, r9, r10, r11, r12, r13, r14, r15;  // the order of their numbers
	u64 ip, flags;
	u32 cs, ss, ds, es, fs, gs;
	u64 fsbase, gsbase;  // loaded in long mode if not 0
};

struct code { const u8 *start, *end; };

// Snippets must not depend on where they run. Registers are written without their percent signs.
#define CODE_(bits, body) \
	({ \
		struct code c_; \
		__asm__ volatile(".pushsection .rodata.snippets,\"a\"\n.att_syntax noprefix\n.code" bits "\n.Lsnip%=: " body \
						 "\n.Lend%=: .code32\n.att_syntax prefix\n.popsection\n\tmovl $.Lsnip%=, %0\n\tmovl $.Lend%=, %1" \
						 : "=r"(c_.start), "=r"(c_.end)); \
		c_; \
	})
#define A16(body) CODE_("16", body)
#define A32(body) CODE_("32", body)
#define A64(body) CODE_("64", body)
#define BYTES(...) \
	({ \
		static const u8 b_[] = {__VA_ARGS__}; \
		(struct code){b_, b_ + sizeof b_}; \
	})

extern struct state s;      // registers going in, and coming out
extern struct state start;  // as it went in
struct trap { u32 vector, error, handler_cs, handler_ss; u64 cr2, frame_sp; u32 dr6, dr7; };
extern struct trap t;
extern enum mode mode;
extern u32 code_at;         // linear address the snippet is copied to, CODE unless a test moves it
extern u64 descriptors[GDT_ENTRIES];
extern u64 gates[2 * 256];  // 8-byte gates in the legacy world, 16-byte ones in the long world
extern int is_tcg;
extern int in_long;

// the machine
void probe_init(void);
void go_unpaged(void);
void go_paged(void);        // 32-bit paging, low 4 MiB by 4 KiB pages
void go_pae(void);
void go_long(void);         // the control code goes on in compatibility mode
void flush(void);           // all but global translations
u64 *pte64(u32 linear);     // PAE and long
u32 *pte32(u32 linear);
u64 *pml4_table(void), *pdpt_table(void), *pd64_table(void);  // PDPT: PAE's or the long world's
u32 *pd32_table(void);
void set_pte(u32 linear, u64 value);  // of whichever tables are in use, then INVLPG
u64 get_pte(u32 linear);
void idt_reset(void);
void gate(int vector, u32 selector, u64 offset, u32 type_dpl, int ist);  // in the present world's form
u64 stub(int vector);       // the default handler
u64 descriptor(u32 base, u32 limit, u32 access, u32 flags);  // flags: G 8, D/B 4, L 2
void set_gdt(u32 selector, u64 value);
u32 supervisor_stack(void); // top of the stack that the TSS names for ring 0
extern struct { u8 tss[104]; u8 iomap[8192 + 1]; } __attribute__((packed)) task;  // the TSS in use; map all ones after go_…()
extern u8 df_task[104];     // 32-bit TSS of the task gate that serves #DF in the legacy world
enum { TSS_LIMIT = 104 + 8192 };

// a run
void prepare(enum mode m);  // s = that mode's defaults with a distinct value in each register
void run(struct code c);    // on return s and t say where it stopped
int done(void);             // it reached its end
int fault(int vector, u32 error, u32 offset);  // it stopped with this vector and error at this offset of the snippet
u32 offset(void);           // of the address at which it stopped
int unchanged(void);        // the general registers and segments are as they went in
extern const char *const mode_names[];
int is_small(enum mode m);  // 16-bit operands and addresses unless a prefix says otherwise
struct code code_of(const u8 *bytes, u32 size);
u64 data_base(void);        // what DATA is called in this mode: 0 in 16-bit ones
void poke32(u32 linear, u32 v);
u32 peek32(u32 linear);
void fill(u32 linear, int byte, u32 count);

// reporting
__attribute__((format(printf, 2, 3))) void check(int ok, const char *format, ...);   // FAIL adds where the last run stopped
__attribute__((format(printf, 2, 3))) void hwcheck(int ok, const char *format, ...); // SKIP under TCG, which is known to differ
int hardware(const char *name);  // 1: do it; 0: said SKIP, since TCG is known not to survive it
extern const char *where;        // put before each check's name

// small instructions
static inline u32 rd_cr0(void) { u32 v; __asm__ volatile("mov %%cr0,%0" : "=r"(v)); return v; }
static inline u32 rd_cr2(void) { u32 v; __asm__ volatile("mov %%cr2,%0" : "=r"(v)); return v; }
static inline u32 rd_cr3(void) { u32 v; __asm__ volatile("mov %%cr3,%0" : "=r"(v)); return v; }
static inline u32 rd_cr4(void) { u32 v; __asm__ volatile("mov %%cr4,%0" : "=r"(v)); return v; }
static inline void wr_cr0(u32 v) { __asm__ volatile("mov %0,%%cr0" ::"r"(v) : "memory"); }
static inline void wr_cr3(u32 v) { __asm__ volatile("mov %0,%%cr3" ::"r"(v) : "memory"); }
static inline void wr_cr4(u32 v) { __asm__ volatile("mov %0,%%cr4" ::"r"(v) : "memory"); }
static inline u32 rd_dr6(void) { u32 v; __asm__ volatile("mov %%dr6,%0" : "=r"(v)); return v; }
static inline void wr_dr6(u32 v) { __asm__ volatile("mov %0,%%dr6" ::"r"(v)); }
static inline u32 rd_dr7(void) { u32 v; __asm__ volatile("mov %%dr7,%0" : "=r"(v)); return v; }
static inline void wr_dr7(u32 v) { __asm__ volatile("mov %0,%%dr7" ::"r"(v)); }
static inline void wr_dr(int n, u32 v)
{
	switch (n) {
	case 0: __asm__ volatile("mov %0,%%dr0" ::"r"(v)); break;
	case 1: __asm__ volatile("mov %0,%%dr1" ::"r"(v)); break;
	case 2: __asm__ volatile("mov %0,%%dr2" ::"r"(v)); break;
	default: __asm__ volatile("mov %0,%%dr3" ::"r"(v)); break;
	}
}
static inline u64 rd_msr(u32 n) { u64 v; __asm__ volatile("rdmsr" : "=A"(v) : "c"(n)); return v; }
static inline void wr_msr(u32 n, u64 v) { __asm__ volatile("wrmsr" ::"c"(n), "A"(v) : "memory"); }
static inline void flush_page(u32 linear) { __asm__ volatile("invlpg (%0)" ::"r"(linear) : "memory"); }
static inline void out_byte(u16 port, u8 v) { __asm__ volatile("outb %0,%1" ::"a"(v), "Nd"(port)); }
static inline u8 in_byte(u16 port) { u8 v; __asm__ volatile("inb %1,%0" : "=a"(v) : "Nd"(port)); return v; }
struct cpuid { u32 a, b, c, d; };
static inline struct cpuid cpuid(u32 leaf)
{
	struct cpuid r;
	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(0));
	return r;
}


/// Ends the function with FAIL if it does not hold: for loops over inputs, which are one check in the end.
#define REQUIRE(ok, ...) do { if (!(ok)) { check(0, __VA_ARGS__); return; } } while (0)
