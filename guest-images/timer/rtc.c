// The MC146818 CMOS clock: periodic, update-ended and alarm interrupts on IRQ 8, setting the time.
#include "timer.h"

#define REGISTER_A 0x0A
#define REGISTER_B 0x0B
#define REGISTER_C 0x0C
#define REGISTER_D 0x0D

#define B_24H 0x02
#define B_UIE 0x10
#define B_AIE 0x20
#define B_PIE 0x40
#define B_SET 0x80

static volatile unsigned interrupts;
static volatile uint8_t causes;
static volatile bool leave_pending;

static void clock_interrupt(struct frame *frame)
{
	(void)frame;
	interrupts++;
	if (!leave_pending) {
		causes |= cmos_read(REGISTER_C);
	}
	irq_end(8);
}

static void listen(uint8_t enable, bool pending)
{
	quiet();
	interrupts = 0;
	causes = 0;
	leave_pending = pending;
	vector_handle(IRQ_VECTOR + 8, clock_interrupt);
	irq_unmask(8);
	cmos_write(REGISTER_A, 0x26);
	cmos_write(REGISTER_B, (uint8_t)(B_24H | enable));
	sti();
}

static void check_interrupts(void)
{
	report("rtc: register D says that the contents are valid", (cmos_read(REGISTER_D) & 0x80) != 0);

	listen(B_PIE, false);
	report("rtc: periodic interrupts come on IRQ 8", within_deadline(interrupts >= 32));
	report_equal("rtc: register C names them", causes & 0xC0, 0xC0);

	listen(B_PIE, true);
	within_deadline(interrupts >= 1);
	delay_us(20000);
	cli();
	report_equal("rtc: unless register C is read there is no second", interrupts, 1);
	report_equal("rtc: reading it tells why", cmos_read(REGISTER_C) & 0xC0, 0xC0);

	listen(B_UIE, false);
	unsigned before = cmos_read(0);
	bool came = within_deadline(interrupts >= 1);
	unsigned after = cmos_read(0);
	report("rtc: the update-ended interrupt comes", came && (causes & 0x90) == 0x90);
	report("rtc: and finds another second", before != after);

	listen(0, false);
	struct date_time now = cmos_time();
	unsigned then = (now.second + 2) % 60;
	cmos_write(1, (uint8_t)(then / 10 << 4 | then % 10)); // BCD, as the clock is set up on a PC
	cmos_write(3, 0xFF);                                  // any minute
	cmos_write(5, 0xFF);                                  // any hour
	cmos_write(REGISTER_B, B_24H | B_AIE);
	came = within_deadline(interrupts >= 1);
	report("rtc: the alarm comes", came && (causes & 0xA0) == 0xA0);
	report_equal("rtc: at its second", cmos_time().second, then);

	listen(0, false);
	delay_us(5000);
	cli();
	report_equal("rtc: with none enabled none comes", interrupts, 0);
}

static void check_rates(void)
{
	// See check_interrupts() in pit.c for why one good stretch is enough.
	bool good = false;
	for (unsigned attempt = 0; attempt < 50 && !good; attempt++) {
		listen(B_PIE, false);
		cmos_write(REGISTER_A, 0x2A);
		within_deadline(interrupts >= 1);
		unsigned from = interrupts;
		delay_us(100000);
		cli();
		good = interrupts - from >= 3 && interrupts - from <= 13;
	}
	report("rtc: 64 Hz gives about 6 interrupts in 100 ms of the PIT", good);

	uint64_t us = 0;
	good = false;
	for (unsigned attempt = 0; attempt < 5 && !good; attempt++) {
		listen(B_UIE, false);
		within_deadline(interrupts >= 1);
		uint64_t begin = rdtsc();
		unsigned from = interrupts;
		within_deadline(interrupts > from);
		us = tsc_to_us(rdtsc() - begin);
		cli();
		good = us >= 500000 && us <= 2000000;
	}
	if (good) {
		report("rtc: a second is about a second of the time stamp counter", good);
	} else {
		report_fail("rtc: a second is about a second of the time stamp counter", "%llu us", (unsigned long long)us);
	}
}

static uint8_t bcd(unsigned value)
{
	return (uint8_t)(value / 10 << 4 | value % 10);
}

static void set_time(struct date_time t)
{
	cmos_write(REGISTER_B, B_24H | B_SET);
	cmos_write(0, bcd(t.second));
	cmos_write(2, bcd(t.minute));
	cmos_write(4, bcd(t.hour));
	cmos_write(7, bcd(t.day));
	cmos_write(8, bcd(t.month));
	cmos_write(9, bcd(t.year % 100));
	cmos_write(0x32, bcd(t.year / 100));
	cmos_write(REGISTER_B, B_24H);
}

static void check_setting(void)
{
	listen(0, false);
	cli();
	struct date_time now = cmos_time();
	set_time((struct date_time){ 2024, 2, 28, 23, 59, 58 });
	struct date_time t = cmos_time();
	report("rtc: the time can be set", t.year == 2024 && t.month == 2 && t.day == 28 && t.hour == 23 && t.minute == 59);
	bool wrapped = within_deadline(cmos_time().day != 28);
	t = cmos_time();
	if (wrapped && t.month == 2 && t.day == 29 && t.hour == 0 && t.minute == 0) {
		report("rtc: midnight leads from 28 to 29 February in a leap year", true);
	} else {
		report_fail("rtc: midnight leads from 28 to 29 February in a leap year", "%u-%u-%u %u:%u:%u", t.year, t.month, t.day, t.hour,
					t.minute, t.second);
	}
	cmos_write(REGISTER_B, B_24H | B_SET);
	uint8_t second = cmos_read(0);
	delay_us(1200000);
	report_equal("rtc: SET stops the updates", cmos_read(0), second);
	set_time(now);
}

void check_rtc(void)
{
	check_interrupts();
	check_rates();
	check_setting();
}
