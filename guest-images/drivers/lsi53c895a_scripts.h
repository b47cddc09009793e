// SCRIPTS, assembled by C (LSI53C895A technical manual, chapter 5).
//
// A script is written by calling one function an instruction. A label is an index that the caller names; a script with labels ahead
// of it is assembled twice, and has all of them the second time. Addresses are of the bus: RAM's own, or that of the chip's script RAM.
#pragma once

#include <stdint.h>

#include "lsi53c895a_registers.h"

enum lsi_phase {
	LSI_DATA_OUT = 0, LSI_DATA_IN = 1, LSI_COMMAND = 2, LSI_STATUS = 3, LSI_MSG_OUT = 6, LSI_MSG_IN = 7,
};

enum { LSI_LABELS = 48 };

struct lsi_script {
	uint32_t *words; // where it is assembled
	uint32_t bus;    // where it is executed
	unsigned count;  // words so far
	uint32_t labels[LSI_LABELS];
};

static inline void lsi_word(struct lsi_script *script, uint32_t word) { script->words[script->count++] = word; }

static inline void lsi_instruction(struct lsi_script *script, uint32_t opcode, uint32_t argument)
{
	lsi_word(script, opcode);
	lsi_word(script, argument);
}

/// The bus address of the next instruction.
static inline uint32_t lsi_here(const struct lsi_script *script) { return script->bus + script->count * 4; }

/// Begins it anew, with the labels that it has.
static inline void lsi_begin(struct lsi_script *script, void *words, uint32_t bus)
{
	script->words = words;
	script->bus = bus;
	script->count = 0;
}

static inline void lsi_label(struct lsi_script *script, unsigned label) { script->labels[label] = lsi_here(script); }

// Block moves, 5.3. Each WHEN the target asks for that phase.

/// MOVE count, address
static inline void lsi_move(struct lsi_script *script, enum lsi_phase phase, uint32_t count, uint32_t address)
{
	lsi_instruction(script, 0x08000000u | (uint32_t)phase << 24 | count, address);
}

/// MOVE count, PTR address: the address of the data is there
static inline void lsi_move_indirect(struct lsi_script *script, enum lsi_phase phase, uint32_t count, uint32_t address)
{
	lsi_instruction(script, 0x28000000u | (uint32_t)phase << 24 | count, address);
}

/// MOVE FROM offset: count and address are at DSA + offset
static inline void lsi_move_from(struct lsi_script *script, enum lsi_phase phase, int32_t offset)
{
	lsi_instruction(script, 0x18000000u | (uint32_t)phase << 24, (uint32_t)offset);
}

// I/O, 5.4

/// SELECT ATN id, otherwise: where to go if it is selected or reselected meanwhile
static inline void lsi_select(struct lsi_script *script, unsigned id, uint32_t otherwise)
{
	lsi_instruction(script, 0x41000000u | id << 16, otherwise);
}

/// SELECT ATN FROM offset, otherwise
static inline void lsi_select_from(struct lsi_script *script, int32_t offset, uint32_t otherwise)
{
	lsi_instruction(script, 0x43000000u | ((uint32_t)offset & 0xFFFFFF), otherwise);
}

static inline void lsi_wait_disconnect(struct lsi_script *script) { lsi_instruction(script, 0x48000000u, 0); }

/// WAIT RESELECT otherwise: where to go when SIGP is set
static inline void lsi_wait_reselect(struct lsi_script *script, uint32_t otherwise) { lsi_instruction(script, 0x50000000u, otherwise); }

enum lsi_set { LSI_SET_ATN = 1 << 3, LSI_SET_ACK = 1 << 6, LSI_SET_TARGET = 1 << 9, LSI_SET_CARRY = 1 << 10 };

static inline void lsi_set(struct lsi_script *script, unsigned what) { lsi_instruction(script, 0x58000000u | what, 0); }
static inline void lsi_clear(struct lsi_script *script, unsigned what) { lsi_instruction(script, 0x60000000u | what, 0); }

// Read, write, modify, 5.5

enum lsi_operator { LSI_DATA = 0, LSI_SHL = 1, LSI_OR = 2, LSI_XOR = 3, LSI_AND = 4, LSI_SHR = 5, LSI_ADD = 6, LSI_ADDC = 7 };

static inline void lsi_alu(struct lsi_script *script, uint32_t opcode, unsigned register_, enum lsi_operator operator_, uint8_t data)
{
	lsi_instruction(script, opcode | (uint32_t)operator_ << 24 | (register_ & 0x7Fu) << 16 | (uint32_t)data << 8 | (register_ & 0x80u), 0);
}

