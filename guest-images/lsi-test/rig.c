// Scripts to run, and what they stop for.
#include "parts.h"

struct lsi lsi;
struct lsi_script script;
uint8_t scratch[ScratchSize] __attribute__((aligned(4096))), scratch2[ScratchSize] __attribute__((aligned(4096)));

static uint32_t words[ScriptWords] __attribute__((aligned(4096)));
static bool in_ram;

void script_begin(void)
{
	in_ram = false;
	lsi_begin(&script, words, BUS(words));
}

void script_begin_in_ram(void)
{
	in_ram = true;
	lsi_begin(&script, words, lsi.ram_bus);
}

struct lsi_causes wait_for_causes(void)
{
	if (!within_deadline(lsi_interrupts(&lsi))) {
		lsi_reset(&lsi);
		return (struct lsi_causes){ 0 };
	}
	return lsi_take(&lsi);
}

struct lsi_causes script_run(void)
{
	if (in_ram) {
		lsi_copy_to_ram(&lsi, 0, words, script.count);
	}
	lsi_start(&lsi, script.bus);
	return wait_for_causes();
}

bool causes_are(const struct lsi_causes *causes, unsigned dstat, unsigned sist0, unsigned sist1)
{
	return (causes->dstat & ~(unsigned)LSI_DSTAT_DFE) == dstat && causes->sist0 == sist0 && causes->sist1 == sist1;
}

bool is_int(const struct lsi_causes *causes, uint32_t code)
{
	return causes_are(causes, LSI_DSTAT_SIR, 0, 0) && lsi_read(&lsi, LSI_DSPS) == code;
}

bool script_stops_at(uint32_t code)
{
	struct lsi_causes causes = script_run();
	return is_int(&causes, code);
}

bool on_qemu(void)
{
	enum { FirmwareSelector = 0x510, FirmwareData = 0x511 }; // fw_cfg, whose first entry is its name
	out16(FirmwareSelector, 0);
	char name[4];
	for (unsigned i = 0; i < sizeof name; i++) {
		name[i] = (char)in8(FirmwareData);
	}
	return memcmp(name, "QEMU", sizeof name) == 0;
}

bool left_out_by_qemu(const char *name, const char *what)
{
	bool left_out = on_qemu();
	if (left_out) {
		report_skip(name, "QEMU's model leaves out %s", what);
	}
	return left_out;
}

bool take_interrupts(const struct lsi *from, interrupt_handler handler)
{
	uint8_t irq = pci_read8(from->pci, 0x3C);
	if (irq < 3 || irq > 15) {
		return false;
	}
	if (handler != NULL) {
		irq_handle(irq, handler);
		irq_unmask(irq);
		sti();
	} else {
		cli();
		irq_mask(irq);
		irq_handle(irq, NULL);
	}
	return true;
}
