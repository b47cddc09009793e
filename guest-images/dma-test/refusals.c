// DMA that is refused: each is reported with what and where, and the machine goes on.
#include "parts.h"

enum { Unassigned = 0x50000000 };

static uint32_t refused;

// The script just built is refused at this address; the function counts it.
static bool is_refused(enum dma_test_refusal why, uint64_t address)
{
	uint32_t status = dma_test_run(&device, &script), count = dma_test_read(&device, DT_REFUSED);
	bool counted = count == refused + 1;
	refused = count;
	return DT_STATE(status) == DT_FAILED && DT_ERROR(status) == DT_REFUSED_DMA && DT_DMA(status) == (uint32_t)why
		   && dma_test_read64(&device, DT_FAULT_ADDRESS) == address && counted;
}

// A store, then a load.
static bool word_is_refused(enum dma_test_refusal why, uint64_t address)
{
	begin_script();
	ADD(WRITE, .flags = 2, .immediate = -1, .value = address);
	ADD(END);
	bool store = is_refused(why, address);
	begin_script();
	ADD(READ, .flags = 2, .value = address);
	ADD(END);
	return is_refused(why, address) && store;
}

static void check_addresses(void)
{
	report("refused: where nothing is", word_is_refused(DT_UNASSIGNED, Unassigned));
	report("refused: far above", word_is_refused(DT_UNASSIGNED, 0x0001000000000000) && word_is_refused(DT_UNASSIGNED, UINT64_MAX - 3));

	uint64_t own = (uintptr_t)device.registers;
	uint32_t sequence = dma_test_read(&device, DT_SEQUENCE);
	report("refused: its own doorbell", word_is_refused(DT_REGISTERS, own + DT_DOORBELL));
	report_equal("refused: the doorbell has not rung", dma_test_read(&device, DT_SEQUENCE), sequence + 2);
	report("refused: its own message table", word_is_refused(DT_REGISTERS, (uintptr_t)device.msix.table));
	report("refused: the APICs", word_is_refused(DT_REGISTERS, APIC_ADDRESS + APIC_EOI) && word_is_refused(DT_REGISTERS, IOAPIC_ADDRESS));
	if (second.registers != NULL) {
		uint32_t before = dma_test_read(&second, DT_SCRATCH);
		report("refused: another function's registers", word_is_refused(DT_REGISTERS, (uintptr_t)second.registers + DT_SCRATCH));
		report_equal("refused: which stay as they are", dma_test_read(&second, DT_SCRATCH), before);
	} else {
		report_skip("refused: another function's registers", "there is one function");
	}
}

// The host bridge makes memory out of the segment at 0xC8000, then a ROM (82441FX data sheet, PAM2).
static void check_rom(void)
{
	enum { Pam2 = 0x5B, ReadOnly = 1, ReadWrite = 3 };
	struct pci_function bridge = { 0, 0, 0 };
	volatile uint32_t *rom = (volatile uint32_t *)(uintptr_t)0xC8000;
	__asm__("" : "+r"(rom)); // not part of any object that the compiler knows
	uint8_t old = pci_read8(bridge, Pam2);
	pci_write8(bridge, Pam2, (uint8_t)((old & 0xF0) | ReadWrite));
	*rom = 0x12345678;
	pci_write8(bridge, Pam2, (uint8_t)((old & 0xF0) | ReadOnly));
	begin_script();
	ADD(READ, .flags = 2, .a = 1, .value = (uintptr_t)rom);
	ADD(END);
	report("a ROM can be read", run_script() && dma_test_get(&device, 1) == 0x12345678);
	begin_script();
	ADD(WRITE, .flags = 2, .immediate = 0, .value = (uintptr_t)rom);
	ADD(END);
	report("refused: writing it", is_refused(DT_UNASSIGNED, (uintptr_t)rom) && *rom == 0x12345678);
	pci_write8(bridge, Pam2, old);
}

