// A byte-code interpreter: one loop, one switch, a stack; indirect jumps that are hard to foretell.
//
// The program it runs counts down an outer and an inner counter and mixes them into an accumulator, storing some
// of it in a small memory.
#include "bench.h"

const char benchmark_name[] = "bytecode";
const uint32_t benchmark_rounds = 120;
const uint32_t benchmark_checksum = 0xef6e6c98;

enum operation {
	PUSH,      // byte: pushes it
	LOAD,      // byte: pushes a variable
	STORE,     // byte: pops into a variable
	ADD, SUB, XOR, MUL, SHIFT_LEFT, SHIFT_RIGHT, DUP, SWAP, DROP,
	PEEK,      // pops an index, pushes memory
	POKE,      // pops an index and a value
	JUMP_IF,   // byte: backwards by so many, from the next instruction, if the popped value is not 0
	SKIP_ODD,  // byte: forwards by so many if the popped value is odd
	HALT,
};

enum variable { OUTER, INNER, SUM };

static const uint8_t program[] = {
	PUSH, 200, STORE, OUTER,
	// outer:
	PUSH, 250, STORE, INNER,
	// inner: sum = (sum ^ (sum << 3)) + inner * outer
	LOAD, SUM, DUP, PUSH, 3, SHIFT_LEFT, XOR, LOAD, INNER, LOAD, OUTER, MUL, ADD, STORE, SUM,
	// if even: sum ^= memory[sum >> 7]
	LOAD, SUM, SKIP_ODD, 11, LOAD, SUM, PUSH, 7, SHIFT_RIGHT, PEEK, LOAD, SUM, XOR, STORE, SUM,
	// memory[inner] = sum
	LOAD, SUM, LOAD, INNER, POKE,
	// while (--inner)
	LOAD, INNER, PUSH, 1, SUB, DUP, STORE, INNER, JUMP_IF, 45,
	// while (--outer)
	LOAD, OUTER, PUSH, 1, SUB, DUP, STORE, OUTER, JUMP_IF, 59,
	HALT,
};

static uint32_t stack[32], variables[4], memory[256];

__attribute__((noinline)) static void interpret(const uint8_t *pc)
{
	uint32_t *sp = stack;
	for (;;) {
		switch (*pc++) {
		case PUSH: *sp++ = *pc++; break;
		case LOAD: *sp++ = variables[*pc++]; break;
		case STORE: variables[*pc++] = *--sp; break;
		case ADD: sp--; sp[-1] += *sp; break;
		case SUB: sp--; sp[-1] -= *sp; break;
		case XOR: sp--; sp[-1] ^= *sp; break;
		case MUL: sp--; sp[-1] *= *sp; break;
		case SHIFT_LEFT: sp--; sp[-1] <<= *sp & 31; break;
		case SHIFT_RIGHT: sp--; sp[-1] >>= *sp & 31; break;
		case DUP: *sp = sp[-1]; sp++; break;
		case SWAP: { uint32_t t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break; }
		case DROP: sp--; break;
		case PEEK: sp[-1] = memory[sp[-1] & 255]; break;
		case POKE: sp -= 2; memory[sp[1] & 255] = *sp; break;
		case JUMP_IF: { uint8_t back = *pc++; if (*--sp != 0) { pc -= back; } break; }
		case SKIP_ODD: { uint8_t ahead = *pc++; if ((*--sp & 1) != 0) { pc += ahead; } break; }
		default: return;
		}
	}
}

uint32_t benchmark(uint32_t rounds)
{
	variables[SUM] = 1;
	for (unsigned i = 0; i < 256; i++) {
		memory[i] = i * 2654435761u;
	}
	for (uint32_t round = 0; round < rounds; round++) {
		interpret(program);
	}
	return variables[SUM] ^ memory[100];
}
