// A driver for dma-test, the function that moves data as it is told (docs/devices/dma-test.md).
//
// It shows what a driver owes a device: a write barrier between what it hands over and the doorbell, a read barrier between
// the word that hands something back and what that is, a register read before it believes what an INTx announced.
#pragma once

#include "guest.h"

enum dma_test_register {
	DT_ID = 0x00, DT_CAPABILITIES = 0x04, DT_CONTROL = 0x08, DT_STATUS = 0x0C, DT_FAULT_ADDRESS = 0x10, DT_DOORBELL = 0x18,
	DT_INSTRUCTION_LIMIT = 0x1C, DT_WAIT_LIMIT = 0x20, DT_SEQUENCE = 0x24, DT_RECORD_ADDRESS = 0x28, DT_INTERRUPT_CAUSE = 0x30,
	DT_INTERRUPT_ENABLE = 0x34, DT_INTERRUPT_VECTOR = 0x38, DT_SCRIPT_INDEX = 0x3C, DT_SCRIPT_DATA = 0x40, DT_REFUSED = 0x44,
	DT_EXECUTED = 0x48, DT_SCRATCH = 0x50, DT_R0 = 0x80, DT_SCRIPT = 0x800,
};

enum { DT_RESET = 1, DT_STOP = 2, DT_WITH_RECORD = 0x100 }; // CONTROL
enum dma_test_state { DT_IDLE, DT_RUNNING, DT_WAS_DONE, DT_FAILED, DT_STOPPED };
enum dma_test_refusal { DT_NOT_MASTER = 1, DT_UNASSIGNED, DT_REGISTERS };
enum dma_test_error { DT_REFUSED_DMA = 1, DT_OPCODE, DT_OPERAND, DT_TARGET, DT_LIMIT, DT_WAITED, DT_RECORD_REFUSED };
enum dma_test_cause { DT_CAUSE_DONE = 1, DT_CAUSE_FAILED = 2, DT_CAUSE_STOPPED = 4, DT_CAUSE_OVERRUN = 8, DT_CAUSE_RAISED = 0x100 };

#define DT_STATE(status) ((status) & 7)
#define DT_DMA(status) ((status) >> 4 & 15)
#define DT_ERROR(status) ((status) >> 8 & 0xFF)
#define DT_SLOT(status) ((status) >> 16 & 0x7F)

enum dma_test_opcode {
	OP_END = 0x00, OP_DELAY = 0x01, OP_WRITE = 0x10, OP_READ, OP_PUBLISH, OP_WAIT, OP_RECORD, OP_WMB = 0x20, OP_RMB, OP_MB,
	OP_SET = 0x30, OP_ADD, OP_SUB, OP_AND, OP_OR, OP_XOR, OP_SHL, OP_SHR, OP_MUL, OP_BRANCH = 0x40, OP_LOOP,
	OP_LOAD = 0x50, OP_STORE, OP_COPY, OP_FILL, OP_CHECKSUM, OP_COMPARE, OP_TORN, OP_GATHER, OP_SCATTER, OP_RAISE = 0x60, OP_MESSAGE,
};

enum dma_test_flag { F_REGISTER = 4, F_BASE = 8, F_RELAXED = 0x10 }; // beside the size: 0, 1, 2, 3 for 1, 2, 4, 8 bytes
enum dma_test_condition { IF_EQUAL, IF_NOT_EQUAL, IF_BELOW, IF_AT_LEAST, IF_LESS, IF_NOT_LESS, ALWAYS };
#define F_CONDITION(condition) ((condition) << 5)

struct dma_test_instruction {
	uint8_t opcode, flags;
	uint8_t a : 4, b : 4;
	uint8_t c;
	int32_t immediate;
	uint64_t value;
};

enum { DT_SLOTS = 128, DT_BUFFER = 4096 };
struct dma_test_script { struct dma_test_instruction slots[DT_SLOTS]; unsigned count; };

/// Appends an instruction, written as in the data sheet: ADD_TO(script, WRITE, .flags = 2, .immediate = 1, .value = x). Returns its slot.
#define ADD_TO(script, operation, ...)                                                                       \
	dma_test_add((script), (struct dma_test_instruction){ .opcode = OP_##operation, __VA_ARGS__ })
unsigned dma_test_add(struct dma_test_script *script, struct dma_test_instruction instruction);

/// What the function writes at the end of a script.
struct dma_test_record {
	uint32_t status, sequence;
	uint64_t fault_address, executed, registers[5];
} __attribute__((aligned(64)));

struct dma_test {
	struct pci_function pci;
	volatile uint32_t *registers;
	uint16_t ports;
	struct msix msix;
	uint32_t sequence; // of the last script started
};

/// Opens the `index`-th one: finds its registers, resets it, lets it master the bus. Its interrupts are off.
bool dma_test_open(unsigned index, struct dma_test *device);

uint32_t dma_test_read(const struct dma_test *device, unsigned offset);
void dma_test_write(const struct dma_test *device, unsigned offset, uint32_t value);
uint64_t dma_test_read64(const struct dma_test *device, unsigned offset);
void dma_test_write64(const struct dma_test *device, unsigned offset, uint64_t value);

static inline uint64_t dma_test_get(const struct dma_test *device, unsigned number)
{
	return dma_test_read64(device, DT_R0 + number * 8);
}

static inline void dma_test_set(const struct dma_test *device, unsigned number, uint64_t value)
{
	dma_test_write64(device, DT_R0 + number * 8, value);
}

void dma_test_reset(struct dma_test *device);

/// Bus mastering, the command register's bit 2.
void dma_test_master(const struct dma_test *device, bool on);

/// Puts a script into the function, and starts it: everything stored before is visible to it.
void dma_test_load(const struct dma_test *device, const struct dma_test_script *script);
void dma_test_start(struct dma_test *device, unsigned slot);

/// Waits, by reading STATUS, until the script is no longer running; returns STATUS. What the script wrote is visible.
uint32_t dma_test_wait(const struct dma_test *device);

/// Has it write a record at the end of each script, or none if null.
void dma_test_use_record(struct dma_test *device, struct dma_test_record *record);

/// Waits for the record of the script last started, without touching a register; what the script wrote is visible.
bool dma_test_wait_record(const struct dma_test *device, const struct dma_test_record *record);

/// Loads a script, runs it from slot 0 and waits; returns STATUS.
uint32_t dma_test_run(struct dma_test *device, const struct dma_test_script *script);
