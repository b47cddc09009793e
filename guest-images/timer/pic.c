// The 8259A pair: masks, requests, service, priorities, ends of interrupt (8259A data sheet).
#include "timer.h"

static void check_registers(void)
{
	quiet();
	bool masks = true;
	static const uint8_t patterns[] = { 0x00, 0xFF, 0x5A, 0xA5 };
	for (unsigned i = 0; i < sizeof patterns; i++) {
		uint8_t other = patterns[i] ^ 0xFF;
		out8(PIC1_DATA, patterns[i]);
		out8(PIC2_DATA, other);
		masks &= in8(PIC1_DATA) == patterns[i] && in8(PIC2_DATA) == other;
	}
	report("pic: the interrupt masks read back", masks);

	quiet();
	report_equal("pic: nothing is in service at first", pic_isr(), 0);
	report("pic: IRQ 0 can be requested while masked", request_irq0());
	out8(PIC1_COMMAND, 0x0A);
	bool sticky = (in8(PIC1_COMMAND) & 1) != 0 && (in8(PIC1_COMMAND) & 1) != 0;
	out8(PIC1_COMMAND, 0x0B);
	sticky &= (in8(PIC1_COMMAND) & 1) == 0 && (in8(PIC1_COMMAND) & 1) == 0;
	report("pic: IRR or ISR stays selected for reading", sticky);
}

static void check_masking(void)
{
	quiet();
	request_irq0();
	sti();
	delay_us(2000);
	cli();
	report_equal("pic: a masked request is not delivered", seen[0], 0);
	irq_unmask(0);
	sti();
	bool came = within_deadline(seen[0] != 0);
	cli();
	report("pic: unmasking delivers it", came);
	report_equal("pic: once", seen[0], 1);
	report_equal("pic: and it is no longer in service after the EOI", pic_isr() & 1, 0);
}

// What a handler saw in the ISR, and whether it is to end the interrupt itself.
static volatile uint16_t isr_in_handler;
static volatile unsigned entered;
static volatile uint8_t end_command; // 0: none

static void look(struct frame *frame)
{
	(void)frame;
	entered++;
	isr_in_handler = pic_isr();
	if (end_command != 0) {
		out8(PIC1_COMMAND, end_command);
	}
}

static void deliver_irq0(uint8_t command)
{
	quiet();
	entered = 0;
	end_command = command;
	vector_handle(IRQ_VECTOR, look);
	request_irq0();
	irq_unmask(0);
	sti();
	within_deadline(entered != 0);
	cli();
}

static void check_end_of_interrupt(void)
{
	deliver_irq0(0);
	report_equal("pic: IRQ 0 is in service inside its handler", isr_in_handler, 1);
	report_equal("pic: and stays so without an EOI", pic_isr(), 1);
	request_irq0();
	sti();
	delay_us(2000);
	cli();
	report_equal("pic: which holds back the next IRQ 0", entered, 1);
	end_command = 0x20;
	out8(PIC1_COMMAND, 0x20);
	sti();
	bool came = within_deadline(entered == 2);
	cli();
	report("pic: the EOI lets it through", came);

	deliver_irq0(0x61);
	report_equal("pic: a specific EOI of another level changes nothing", pic_isr(), 1);
	out8(PIC1_COMMAND, 0x60);
	report_equal("pic: the specific EOI of level 0 ends it", pic_isr(), 0);
}

static volatile unsigned order[4], orders, nested;
static volatile bool nest;

static void note(struct frame *frame)
{
	unsigned irq = (unsigned)frame->vector - IRQ_VECTOR;
	if (orders < 4) {
		order[orders++] = irq;
	}
	if (irq == 8) {
		cmos_write(0x0B, cmos_read(0x0B) & 0x0F);
		rtc_acknowledge();
	}
	if (nest) {
		nest = false;
		unsigned before = orders;
		if (irq == 8) {
			request_irq0();
		} else {
			request_irq8();
		}
		sti();
		delay_us(2000);
		cli();
		nested = orders - before;
	}
	irq_end(irq);
}

static void expect_order(const char *name, unsigned first, unsigned second)
{
	sti();
	bool came = within_deadline(orders >= 2);
	cli();
	if (!came) {
		report_fail(name, "%u of 2 interrupts came", orders);
	} else {
		report(name, order[0] == first && order[1] == second);
	}
}

static void prepare_order(void)
{
	quiet();
	orders = 0;
	nest = false;
	vector_handle(IRQ_VECTOR, note);
	vector_handle(IRQ_VECTOR + 8, note);
}

