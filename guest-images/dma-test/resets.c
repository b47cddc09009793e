// Scripts that are stopped and reset while they run.
#include "parts.h"

static struct { volatile uint64_t value; } OWN_CACHE_LINE counter;

static void start_counting(void)
{
	begin_script();
	ADD(SET, .a = 1, .value = 0);
	ADD(ADD, .a = 1, .b = 1, .value = 1);
	ADD(WRITE, .flags = F_REGISTER | 3, .c = 1, .value = (uintptr_t)&counter);
	ADD(BRANCH, .flags = F_CONDITION(ALWAYS), .immediate = 1);
	counter.value = 0;
	dma_test_load(&device, &script);
	dma_test_start(&device, 0);
}

static void check_stop(void)
{
	start_counting();
	bool runs = within_deadline(counter.value > 100);
	report("a running script is RUNNING", runs && DT_STATE(dma_test_read(&device, DT_STATUS)) == DT_RUNNING);
	dma_test_write(&device, DT_DOORBELL, 0);
	report("the doorbell of a running one is an overrun, and ignored",
		   dma_test_read(&device, DT_INTERRUPT_CAUSE) == DT_CAUSE_OVERRUN && dma_test_read(&device, DT_SEQUENCE) == device.sequence);
	dma_test_write(&device, DT_INTERRUPT_CAUSE, DT_CAUSE_OVERRUN);
	dma_test_write(&device, DT_CONTROL, DT_STOP);
	report("STOP stops it", DT_STATE(dma_test_wait(&device)) == DT_STOPPED);
	report_equal("with its cause", dma_test_read(&device, DT_INTERRUPT_CAUSE), DT_CAUSE_STOPPED);
	uint64_t last = counter.value;
	report("what it wrote last is its register", last == dma_test_get(&device, 1) || last + 1 == dma_test_get(&device, 1));
	delay_us(100);
	report("and it writes no more", counter.value == last);
}

static bool is_clear(void)
{
	return dma_test_read(&device, DT_STATUS) == 0 && dma_test_read(&device, DT_INTERRUPT_CAUSE) == 0 && dma_test_read(&device, DT_SEQUENCE) == 0
		   && dma_test_get(&device, 1) == 0 && dma_test_read64(&device, DT_EXECUTED) == 0 && dma_test_read(&device, DT_SCRIPT) == 0;
}

static void check_reset_in_flight(void)
{
	bool clear = true, silent = true, fresh = true;
	for (unsigned i = 0; i < 300 && clear && silent && fresh; i++) {
		start_counting();
		within_deadline(counter.value > i % 50);
		dma_test_reset(&device);
		uint64_t last = counter.value;
		clear = is_clear();

		// The next one, at once, at the same place: the old one never comes back over it.
		begin_script();
		ADD(WRITE, .flags = 3, .immediate = -7, .value = (uintptr_t)&counter);
		ADD(END);
		silent = counter.value == last;
		fresh = run_script() && counter.value == (uint64_t)-7 && dma_test_read(&device, DT_SEQUENCE) == 1;
	}
	report("reset while it runs, 300 times: all registers are as after reset", clear);
	report("the old script writes no more", silent);
	report("and the next one starts anew", fresh);
}

// Reset right behind the doorbell: whether it had begun or not, it has not happened afterwards.
static void check_reset_at_once(void)
{
	bool ok = true;
	for (unsigned i = 0; i < 1000 && ok; i++) {
		counter.value = 0;
		begin_script();
		ADD(DELAY, .immediate = (int32_t)(i * 16 % 5000));
		ADD(WRITE, .flags = 3, .immediate = 1, .value = (uintptr_t)&counter);
		ADD(END);
		dma_test_load(&device, &script);
		dma_test_start(&device, 0);
		dma_test_reset(&device);
		uint64_t seen = counter.value;
		ok = is_clear();
		delay_us(5);
		ok = ok && counter.value == seen && is_clear();
	}
	report("reset right behind the doorbell, 1000 times", ok);
}

static void check_long_ones(void)
{
	begin_script();
	ADD(WAIT, .flags = 3, .immediate = 1, .value = (uintptr_t)&counter);
	ADD(END);
	counter.value = 0;
	bool ok = true;
	for (unsigned i = 0; i < 50 && ok; i++) {
		dma_test_load(&device, &script);
		dma_test_start(&device, 0);
		delay_us(i * 4);
		dma_test_reset(&device);
		ok = is_clear();
	}
	report("reset during a WAIT", ok);

	dma_test_load(&device, &script);
	dma_test_start(&device, 0);
	dma_test_write(&device, DT_CONTROL, DT_STOP);
	report("STOP during a WAIT", DT_STATE(dma_test_wait(&device)) == DT_STOPPED);

	begin_script();
	ADD(SET, .a = 1, .value = 0x2000000);
	ADD(COPY, .c = 1, .immediate = 0x100000, .value = 0x2180000);
	ADD(BRANCH, .flags = F_CONDITION(ALWAYS), .immediate = 0);
	for (unsigned i = 0; i < 50 && ok; i++) {
		dma_test_load(&device, &script);
		dma_test_start(&device, 0);
		delay_us(i * 10);
		dma_test_reset(&device);
		ok = is_clear();
	}
	report("reset during a COPY", ok);
}

void check_resets(void)
{
	dma_test_reset(&device);
	check_stop();
	check_reset_in_flight();
	check_reset_at_once();
	check_long_ones();
	dma_test_reset(&device);
}
