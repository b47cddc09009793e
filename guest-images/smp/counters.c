// Atomic operations of several processors on one word: none is lost.
#include "parts.h"

// The counters lie at chosen places of two pages.
static uint8_t arena[8192] __attribute__((aligned(4096)));
#define ALIGNED (*(volatile uint32_t *)(arena + 0x100))
#define IN_LINE (*(volatile uint32_t *)(arena + 0x103))
#define ACROSS_LINES (*(volatile uint32_t *)(arena + 0x13E))
#define ACROSS_PAGES (*(volatile uint32_t *)(arena + 0xFFE))
#define SHORT (*(volatile uint16_t *)(arena + 0x200))
#define BYTES (*(volatile uint32_t *)(arena + 0x240))
#define WIDE (*(volatile uint64_t *)(arena + 0x280))
#define GUARDED (*(volatile uint32_t *)(arena + 0x300))
#define LOCK (*(volatile uint32_t *)(arena + 0x340))

#define STEP(name, instruction, place)                                                                       \
	static void name(void) { __asm__ volatile(instruction : "+m"(place) : : "memory", "cc"); }

STEP(increment, "lock; incl %0", ALIGNED)
STEP(add, "lock; addl $1, %0", ALIGNED)
STEP(subtract, "lock; subl $-1, %0", ALIGNED)
STEP(add_in_line, "lock; addl $1, %0", IN_LINE)
STEP(add_across_lines, "lock; addl $1, %0", ACROSS_LINES)
STEP(add_across_pages, "lock; addl $1, %0", ACROSS_PAGES)
STEP(add_short, "lock; addw $1, %0", SHORT)

static void exchange_add(void) { fetch_add(&ALIGNED, 1); }

static void compare_exchange(void)
{
	uint32_t old = ALIGNED;
	__asm__ volatile("1: lea 1(%%" X86_AX "), %%ecx\n\tlock; cmpxchgl %%ecx, %0\n\tjne 1b" : "+m"(ALIGNED), "+a"(old) : : "ecx", "memory", "cc");
}

static void compare_exchange_8(void)
{
	uint32_t low = 0, high = 0;
	__asm__ volatile("1: movl %%eax, %%ebx\n\tmovl %%edx, %%ecx\n\taddl $1, %%ebx\n\tadcl $0, %%ecx\n\t"
					 "lock; cmpxchg8b %0\n\tjne 1b"
					 : "+m"(WIDE), "+a"(low), "+d"(high) : : "ebx", "ecx", "memory", "cc");
}

// Each processor a byte of its own in one word: the neighbours' must stay.
static void own_byte(void)
{
	volatile uint8_t *mine = (volatile uint8_t *)&BYTES + (processor_number() & 3);
	__asm__ volatile("lock; incb %0" : "+m"(*mine) : : "memory", "cc");
}

static void with_exchange_lock(void)
{
	while (exchange(&LOCK, 1) != 0) {
		while (LOCK != 0) {
			pause();
		}
	}
	GUARDED = GUARDED + 1;
	LOCK = 0;
}

static void with_bit_lock(void)
{
	bool was;
	do {
		__asm__ volatile("lock; btsl $5, %0\n\tsetc %1" : "+m"(LOCK), "=q"(was) : : "memory", "cc");
		if (was) {
			pause();
		}
	} while (was);
	GUARDED = GUARDED + 1;
	__asm__ volatile("lock; btrl $5, %0" : "+m"(LOCK) : : "memory", "cc");
}

// Peterson's lock: plain stores and loads with a full barrier between them. For two.
static volatile uint32_t interested[2][16], turn;

static void with_petersons_lock(void)
{
	unsigned me = processor_number();
	if (me > 1) {
		return;
	}
	interested[me][0] = 1;
	turn = 1 - me;
	mb();
	while (interested[1 - me][0] != 0 && turn == 1 - me) {
		pause();
	}
	GUARDED = GUARDED + 1;
	interested[me][0] = 0;
}

#ifdef __x86_64__
STEP(increment_8, "lock; incq %0", WIDE)
#endif

static struct meeting meeting;
static uint32_t steps;

static void run_steps(void *step)
{
	void (*function)(void) = (void (*)(void))(uintptr_t)step;
	meet(&meeting, smp_count());
	for (uint32_t i = 0; i < steps; i++) {
		function();
	}
}

static void try(const char *name, void (*step)(void), uint32_t times, const volatile void *place, uint64_t mask, unsigned processors)
{
	memset(arena, 0, sizeof arena);
	steps = times;
	smp_run(smp_count(), run_steps, (void *)(uintptr_t)step);
	uint64_t sum = 0;
	memcpy(&sum, (const void *)place, mask > UINT32_MAX ? 8 : 4);
	report_equal(name, sum & mask, (uint64_t)times * processors & mask);
}

void check_counters(void)
{
	unsigned all = smp_count();
	uint32_t few = rounds / 50; // a machine may do these by stopping everyone else
	try("counters: LOCK INC", increment, rounds, &ALIGNED, UINT32_MAX, all);
	try("counters: LOCK ADD", add, rounds, &ALIGNED, UINT32_MAX, all);
	try("counters: LOCK SUB", subtract, rounds, &ALIGNED, UINT32_MAX, all);
	try("counters: LOCK XADD", exchange_add, rounds, &ALIGNED, UINT32_MAX, all);
	try("counters: LOCK CMPXCHG", compare_exchange, rounds, &ALIGNED, UINT32_MAX, all);
	try("counters: LOCK CMPXCHG8B", compare_exchange_8, rounds, &WIDE, UINT64_MAX, all);
#ifdef __x86_64__
	try("counters: LOCK INC of 8 bytes", increment_8, rounds, &WIDE, UINT64_MAX, all);
#endif
	try("counters: LOCK ADD of 2 bytes", add_short, rounds, &SHORT, 0xFFFF, all);
	try("counters: LOCK ADD, not aligned, inside a line", add_in_line, few, &IN_LINE, UINT32_MAX, all);
	try("counters: LOCK ADD across two lines", add_across_lines, few, &ACROSS_LINES, UINT32_MAX, all);
	try("counters: LOCK ADD across two pages", add_across_pages, few, &ACROSS_PAGES, UINT32_MAX, all);
	try("counters: a lock by XCHG", with_exchange_lock, rounds, &GUARDED, UINT32_MAX, all);
	try("counters: a lock by LOCK BTS", with_bit_lock, rounds, &GUARDED, UINT32_MAX, all);
	try("counters: Peterson's lock, with a barrier", with_petersons_lock, rounds, &GUARDED, UINT32_MAX, all < 2 ? all : 2);

	memset(arena, 0, sizeof arena);
	steps = rounds;
	smp_run(smp_count(), run_steps, (void *)(uintptr_t)own_byte);
	uint32_t expected[4] = { 0 };
	bool own = true;
	for (unsigned i = 0; i < all; i++) {
		expected[i & 3] += rounds;
	}
	for (unsigned i = 0; i < 4; i++) {
		own = own && ((const volatile uint8_t *)&BYTES)[i] == (uint8_t)expected[i];
	}
	report("counters: LOCK INC of a byte each, in one word", own);
}