static void check_priorities(void)
{
	prepare_order();
	request_irq8();
	request_irq0();
	irq_unmask(0);
	irq_unmask(8);
	expect_order("pic: of two requests IRQ 0 goes before IRQ 8", 0, 8);

	prepare_order();
	request_irq8();
	request_irq0();
	out8(PIC1_COMMAND, 0xC0); // level 0 becomes the lowest
	irq_unmask(0);
	irq_unmask(8);
	expect_order("pic: with level 0 set lowest IRQ 8 goes first", 8, 0);
	out8(PIC1_COMMAND, 0xC7);

	prepare_order();
	irq_unmask(0);
	irq_unmask(8);
	nest = true;
	request_irq0();
	expect_order("pic: both are served in the end", 0, 8);
	report_equal("pic: IRQ 8 does not interrupt IRQ 0", nested, 0);

	prepare_order();
	irq_unmask(0);
	irq_unmask(8);
	nest = true;
	request_irq8();
	sti();
	within_deadline(orders >= 2 && !nest);
	cli();
	report_equal("pic: IRQ 0 interrupts IRQ 8", nested, 1);
}

static void check_special_mask(void)
{
	// IRQ 0 is in service and masks itself; in special mask mode that lets lower levels in.
	deliver_irq0(0);
	irq_unmask(8);
	request_irq8();
	sti();
	delay_us(2000);
	cli();
	unsigned blocked = seen[8];
	irq_mask(0);
	out8(PIC1_COMMAND, 0x68);
	sti();
	bool came = within_deadline(seen[8] != 0);
	cli();
	out8(PIC1_COMMAND, 0x48);
	report("pic: special mask mode lets lower levels in", blocked == 0 && came);
}

static void check_poll(void)
{
	quiet();
	out8(PIC1_COMMAND, 0x0C);
	report_equal("pic: a poll with no request finds none", in8(PIC1_COMMAND) & 0x80, 0);
	request_irq0();
	irq_unmask(0);
	out8(PIC1_COMMAND, 0x0C);
	report_equal("pic: a poll finds IRQ 0", in8(PIC1_COMMAND), 0x80);
	report_equal("pic: and takes it into service", pic_isr(), 1);
	out8(PIC1_COMMAND, 0x20);
}

static void initialise(uint8_t vector, uint8_t icw4)
{
	out8(PIC1_COMMAND, 0x11);
	out8(PIC1_DATA, vector);
	out8(PIC1_DATA, 0x04);
	out8(PIC1_DATA, icw4);
	out8(PIC1_DATA, 0xFA); // IRQ 0 and the cascade
}

static void check_initialisation(void)
{
	quiet();
	entered = 0;
	end_command = 0;
	initialise(IRQ_VECTOR, 0x03);
	vector_handle(IRQ_VECTOR, look);
	request_irq0();
	sti();
	bool came = within_deadline(entered != 0);
	cli();
	report("pic: with automatic EOI the request is delivered", came);
	report_equal("pic: and is not in service even inside its handler", isr_in_handler & 1, 0);

	quiet();
	entered = 0;
	end_command = 0x20;
	initialise(0x50, 0x01);
	vector_handle(0x50, look);
	request_irq0();
	sti();
	came = within_deadline(entered != 0);
	cli();
	vector_handle(0x50, NULL);
	report("pic: ICW2 sets the vectors", came);

	quiet();
	request_irq0();
	initialise(IRQ_VECTOR, 0x01);
	report_equal("pic: ICW1 clears the mask until OCW1", in8(PIC1_DATA), 0xFA);
	out8(PIC1_COMMAND, 0x11);
	out8(PIC1_DATA, IRQ_VECTOR);
	out8(PIC1_DATA, 0x04);
	out8(PIC1_DATA, 0x01);
	report_equal("pic: ICW1 clears the mask", in8(PIC1_DATA), 0);
}

static volatile unsigned spurious_isr;
static volatile unsigned spurious;

static void take_spurious(struct frame *frame)
{
	(void)frame;
	spurious++;
	spurious_isr = pic_isr() & 0x80; // a real IRQ 7 would be in service; this one needs no EOI
}

static void check_spurious(void)
{
	// The request falls before it is acknowledged. The data sheet makes that a spurious IRQ 7; a PIC whose edge latch
	// holds delivers IRQ 0, or drops it. What must not be is an IRQ 7 in service, or anything left behind.
	quiet();
	vector_handle(IRQ_VECTOR + 7, take_spurious);
	spurious = 0;
	spurious_isr = 0;
	irq_unmask(7);
	irq_unmask(0);
	request_irq0();
	pit_program(0, 0, 0); // the output is low again
	sti();
	delay_us(2000);
	cli();
	report("pic: a request that falls too early comes once at most", spurious + seen[0] <= 1);
	report_equal("pic: a spurious IRQ 7 is not in service", spurious_isr, 0);
	report_equal("pic: and nothing stays in service", pic_isr(), 0);
}

void check_pic(void)
{
	check_registers();
	check_masking();
	check_end_of_interrupt();
	check_priorities();
	check_special_mask();
	check_poll();
	check_initialisation();
	check_spurious();
}
