// The table of commands, and those that are about the monitor itself.
#include "monitor.h"

static void command_exit(int count, char **words)
{
	uint64_t value = 0;
	if (count < 2 || parse_number(words[1], 0xFFFFFFFF, &value)) {
		exit_with((uint32_t)value);
	}
}

// Soft off, as ACPI has it: the type that the DSDT names, and the bit that enters it.
static void command_poweroff(int count, char **words)
{
	(void)count;
	(void)words;
	const struct acpi_fadt *fadt = acpi_table("FACP");
	int type = acpi_sleep_type(5);
	if (fadt == NULL || type < 0 || !acpi_enable(fadt, true)) {
		printf("This machine's ACPI tables do not say how to switch it off.\n");
		return;
	}
	uint16_t control = (uint16_t)fadt->pm1a_control;
	out16(control, (uint16_t)((in16(control) & ~0x1C00u) | (unsigned)type << 10 | PM1_SLEEP_ENABLE));
	delay_us(100000);
	printf("Port 0x%x does not switch this machine off.\n", control);
}

static void command_reboot(int count, char **words)
{
	(void)count;
	(void)words;
	out8(0xCF9, 0x02); // a reset is made by the change of bit 2 from 0 to 1
	out8(0xCF9, 0x06);
	printf("Port 0xCF9 does not reset this machine.\n");
}

static void command_help(int count, char **words);

const struct command commands[] = {
	{ "cpuid", "[LEAF [SUBLEAF]]", "what the processor says it is; one leaf's four registers", command_cpuid },
	{ "exit", "[N]", "writes N to isa-debug-exit: the process ends with status 2N + 1", command_exit },
	{ "help", "[COMMAND]", "this list, or one command", command_help },
	{ "in", "PORT [b|w|d]", "reads an I/O port", command_in },
	{ "int", "N", "raises software interrupt N and shows what its handler sees", command_int },
	{ "mem", "", "the memory map the loader left", command_mem },
	{ "out", "PORT VALUE [b|w|d]", "writes an I/O port", command_out },
	{ "pci", "", "lists the PCI functions and their BARs", command_pci },
	{ "peek", "ADDRESS [b|w|d|q] [COUNT]", "reads memory", command_peek },
	{ "poke", "ADDRESS VALUE [b|w|d|q]", "writes memory", command_poke },
	{ "poweroff", "", "switches the machine off, as its ACPI tables say", command_poweroff },
	{ "reboot", "", "resets the machine through port 0xCF9", command_reboot },
	{ "time", "", "the CMOS clock, and how long the monitor has run", command_time },
};
const unsigned command_count = sizeof commands / sizeof *commands;

static const struct command *find(const char *name)
{
	for (unsigned i = 0; i < command_count; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	printf("There is no command \"%s\"; help lists them.\n", name);
	return NULL;
}

static void command_help(int count, char **words)
{
	if (count > 1) {
		const struct command *command = find(words[1]);
		if (command != NULL) {
			printf("%s %s\n    %s\n", command->name, command->arguments, command->summary);
		}
		return;
	}
	for (unsigned i = 0; i < command_count; i++) {
		printf("  %-8s %-25s  %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
	}
	printf("Numbers are decimal or 0x-prefixed. Up and down recall lines, Tab completes, Ctrl-D ends.\n");
}

bool parse_number(const char *text, uint64_t limit, uint64_t *value)
{
	const char *p = text;
	uint64_t base = 10;
	if (p[0] == '0' && (p[1] | 32) == 'x') {
		base = 16;
		p += 2;
	}
	*value = 0;
	bool good = *p != 0;
	for (; *p != 0 && good; p++) {
		uint64_t digit = *p >= '0' && *p <= '9' ? (uint64_t)(*p - '0')
						 : (*p | 32) >= 'a' && (*p | 32) <= 'f' ? (uint64_t)((*p | 32) - 'a' + 10) : 99;
		good = digit < base && *value <= (limit - digit) / base;
		*value = *value * base + digit;
	}
	if (!good) {
		printf("\"%s\" is not a number from 0 to 0x%llx.\n", text, (unsigned long long)limit);
	}
	return good;
}

static volatile bool came_in;

static void show_interrupt(struct frame *frame)
{
	came_in = true;
	printf("vector 0x%02x (%s)\n", (unsigned)frame->vector, exception_name((unsigned)frame->vector));
	frame_print(frame);
}

void command_int(int count, char **words)
{
	uint64_t vector;
	if (count < 2) {
		printf("int N, with N from 0 to 255\n");
		return;
	}
	if (!parse_number(words[1], 255, &vector)) {
		return;
	}
	came_in = false;
	cli(); // an IRQ with the same vector must not find our handler
	vector_handle((uint8_t)vector, show_interrupt);
	software_interrupt((uint8_t)vector);
	vector_handle((uint8_t)vector, NULL);
	sti();
	printf(came_in ? "Back from the interrupt.\n" : "The handler did not run.\n");
}

void command_run(char *line)
{
	char *words[MAX_WORDS];
	int count = 0;
	for (char *p = line; *p != 0 && count < MAX_WORDS;) {
		while (*p == ' ') {
			*p++ = 0;
		}
		if (*p != 0) {
			words[count++] = p;
		}
		while (*p != 0 && *p != ' ') {
			p++;
		}
	}
	if (count == 0) {
		return;
	}
	const struct command *command = find(words[0]);
	if (command != NULL) {
		command->run(count, words);
	}
}
