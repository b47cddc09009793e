// Configuration space and the register file, through both windows.
#include "parts.h"

static const struct { uint8_t offset; uint32_t reset, writable; const char *name; } expected[] = {
	{ DT_ID, 0x54414D44, 0, "ID" },
	{ DT_CAPABILITIES, 0x00800801, 0, "CAPABILITIES" },
	{ DT_CONTROL, 0, DT_WITH_RECORD, "CONTROL" },
	{ DT_STATUS, 0, 0, "STATUS" },
	{ DT_FAULT_ADDRESS, 0, 0, "FAULT_ADDRESS" },
	{ DT_INSTRUCTION_LIMIT, 0xFFFFFFFF, 0xFFFFFFFF, "INSTRUCTION_LIMIT" },
	{ DT_WAIT_LIMIT, 0x10000000, 0xFFFFFFFF, "WAIT_LIMIT" },
	{ DT_SEQUENCE, 0, 0, "SEQUENCE" },
	{ DT_RECORD_ADDRESS, 0, 0xFFFFFFC0, "RECORD_ADDRESS" },
	{ DT_RECORD_ADDRESS + 4, 0, 0xFFFFFFFF, "RECORD_ADDRESS, upper half" },
	{ DT_INTERRUPT_CAUSE, 0, 0, "INTERRUPT_CAUSE" },
	{ DT_INTERRUPT_ENABLE, 0, 0xFFFFFFFF, "INTERRUPT_ENABLE" },
	{ DT_INTERRUPT_VECTOR, 0, 7, "INTERRUPT_VECTOR" },
	{ DT_SCRIPT_INDEX, 0, 0x1FF, "SCRIPT_INDEX" },
	{ DT_REFUSED, 0, 0, "REFUSED" },
	{ DT_EXECUTED, 0, 0, "EXECUTED" },
	{ DT_SCRATCH, 0, 0xFFFFFFFF, "SCRATCH" },
	{ DT_R0, 0, 0xFFFFFFFF, "R0" },
	{ DT_R0 + 15 * 8 + 4, 0, 0xFFFFFFFF, "R15, upper half" },
};

static void check_configuration(void)
{
	struct pci_function f = device.pci;
	report_equal("configuration: vendor and device", pci_read(f, 0), 0xD3A71234);
	report_equal("configuration: class and revision", pci_read(f, 8), 0xFF000001);
	report_equal("configuration: subsystem", pci_read(f, 0x2C), 0x11001AF4);
	report_equal("configuration: INTA", pci_read8(f, 0x3D), 1);
	struct pci_bar memory = pci_bar_read(f, 0), io = pci_bar_read(f, 1), messages = pci_bar_read(f, 2);
	report("configuration: BAR0 is 4 KiB of memory", memory.present && !memory.io && !memory.wide && memory.size == 4096);
	report("configuration: BAR1 is 256 ports", io.present && io.io && io.size == 256);
	report("configuration: BAR2 is 4 KiB of memory", messages.present && !messages.io && messages.size == 4096);
	report("configuration: MSI and MSI-X", pci_capability(f, PCI_CAPABILITY_MSI) != 0 && pci_capability(f, PCI_CAPABILITY_MSIX) != 0);
	report_equal("configuration: MSI-X vectors", device.msix.vectors, 8);
}

static void check_values(void)
{
	for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++) {
		uint8_t offset = expected[i].offset;
		uint32_t first = dma_test_read(&device, offset), keep = offset == DT_CONTROL ? ~3u : ~0u; // neither RESET nor STOP
		dma_test_write(&device, offset, 0xFFFFFFFF & keep);
		uint32_t ones = dma_test_read(&device, offset);
		dma_test_write(&device, offset, 0);
		uint32_t zeros = dma_test_read(&device, offset);
		dma_test_write(&device, offset, expected[i].reset);
		uint32_t fixed = expected[i].reset & ~expected[i].writable;
		if (first == expected[i].reset && ones == (fixed | expected[i].writable) && zeros == fixed) {
			continue;
		}
		report_fail("registers: reset values and writable bits", "%s: %x at reset, %x after ones, %x after zeros", expected[i].name, first,
					ones, zeros);
		return;
	}
	report("registers: reset values and writable bits", true);
	bool reserved = true;
	for (unsigned offset = 0x54; offset < 0x80; offset += 4) {
		dma_test_write(&device, offset, 0);
		reserved = reserved && dma_test_read(&device, offset) == 0xFFFFFFFF;
	}
	report("registers: reserved ones read as ones", reserved);
	report_equal("registers: DOORBELL reads as 0", dma_test_read(&device, DT_DOORBELL), 0);
}