/// MOVE register operator data TO register
static inline void lsi_modify(struct lsi_script *script, unsigned register_, enum lsi_operator operator_, uint8_t data)
{
	lsi_alu(script, 0x78000000u, register_, operator_, data);
}

/// MOVE register operator SFBR TO register
static inline void lsi_modify_by_sfbr(struct lsi_script *script, unsigned register_, enum lsi_operator operator_)
{
	lsi_alu(script, 0x78800000u, register_, operator_, 0);
}

/// MOVE register operator data TO SFBR
static inline void lsi_to_sfbr(struct lsi_script *script, unsigned register_, enum lsi_operator operator_, uint8_t data)
{
	lsi_alu(script, 0x70000000u, register_, operator_, data);
}

/// MOVE SFBR operator data TO register
static inline void lsi_from_sfbr(struct lsi_script *script, unsigned register_, enum lsi_operator operator_, uint8_t data)
{
	lsi_alu(script, 0x68000000u, register_, operator_, data);
}

// Transfer control, 5.6: JUMP, CALL, RETURN and INT, each if all that is asked is so, or is not.

enum lsi_control { LSI_JUMP = 0x80000000, LSI_CALL = 0x88000000, LSI_RETURN = 0x90000000, LSI_INT = 0x98000000, LSI_INTFLY = 0x98100000 };

enum lsi_condition {
	LSI_WHEN = 1 << 16, // waits for a phase first
	LSI_PHASE = 1 << 17, LSI_BYTE = 1 << 18, LSI_TRUE = 1 << 19, LSI_CARRY = 1 << 21, LSI_RELATIVE = 1 << 23,
};

#define LSI_ALWAYS LSI_TRUE
#define LSI_IF_PHASE(phase) (LSI_TRUE | LSI_PHASE | (uint32_t)(phase) << 24)
#define LSI_IF_NOT_PHASE(phase) (LSI_PHASE | (uint32_t)(phase) << 24)
#define LSI_WHEN_PHASE(phase) (LSI_IF_PHASE(phase) | LSI_WHEN)
#define LSI_WHEN_NOT_PHASE(phase) (LSI_IF_NOT_PHASE(phase) | LSI_WHEN)
#define LSI_MASK(mask) ((uint32_t)(mask) << 8) // bits of SFBR that do not count
#define LSI_IF_BYTE(byte) (LSI_TRUE | LSI_BYTE | (uint32_t)(byte))
#define LSI_IF_NOT_BYTE(byte) (LSI_BYTE | (uint32_t)(byte))

static inline void lsi_control(struct lsi_script *script, enum lsi_control what, uint32_t condition, uint32_t argument)
{
	lsi_instruction(script, (uint32_t)what | condition, argument);
}

static inline void lsi_jump(struct lsi_script *script, uint32_t condition, uint32_t address) { lsi_control(script, LSI_JUMP, condition, address); }
static inline void lsi_call(struct lsi_script *script, uint32_t address) { lsi_control(script, LSI_CALL, LSI_ALWAYS, address); }
static inline void lsi_return(struct lsi_script *script) { lsi_control(script, LSI_RETURN, LSI_ALWAYS, 0); }
static inline void lsi_int(struct lsi_script *script, uint32_t condition, uint32_t code) { lsi_control(script, LSI_INT, condition, code); }
static inline void lsi_intfly(struct lsi_script *script) { lsi_control(script, LSI_INTFLY, LSI_ALWAYS, 0); }

// Memory, 5.7 and 5.8. LOAD and STORE move 1 to 4 bytes that cross no dword; register and address are alike in their low two bits.

static inline void lsi_memory_move(struct lsi_script *script, uint32_t count, uint32_t from, uint32_t to)
{
	lsi_instruction(script, 0xC0000000u | count, from);
	lsi_word(script, to);
}

static inline void lsi_load(struct lsi_script *script, unsigned register_, unsigned count, uint32_t address)
{
	lsi_instruction(script, 0xE1000000u | register_ << 16 | count, address);
}

static inline void lsi_store(struct lsi_script *script, unsigned register_, unsigned count, uint32_t address)
{
	lsi_instruction(script, 0xE0000000u | register_ << 16 | count, address);
}

static inline void lsi_load_from(struct lsi_script *script, unsigned register_, unsigned count, int32_t offset)
{
	lsi_instruction(script, 0xF1000000u | register_ << 16 | count, (uint32_t)offset & 0xFFFFFF);
}

static inline void lsi_store_to(struct lsi_script *script, unsigned register_, unsigned count, int32_t offset)
{
	lsi_instruction(script, 0xF0000000u | register_ << 16 | count, (uint32_t)offset & 0xFFFFFF);
}
