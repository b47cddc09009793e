// Instructions that reckon and jump, and how a script ends.
#include "parts.h"

static const uint64_t left = 0xF123456789ABCDEF, right = 0x0000000500000003;

static void check_arithmetic(void)
{
	static const struct { uint8_t opcode; const char *name; } operations[] = {
		{ OP_SET, "SET" }, { OP_ADD, "ADD" }, { OP_SUB, "SUB" }, { OP_AND, "AND" }, { OP_OR, "OR" }, { OP_XOR, "XOR" },
		{ OP_SHL, "SHL" }, { OP_SHR, "SHR" }, { OP_MUL, "MUL" },
	};
	const uint64_t results[] = { right, left + right, left - right, left & right, left | right, left ^ right, left << 3, left >> 3, left * right };
	for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++) {
		begin_script();
		ADD(SET, .a = 1, .value = left);
		ADD(SET, .a = 2, .value = right);
		struct dma_test_instruction by_value = { .opcode = operations[i].opcode, .a = 3, .b = 1, .value = right };
		struct dma_test_instruction by_register = { .opcode = operations[i].opcode, .flags = F_REGISTER, .a = 4, .b = 1, .c = 2 };
		dma_test_add(&script, by_value);
		dma_test_add(&script, by_register);
		ADD(END);
		bool ok = run_script() && dma_test_get(&device, 3) == results[i] && dma_test_get(&device, 4) == results[i];
		report(operations[i].name, ok);
	}
}

static bool jumps(enum dma_test_condition condition, uint64_t a, uint64_t b, bool by_register)
{
	begin_script();
	ADD(SET, .a = 1, .value = a);
	ADD(SET, .a = 2, .value = b);
	ADD(SET, .a = 3, .value = 0);
	ADD(BRANCH, .flags = (uint8_t)(F_CONDITION(condition) | (by_register ? F_REGISTER : 0)), .a = 1, .c = 2, .immediate = 5, .value = b);
	ADD(SET, .a = 3, .value = 1);
	ADD(END);
	run_script();
	return dma_test_get(&device, 3) == 0;
}

static void check_branches(void)
{
	static const uint64_t values[] = { 0, 1, 2, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, UINT64_MAX };
	bool ok = true;
	for (unsigned i = 0; i < 36; i++) {
		uint64_t a = values[i / 6], b = values[i % 6];
		const bool holds[] = { a == b, a != b, a < b, a >= b, (int64_t)a < (int64_t)b, (int64_t)a >= (int64_t)b, true };
		for (unsigned condition = 0; condition < 7 && ok; condition++) {
			ok = jumps((enum dma_test_condition)condition, a, b, (i & 1) != 0) == holds[condition];
		}
	}
	report("BRANCH: seven conditions of 64-bit numbers", ok);

	begin_script();
	ADD(SET, .a = 1, .value = 1000);
	ADD(ADD, .a = 2, .b = 2, .value = 3);
	ADD(LOOP, .a = 1, .immediate = 1);
	ADD(END);
	dma_test_set(&device, 2, 5);
	report("LOOP: a thousand times", run_script() && dma_test_get(&device, 2) == 3005 && dma_test_get(&device, 1) == 0);
	report_equal("EXECUTED counts instructions", dma_test_read64(&device, DT_EXECUTED), 1 + 2000 + 1);
}

