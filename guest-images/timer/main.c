// Interrupts from the timers of a PC: the PIC pair (pic.c), the PIT (pit.c), the CMOS clock (rtc.c), and how the
// processor takes what they send (cpu.c).
#include "timer.h"

volatile unsigned seen[16];
volatile reg_t seen_ip[16];

static void count(struct frame *frame)
{
	unsigned irq = (unsigned)frame->vector - IRQ_VECTOR;
	seen[irq]++;
	seen_ip[irq] = frame->ip;
	if (irq == 8) {
		rtc_acknowledge();
	}
}

uint8_t rtc_acknowledge(void)
{
	return cmos_read(0x0C);
}

void quiet(void)
{
	cli();
	cmos_write(0x0B, cmos_read(0x0B) & 0x0F); // no SET, PIE, AIE, UIE
	rtc_acknowledge();
	pit_program(0, 1, 0); // waits for an edge of its gate, which is wired high: no interrupt of its own in 55 ms
	pic_init(); // ICW1 forgets requests
	for (unsigned irq = 0; irq < 16; irq++) {
		irq_mask(irq);
		vector_handle((uint8_t)(IRQ_VECTOR + irq), NULL);
		irq_handle(irq, count);
		seen[irq] = 0;
		seen_ip[irq] = 0;
	}
	irq_unmask(2);
}

bool request_irq0(void)
{
	pit_program(0, 0, 50);
	return within_deadline((pic_irr() & 1) != 0);
}

bool request_irq8(void)
{
	rtc_acknowledge();
	cmos_write(0x0A, 0x26);                     // 32 768 Hz divider, 1 024 interrupts a second
	cmos_write(0x0B, cmos_read(0x0B) | 0x40);   // PIE
	return within_deadline((pic_irr() & 0x100) != 0);
}

int main(void)
{
	tsc_frequency();
	check_pic();
	check_pit();
	check_cpu();
	check_rtc();
	quiet();
	return report_summary();
}