static void check_every_access(void)
{
	struct { uint64_t address; uint32_t length, zero; } list[2] = { { (uintptr_t)arena, 8, 0 }, { Unassigned, 8, 0 } };
	const struct dma_test_instruction accesses[] = {
		{ .opcode = OP_WRITE, .flags = 3, .value = Unassigned },
		{ .opcode = OP_WRITE, .flags = 3 | F_RELAXED, .value = Unassigned },
		{ .opcode = OP_READ, .flags = 1, .value = Unassigned },
		{ .opcode = OP_PUBLISH, .flags = 2, .value = Unassigned },
		{ .opcode = OP_WAIT, .flags = 2, .value = Unassigned },
		{ .opcode = OP_RECORD, .flags = 2, .immediate = 1, .value = Unassigned },
		{ .opcode = OP_LOAD, .immediate = 100, .value = Unassigned },
		{ .opcode = OP_STORE, .immediate = 100, .value = Unassigned },
		{ .opcode = OP_COPY, .c = 1, .immediate = 100, .value = Unassigned },
		{ .opcode = OP_GATHER, .immediate = 2, .value = Unassigned },
		{ .opcode = OP_GATHER, .immediate = 2, .value = (uintptr_t)list },
		{ .opcode = OP_SCATTER, .immediate = 2, .value = (uintptr_t)list },
	};
	bool all = true;
	memset(arena, 0x33, 16);
	dma_test_set(&device, 1, (uintptr_t)arena);
	for (unsigned i = 0; i < sizeof accesses / sizeof *accesses; i++) {
		begin_script();
		dma_test_add(&script, accesses[i]);
		ADD(END);
		if (!is_refused(DT_UNASSIGNED, Unassigned)) {
			report_fail("refused: every kind of access", "number %u: status 0x%x, address 0x%llx", i, dma_test_read(&device, DT_STATUS),
						(unsigned long long)dma_test_read64(&device, DT_FAULT_ADDRESS));
			all = false;
		}
	}
	if (all) {
		report("refused: every kind of access", true);
	}

	begin_script();
	ADD(END);
	dma_test_write64(&device, DT_RECORD_ADDRESS, Unassigned);
	dma_test_write(&device, DT_CONTROL, DT_WITH_RECORD);
	uint32_t status = dma_test_run(&device, &script);
	report("refused: a completion record", DT_STATE(status) == DT_FAILED && DT_ERROR(status) == DT_RECORD_REFUSED && DT_DMA(status) == DT_UNASSIGNED);
	dma_test_use_record(&device, NULL);
	refused = dma_test_read(&device, DT_REFUSED);
}

static uint64_t end_of_memory(void)
{
	uint64_t end = 0;
	for (const struct multiboot_memory *m = multiboot_next_memory(NULL); m != NULL; m = multiboot_next_memory(m)) {
		if (m->base < 0x40000000 && m->base + m->length > end) {
			end = m->base + m->length;
		}
	}
	return end;
}

static void check_end_of_memory(void)
{
	uint64_t end = end_of_memory();
	begin_script();
	ADD(READ, .flags = 3, .a = 1, .value = end - 8);
	ADD(END);
	report("the last word of memory is there", run_script());
	begin_script();
	ADD(READ, .flags = 3, .a = 1, .value = end - 4);
	ADD(END);
	uint32_t status = dma_test_run(&device, &script);
	report("refused: a word across the end of memory", DT_STATE(status) == DT_FAILED && DT_DMA(status) == DT_UNASSIGNED);
	begin_script();
	ADD(LOAD, .immediate = 4096, .value = end - 2048);
	ADD(END);
	status = dma_test_run(&device, &script);
	report("refused: many bytes across it", DT_STATE(status) == DT_FAILED && DT_DMA(status) == DT_UNASSIGNED);
	refused = dma_test_read(&device, DT_REFUSED);
}

static void check_mastering(void)
{
	volatile uint32_t *counter = (volatile uint32_t *)arena;
	*counter = 0;
	dma_test_master(&device, false);
	begin_script();
	ADD(WRITE, .flags = 2, .immediate = 1, .value = (uintptr_t)counter);
	ADD(END);
	report("refused: without bus mastering", is_refused(DT_NOT_MASTER, (uintptr_t)counter) && *counter == 0);
	dma_test_master(&device, true);
	report("and done with it", run_script() && *counter == 1);

	// Taken away while it runs, fifty times: it stops at a word, and the word is whole.
	bool stopped = true;
	begin_script();
	ADD(SET, .a = 1, .value = 0);
	ADD(ADD, .a = 1, .b = 1, .value = 0x0000000100000001);
	ADD(WRITE, .flags = F_REGISTER | 3, .c = 1, .value = (uintptr_t)counter);
	ADD(BRANCH, .flags = F_CONDITION(ALWAYS), .immediate = 1);
	dma_test_load(&device, &script);
	for (unsigned i = 0; i < 50 && stopped; i++) {
		memset(arena, 0, 8);
		dma_test_start(&device, 0);
		within_deadline(*counter > 10);
		dma_test_master(&device, false);
		uint32_t status = dma_test_wait(&device);
		uint64_t last = *(volatile uint64_t *)counter;
		stopped = DT_STATE(status) == DT_FAILED && DT_DMA(status) == DT_NOT_MASTER && (uint32_t)last == last >> 32;
		dma_test_master(&device, true);
		stopped = stopped && *(volatile uint64_t *)counter == last;
	}
	report("refused: bus mastering taken away from a running script", stopped);
}

void check_refusals(void)
{
	dma_test_reset(&device);
	refused = 0;
	check_addresses();
	check_rom();
	check_every_access();
	check_end_of_memory();
	check_mastering();
	begin_script();
	ADD(END);
	report("refused: the machine goes on", run_script());
	dma_test_reset(&device);
	report_equal("reset forgets what was refused", dma_test_read(&device, DT_REFUSED), 0);
}
