// Instructions that C has no word for. Everything is inline, so this header is all there is.
//
// Usable from 16-bit (-m16), 32-bit and 64-bit code; what only exists in one mode is guarded.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cr0_bits {
	CR0_PE = 1u << 0, CR0_MP = 1u << 1, CR0_EM = 1u << 2, CR0_TS = 1u << 3, CR0_ET = 1u << 4,
	CR0_NE = 1u << 5, CR0_WP = 1u << 16, CR0_AM = 1u << 18, CR0_NW = 1u << 29, CR0_CD = 1u << 30,
};
#define CR0_PG (1u << 31)

enum cr4_bits {
	CR4_VME = 1u << 0, CR4_PVI = 1u << 1, CR4_TSD = 1u << 2, CR4_DE = 1u << 3, CR4_PSE = 1u << 4,
	CR4_PAE = 1u << 5, CR4_MCE = 1u << 6, CR4_PGE = 1u << 7, CR4_PCE = 1u << 8, CR4_UMIP = 1u << 11,
	CR4_SMEP = 1u << 20, CR4_SMAP = 1u << 21,
};

enum flag_bits {
	FLAG_CF = 1u << 0, FLAG_PF = 1u << 2, FLAG_AF = 1u << 4, FLAG_ZF = 1u << 6, FLAG_SF = 1u << 7,
	FLAG_TF = 1u << 8, FLAG_IF = 1u << 9, FLAG_DF = 1u << 10, FLAG_OF = 1u << 11, FLAG_NT = 1u << 14,
	FLAG_RF = 1u << 16, FLAG_VM = 1u << 17, FLAG_AC = 1u << 18, FLAG_ID = 1u << 21,
};

#define MSR_EFER 0xC0000080u
#define EFER_SCE (1u << 0)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define EFER_NXE (1u << 11)

typedef uintptr_t reg_t; // a general register of the mode this is compiled for
#ifdef __x86_64__
#define X86_SP "rsp"
#define X86_AX "rax"
#else
#define X86_SP "esp"
#define X86_AX "eax"
#endif

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint16_t in16(uint16_t port)
{
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void cli(void) { __asm__ volatile("cli" : : : "memory"); }
static inline void sti(void) { __asm__ volatile("sti" : : : "memory"); }
static inline void hlt(void) { __asm__ volatile("hlt" : : : "memory"); }
static inline void pause(void) { __asm__ volatile("pause" : : : "memory"); }

// The shadow of STI covers HLT, so an interrupt cannot slip in between and leave us asleep.
static inline void sti_hlt(void) { __asm__ volatile("sti\n\thlt" : : : "memory"); }

static inline void compiler_barrier(void) { __asm__ volatile("" : : : "memory"); }

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

struct cpuid { uint32_t eax, ebx, ecx, edx; };

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;
	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "0"(leaf), "2"(subleaf));
	return r;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline reg_t read_flags(void)
{
	reg_t flags;
#ifdef __x86_64__
	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags) : : "memory");
#else
	__asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags) : : "memory");
#endif
	return flags;
}

static inline void write_flags(reg_t flags)
{
#ifdef __x86_64__
	__asm__ volatile("pushq %0\n\tpopfq" : : "r"(flags) : "memory", "cc");
#else
	__asm__ volatile("pushl %0\n\tpopfl" : : "r"(flags) : "memory", "cc");
#endif
}

#define X86_CONTROL_REGISTER(n)                                                                              \
	static inline reg_t read_cr##n(void)                                                                     \
	{                                                                                                        \
		reg_t value;                                                                                         \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value) : : "memory");                                   \
		return value;                                                                                        \
	}                                                                                                        \
	static inline void write_cr##n(reg_t value) { __asm__ volatile("mov %0, %%cr" #n : : "r"(value) : "memory"); }

X86_CONTROL_REGISTER(0)
X86_CONTROL_REGISTER(2)
X86_CONTROL_REGISTER(3)
X86_CONTROL_REGISTER(4)
#undef X86_CONTROL_REGISTER

static inline void invlpg(const void *address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

struct __attribute__((packed)) descriptor_pointer {
	uint16_t limit;
	uintptr_t base;
};

static inline struct descriptor_pointer sgdt(void)
{
	struct descriptor_pointer p;
	__asm__ volatile("sgdt %0" : "=m"(p));
	return p;
}

static inline struct descriptor_pointer sidt(void)
{
	struct descriptor_pointer p;
	__asm__ volatile("sidt %0" : "=m"(p));
	return p;
}

static inline void lgdt(const struct descriptor_pointer *p) { __asm__ volatile("lgdt %0" : : "m"(*p) : "memory"); }
static inline void lidt(const struct descriptor_pointer *p) { __asm__ volatile("lidt %0" : : "m"(*p) : "memory"); }
static inline uint16_t str(void)
{
	uint32_t selector;
	__asm__ volatile("str %0" : "=r"(selector));
	return (uint16_t)selector;
}
static inline void ltr(uint16_t selector) { __asm__ volatile("ltr %0" : : "r"(selector) : "memory"); }
