// Page tables that several processors use: accessed and dirty bits, and translations that must go everywhere.
#include "parts.h"

enum { Present = 1, Writable = 2, Accessed = 0x20, Dirty = 0x40, Large = 0x80, OursToUse = 0x200 };
enum { Pages = 64 };

#define WINDOW 0x40000000u // linear address of `Pages` pages

static volatile reg_t table[4096 / sizeof(reg_t)] __attribute__((aligned(4096)));
static uint8_t frames[2][4096] __attribute__((aligned(4096)));

static volatile uint32_t *window(unsigned page)
{
	return (volatile uint32_t *)(uintptr_t)(WINDOW + page * 4096);
}

#ifdef __x86_64__
extern uint64_t page_directories[4 * 512];

static void make_window(void)
{
	page_directories[WINDOW >> 21] = (uintptr_t)table | Present | Writable;
}

static void use_tables(void *unused)
{
	(void)unused;
	write_cr3(read_cr3());
}

static void leave_tables(void *unused) { (void)unused; }
#else
static reg_t directory[1024] __attribute__((aligned(4096)));

static void make_window(void)
{
	for (uint32_t i = 0; i < 1024; i++) {
		directory[i] = i << 22 | Large | Present | Writable;
	}
	directory[WINDOW >> 22] = (uintptr_t)table | Present | Writable;
}

static void use_tables(void *unused)
{
	(void)unused;
	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((uintptr_t)directory);
	write_cr0(read_cr0() | CR0_PG | CR0_WP);
}

static void leave_tables(void *unused)
{
	(void)unused;
	write_cr0(read_cr0() & ~(reg_t)CR0_PG);
}
#endif

static struct meeting meeting;
static uint32_t times;
static uint32_t without_accessed, without_dirty, without_ours;

static void fill_table(void)
{
	for (unsigned i = 0; i < Pages; i++) {
		table[i] = (uintptr_t)frames[0] | Present | Writable;
	}
}

static void flush_window(void)
{
	for (unsigned i = 0; i < Pages; i++) {
		invlpg((const void *)window(i));
	}
}

static void count_missing(void)
{
	for (unsigned i = 0; i < Pages; i++) {
		without_accessed += (table[i] & Accessed) == 0;
		without_dirty += (table[i] & Dirty) == 0;
		without_ours += (table[i] & OursToUse) == 0;
	}
}

// The first one reads, or sets a bit of the operating system's own; the second writes.
static void use_pages(void *sets_bits)
{
	bool first = processor_number() == 0;
	for (uint32_t round = 0; round < times; round++) {
		if (first) {
			fill_table();
		}
		meet(&meeting, 2);
		flush_window();
		meet(&meeting, 2);
		for (unsigned i = 0; i < Pages; i++) {
			if (!first) {
				*window(i) = round;
			} else if (sets_bits == NULL) {
				(void)*window(i);
			} else {
				__asm__ volatile("lock; or %1, %0" : "+m"(table[i]) : "r"((reg_t)OursToUse) : "memory", "cc");
			}
		}
		meet(&meeting, 2);
		if (first) {
			count_missing();
		}
	}
}

static volatile uint32_t acknowledged OWN_CACHE_LINE, current OWN_CACHE_LINE, stale OWN_CACHE_LINE;
static volatile bool reading;
enum { ShootDownVector = 0xA0 };

static void shoot_down(struct frame *frame)
{
	(void)frame;
	invlpg((const void *)window(0));
	fetch_add(&acknowledged, 1);
	apic_end();
}

// What it reads through the window is never older than what everyone has acknowledged.
static void keep_reading(void *unused)
{
	(void)unused;
	sti();
	while (reading) {
		uint32_t least = current;
		rmb();
		if (*window(0) < least) {
			fetch_add(&stale, 1);
		}
	}
	cli();
}

static void check_shoot_down(void)
{
	vector_handle(ShootDownVector, shoot_down);
	fill_table();
	WRITE_ONCE(*(uint32_t *)frames[0], 0);
	smp_run(smp_count(), use_tables, NULL);
	reading = true;
	current = stale = 0;
	for (unsigned i = 1; i < smp_count(); i++) {
		processor_run(i, keep_reading, NULL);
	}
	bool all = true;
	for (uint32_t i = 1; i <= rounds / 200 && all; i++) {
		WRITE_ONCE(*(uint32_t *)frames[i & 1], i);
		table[0] = (uintptr_t)frames[i & 1] | Present | Writable;
		acknowledged = 0;
		apic_send(0, APIC_OTHERS | APIC_ASSERT | ShootDownVector);
		all = within_deadline(acknowledged == smp_count() - 1);
		current = i;
	}
	reading = false;
	for (unsigned i = 1; i < smp_count(); i++) {
		processor_wait(i);
	}
	report("paging: every processor acknowledges a shoot-down", all);
	report_equal("paging: none reads by the old translation after that", stale, 0);
}

void check_paging(void)
{
	if (smp_count() < 2) {
		report_skip("paging: page tables of several processors", "there is one");
		return;
	}
	times = rounds / 200;
	make_window();
	fill_table();
	smp_run(smp_count(), use_tables, NULL);

	without_accessed = without_dirty = 0;
	smp_run(2, use_pages, NULL);
	report_equal("paging: one reads and one writes: every page is marked accessed", without_accessed, 0);
	report_equal("paging: and dirty", without_dirty, 0);

	without_dirty = without_ours = 0;
	smp_run(2, use_pages, (void *)1);
	report_equal("paging: one sets a bit in the entry and one writes: the bit stays", without_ours, 0);
	report_equal("paging: and every page is dirty", without_dirty, 0);

	check_shoot_down();
	smp_run(smp_count(), leave_tables, NULL);
}
