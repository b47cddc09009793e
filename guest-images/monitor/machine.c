// Commands that say what machine this is, and the banner.
#include "monitor.h"

static uint64_t started; // time stamp counter

static const char *brand(void)
{
	static uint32_t text[13];
	if (cpuid(0x80000000, 0).eax < 0x80000004) {
		return "processor without a brand string";
	}
	for (uint32_t i = 0; i < 3; i++) {
		struct cpuid c = cpuid(0x80000002 + i, 0);
		memcpy(text + 4 * i, &c, sizeof c);
	}
	const char *name = (const char *)text;
	while (*name == ' ') {
		name++;
	}
	return name;
}

static const char *vendor(void)
{
	static char text[13];
	struct cpuid c = cpuid(0, 0);
	memcpy(text, &c.ebx, 4);
	memcpy(text + 4, &c.edx, 4);
	memcpy(text + 8, &c.ecx, 4);
	return text;
}

static uint64_t usable_memory(void)
{
	uint64_t usable = 0;
	for (const struct multiboot_memory *m = NULL; (m = multiboot_next_memory(m)) != NULL;) {
		usable += m->type == 1 ? m->length : 0;
	}
	return usable;
}

static void print_time(void)
{
	struct date_time t = cmos_time();
	printf("%04u-%02u-%02u %02u:%02u:%02u", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

static bool print_function_short(struct pci_function f, void *context)
{
	unsigned *count = context;
	printf("%s%04x:%04x %s", (*count)++ == 0 ? "" : ", ", pci_read16(f, 0), pci_read16(f, 2), pci_class_name(pci_read16(f, 0x0A)));
	return true;
}

void banner_print(void)
{
	started = rdtsc();
	printf("\nA bare-metal monitor, in %u-bit mode\n", (unsigned)sizeof(void *) * 8);
	printf("  processor  %s (%s), time stamps at %u MHz\n", brand(), vendor(), (unsigned)divide64(tsc_frequency(), 1000000));
	printf("  memory     %u MiB usable\n", (unsigned)(usable_memory() >> 20));
	printf("  PCI        ");
	unsigned count = 0;
	pci_scan(print_function_short, &count);
	printf("%s\n  time       ", count == 0 ? "no functions" : "");
	print_time();
	printf("\nType help for the commands; exit N ends the machine.\n\n");
}

void command_time(int count, char **words)
{
	(void)count;
	(void)words;
	print_time();
	uint64_t ms = divide64(tsc_to_us(rdtsc() - started), 1000);
	uint32_t part = (uint32_t)(ms - divide64(ms, 1000) * 1000);
	printf("  up %llu.%03u seconds\n", (unsigned long long)divide64(ms, 1000), part);
}

static void print_size(uint64_t size)
{
	if (size >= 1 << 20 && (size & ((1 << 20) - 1)) == 0) {
		printf("%llu MiB", (unsigned long long)(size >> 20));
	} else if (size >= 1 << 10 && (size & ((1 << 10) - 1)) == 0) {
		printf("%llu KiB", (unsigned long long)(size >> 10));
	} else {
		printf("%llu bytes", (unsigned long long)size);
	}
}

static bool print_function(struct pci_function f, void *context)
{
	unsigned *functions = context;
	(*functions)++;
	printf("%02x:%02x.%x  %04x:%04x  rev %02x  %s", f.bus, f.device, f.function, pci_read16(f, 0), pci_read16(f, 2),
		   pci_read8(f, 8), pci_class_name(pci_read16(f, 0x0A)));
	uint8_t pin = pci_read8(f, 0x3D);
	if (pin >= 1 && pin <= 4) {
		printf(", INT%c on IRQ %u", 'A' + pin - 1, pci_read8(f, 0x3C));
	}
	uint16_t command = pci_read16(f, 4);
	printf("%s%s%s\n", (command & 1) != 0 ? ", I/O" : "", (command & 2) != 0 ? ", memory" : "",
		   (command & 4) != 0 ? ", bus master" : "");
	unsigned bars = (pci_read8(f, 0x0E) & 0x7F) == 0 ? 6 : (pci_read8(f, 0x0E) & 0x7F) == 1 ? 2 : 0;
	for (unsigned i = 0; i < bars; i++) {
		struct pci_bar bar = pci_bar_read(f, i);
		if (bar.present) {
			printf("         BAR%u  %-6s  0x%0*llx  ", i, bar.io ? "I/O" : "memory", bar.wide ? 16 : 8,
				   (unsigned long long)bar.address);
			print_size(bar.size);
			printf("%s%s\n", bar.wide ? ", 64 bits" : "", bar.prefetchable ? ", prefetchable" : "");
		}
		i += bar.wide;
	}
	return true;
}

void command_pci(int count, char **words)
{
	(void)count;
	(void)words;
	unsigned functions = 0;
	pci_scan(print_function, &functions);
	printf("%u function%s\n", functions, functions == 1 ? "" : "s");
}

static void print_bits(const char *label, uint32_t bits, const char *const *names)
{
	if (bits == 0) {
		return;
	}
	printf("%s", label);
	for (unsigned i = 0; i < 32; i++) {
		if ((bits >> i & 1) != 0 && names[i] != NULL) {
			printf(" %s", names[i]);
		}
	}
	printf("\n");
}

void command_cpuid(int count, char **words)
{
	static const char *const features_edx[32] = {
		"fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep", "mtrr", "pge", "mca", "cmov",
		"pat", "pse36", "psn", "clflush", NULL, "ds", "acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm",
	};
	static const char *const features_ecx[32] = {
		"sse3", "pclmul", NULL, "monitor", NULL, "vmx", NULL, NULL, NULL, "ssse3", NULL, NULL, "fma", "cx16", NULL, NULL,
		NULL, "pcid", NULL, "sse4.1", "sse4.2", "x2apic", "movbe", "popcnt", "tsc-deadline", "aes", "xsave", "osxsave",
		"avx", "f16c", "rdrand", "hypervisor",
	};
	static const char *const extended_edx[32] = {
		[11] = "syscall", [20] = "nx", [26] = "1g-pages", [27] = "rdtscp", [29] = "lm",
	};
	static const char *const structured_ebx[32] = {
		[0] = "fsgsbase", [3] = "bmi1", [5] = "avx2", [7] = "smep", [8] = "bmi2", [9] = "erms", [10] = "invpcid",
		[18] = "rdseed", [19] = "adx", [20] = "smap", [23] = "clflushopt", [24] = "clwb", [29] = "sha",
	};
	if (count > 1) {
		uint64_t leaf, subleaf = 0;
		if (parse_number(words[1], 0xFFFFFFFF, &leaf) && (count < 3 || parse_number(words[2], 0xFFFFFFFF, &subleaf))) {
			struct cpuid c = cpuid((uint32_t)leaf, (uint32_t)subleaf);
			printf("eax %08x  ebx %08x  ecx %08x  edx %08x\n", c.eax, c.ebx, c.ecx, c.edx);
		}
		return;
	}
	uint32_t last = cpuid(0, 0).eax, last_extended = cpuid(0x80000000, 0).eax;
	struct cpuid c = cpuid(1, 0);
	uint32_t family = c.eax >> 8 & 15, model = c.eax >> 4 & 15;
	model |= family == 6 || family == 15 ? (c.eax >> 16 & 15) << 4 : 0;
	family += family == 15 ? c.eax >> 20 & 0xFF : 0;
	printf("%s (%s)\n", brand(), vendor());
	printf("family %u, model %u, stepping %u; leaves to 0x%x and 0x%x\n", family, model, c.eax & 15, last, last_extended);
	print_bits(" ", c.edx, features_edx);
	print_bits(" ", c.ecx, features_ecx);
	if (last >= 7) {
		print_bits(" ", cpuid(7, 0).ebx, structured_ebx);
	}
	if (last_extended >= 0x80000001) {
		print_bits(" ", cpuid(0x80000001, 0).edx, extended_edx);
	}
	if (last_extended >= 0x80000008) {
		uint32_t widths = cpuid(0x80000008, 0).eax;
		printf("addresses: %u bits physical, %u bits linear\n", widths & 0xFF, widths >> 8 & 0xFF);
	}
}