static void check_endings(void)
{
	begin_script();
	ADD(DELAY, .immediate = 65535);
	ADD(DELAY, .immediate = 0);
	ADD(WMB);
	ADD(RMB);
	ADD(MB);
	ADD(END);
	report("DELAY and the barriers", run_script() && DT_SLOT(dma_test_read(&device, DT_STATUS)) == 5);

	begin_script();
	ADD(END);
	script.slots[7] = (struct dma_test_instruction){ .opcode = OP_SET, .a = 5, .value = 77 };
	script.count = 9;
	dma_test_load(&device, &script);
	uint32_t sequence = dma_test_read(&device, DT_SEQUENCE);
	dma_test_start(&device, 7);
	uint32_t status = dma_test_wait(&device);
	report("the doorbell says where it starts", DT_STATE(status) == DT_WAS_DONE && DT_SLOT(status) == 8 && dma_test_get(&device, 5) == 77);
	report_equal("SEQUENCE counts scripts", dma_test_read(&device, DT_SEQUENCE) - sequence, 1);

	begin_script();
	ADD(SET, .a = 1, .value = 1);
	dma_test_add(&script, (struct dma_test_instruction){ .opcode = 0x7F });
	report("an unknown opcode fails", fails(DT_OPCODE, 1));
	begin_script();
	ADD(BRANCH, .flags = F_CONDITION(7), .immediate = 0);
	report("the reserved condition fails", fails(DT_OPERAND, 0));
	begin_script();
	ADD(BRANCH, .flags = F_CONDITION(ALWAYS), .immediate = 128);
	uint32_t wrong = dma_test_run(&device, &script);
	report("a jump to a slot that is not there fails", DT_STATE(wrong) == DT_FAILED && DT_ERROR(wrong) == DT_TARGET);
	begin_script();
	for (unsigned i = 0; i < DT_SLOTS; i++) {
		ADD(WMB);
	}
	wrong = dma_test_run(&device, &script);
	report("a script that runs past its last slot fails", DT_STATE(wrong) == DT_FAILED && DT_ERROR(wrong) == DT_TARGET);

	begin_script();
	ADD(BRANCH, .flags = F_CONDITION(ALWAYS), .immediate = 0);
	dma_test_write(&device, DT_INSTRUCTION_LIMIT, 5000);
	report("INSTRUCTION_LIMIT ends a loop", fails(DT_LIMIT, 0) && dma_test_read64(&device, DT_EXECUTED) == 5000);
	dma_test_write(&device, DT_INSTRUCTION_LIMIT, UINT32_MAX);

	begin_script();
	ADD(SET, .a = 1, .value = 1);
	ADD(WAIT, .flags = 2 | F_CONDITION(IF_EQUAL), .a = 2, .immediate = 1, .value = (uintptr_t)arena);
	ADD(END);
	memset(arena, 0, 8);
	dma_test_write(&device, DT_WAIT_LIMIT, 1000);
	report("WAIT_LIMIT ends a WAIT", fails(DT_WAITED, 1));
	dma_test_write(&device, DT_WAIT_LIMIT, 0x10000000);
}

static void check_record(void)
{
	static struct dma_test_record record;
	dma_test_use_record(&device, &record);
	bool ok = true;
	for (unsigned i = 0; i < 500 && ok; i++) {
		begin_script();
		for (unsigned r = 0; r < 5; r++) {
			ADD(SET, .a = (uint8_t)r, .value = i * 1000ull + r);
		}
		ADD(END);
		dma_test_load(&device, &script);
		dma_test_start(&device, 0);
		ok = dma_test_wait_record(&device, &record);
		for (unsigned r = 0; r < 5; r++) {
			ok = ok && record.registers[r] == i * 1000ull + r;
		}
		ok = ok && DT_STATE(record.status) == DT_WAS_DONE && record.executed == 6;
		// The doorbell may be rung again now, though nobody has read a register.
	}
	report("the record tells of a script without a register being read, 500 times", ok);
	begin_script();
	ADD(WRITE, .flags = 2, .value = 0xE0000000);
	ADD(END);
	dma_test_load(&device, &script);
	dma_test_start(&device, 0);
	report("of a failed one too", dma_test_wait_record(&device, &record) && DT_STATE(record.status) == DT_FAILED && record.fault_address == 0xE0000000);
	report_equal("and is what STATUS says", dma_test_wait(&device), record.status);
	dma_test_use_record(&device, NULL);
}

void check_instructions(void)
{
	check_arithmetic();
	check_branches();
	check_endings();
	check_record();
	dma_test_reset(&device);
}
