// What the parts of the monitor know of each other.
#pragma once

#include "guest.h"

#define LINE_SIZE 200 // characters, with the terminating 0
#define MAX_WORDS 8

struct command {
	const char *name, *arguments, *summary;
	void (*run)(int count, char **words);
};

extern const struct command commands[];
extern const unsigned command_count;

/// Reads a line with editing and history. Returns false at Ctrl-D on an empty line.
bool line_read(const char *prompt, char *line);

/// Splits into words and runs the command.
void command_run(char *line);

/// Reads a number, decimal or 0x…; prints what is wrong and returns false if it is none or above `limit`.
bool parse_number(const char *text, uint64_t limit, uint64_t *value);

void banner_print(void);

// The commands that are not in commands.c.
void command_cpuid(int count, char **words);
void command_in(int count, char **words);
void command_int(int count, char **words);
void command_mem(int count, char **words);
void command_out(int count, char **words);
void command_pci(int count, char **words);
void command_peek(int count, char **words);
void command_poke(int count, char **words);
void command_time(int count, char **words);