static void check_sizes(void)
{
	volatile uint8_t *base = (volatile uint8_t *)device.registers;
	dma_test_write(&device, DT_SCRATCH, 0x44332211);
	report("registers: bytes", base[DT_SCRATCH] == 0x11 && base[DT_SCRATCH + 3] == 0x44);
	report("registers: words", *(volatile uint16_t *)(base + DT_SCRATCH + 2) == 0x4433 && *(volatile uint16_t *)(base + DT_SCRATCH + 1) == 0x3322);
	base[DT_SCRATCH + 1] = 0xAA;
	*(volatile uint16_t *)(base + DT_SCRATCH + 2) = 0xCCBB;
	report_equal("registers: writes of bytes and words reach their lanes", dma_test_read(&device, DT_SCRATCH), 0xCCBBAA11);
	report_equal("registers: across two", *(volatile uint32_t *)(base + DT_SCRATCH - 2), 0xAA110000);

	report_equal("registers: the ports are the same", in32((uint16_t)(device.ports + DT_SCRATCH)), 0xCCBBAA11);
	out8((uint16_t)(device.ports + DT_SCRATCH), 0x99);
	out16((uint16_t)(device.ports + DT_SCRATCH + 2), 0x7788);
	report_equal("registers: and writable", dma_test_read(&device, DT_SCRATCH), 0x7788AA99);
	report("registers: ports by bytes and words", in8((uint16_t)(device.ports + DT_SCRATCH + 3)) == 0x77 && in16((uint16_t)(device.ports + DT_SCRATCH)) == 0xAA99);
}

static void check_script_window(void)
{
	begin_script();
	for (unsigned i = 0; i < DT_SLOTS; i++) {
		ADD(SET, .a = i & 15, .value = 0x1122334455667788ull * (i + 1));
	}
	dma_test_load(&device, &script);
	const uint32_t *words = (const uint32_t *)script.slots;
	bool same = true, by_data = true, by_ports = true;
	dma_test_write(&device, DT_SCRIPT_INDEX, 0);
	for (unsigned i = 0; i < DT_SLOTS * 4; i++) {
		same = same && dma_test_read(&device, DT_SCRIPT + i * 4) == words[i];
		by_data = by_data && dma_test_read(&device, DT_SCRIPT_DATA) == words[i];
	}
	report("script: what is written to its window is there", same);
	report("script: SCRIPT_DATA walks through it", by_data);
	report_equal("script: and begins again behind the end", dma_test_read(&device, DT_SCRIPT_INDEX), 0);

	// A whole script through the ports alone.
	begin_script();
	ADD(SET, .a = 3, .value = 0xFEEDFACECAFEBEEF);
	ADD(END);
	out32((uint16_t)(device.ports + DT_SCRIPT_INDEX), 0);
	for (unsigned i = 0; i < script.count * 4; i++) {
		out32((uint16_t)(device.ports + DT_SCRIPT_DATA), words[i]);
	}
	device.sequence++;
	out32((uint16_t)(device.ports + DT_DOORBELL), 0);
	by_ports = DT_STATE(dma_test_wait(&device)) == DT_WAS_DONE && dma_test_get(&device, 3) == 0xFEEDFACECAFEBEEF;
	report("script: written and started through the ports", by_ports);
}

void check_registers(void)
{
	check_configuration();
	check_values();
	check_sizes();
	check_script_window();
	dma_test_reset(&device);
	bool cleared = true;
	for (unsigned i = 0; i < DT_SLOTS * 4; i++) {
		cleared = cleared && dma_test_read(&device, DT_SCRIPT + i * 4) == 0;
	}
	report("script: reset clears it", cleared && dma_test_get(&device, 3) == 0);
}
