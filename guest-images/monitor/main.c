// The monitor: an interactive guest to look around a machine with. five-devices has it too, behind its own work.
//
//   main.c      the loop
//   line.c      line editing and history
//   commands.c  the table of commands, help, exit, int
//   memory.c    mem, peek, poke, in, out
//   machine.c   the banner, cpuid, pci, time
#include "monitor.h"

int main(void)
{
	console_enable_input();
	banner_print();
	char line[LINE_SIZE];
	while (line_read("monitor> ", line)) {
		command_run(line);
	}
	return 0;
}
