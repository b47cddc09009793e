// What it is, and what its registers hold: after a reset (4, "Register: …"), and when written.
#include "parts.h"

struct fixed { uint8_t offset, mask, value; bool qemu_differs; };

// The bits that the manual fixes; the others depend on pins, on the chip's revision, or are reserved.
static const struct fixed resets[] = {
	{ LSI_SCNTL0, 0xFF, 0xC0, false }, { LSI_SCNTL1, 0xFF, 0x00, false }, { LSI_SCNTL2, 0xFF, 0x00, false }, { LSI_SCNTL3, 0xFF, 0x00, false },
	{ LSI_SCID, 0x6F, 0x00, true }, { LSI_SXFER, 0xFF, 0x00, false }, { LSI_SDID, 0x0F, 0x00, false }, { LSI_SFBR, 0xFF, 0x00, false },
	{ LSI_SOCL, 0xFF, 0x00, false }, { LSI_SSID, 0x8F, 0x00, false }, { LSI_DSTAT, 0xFD, 0x80, false }, { LSI_SSTAT0, 0xFE, 0x00, false },
	{ LSI_SSTAT1, 0xF0, 0x00, false }, { LSI_SSTAT2, 0xE2, 0x02, false }, { LSI_ISTAT0, 0xFF, 0x00, false }, { LSI_ISTAT1, 0x07, 0x00, false },
	{ LSI_MBOX0, 0xFF, 0x00, false }, { LSI_MBOX1, 0xFF, 0x00, false }, { LSI_CTEST1, 0xFF, 0xF0, true }, { LSI_CTEST2, 0xD7, 0x11, false },
	{ LSI_CTEST3, 0x0F, 0x00, false }, { LSI_DFIFO, 0xFF, 0x00, false }, { LSI_CTEST4, 0xFF, 0x00, false }, { LSI_CTEST5, 0x3B, 0x00, false },
	{ LSI_CTEST6, 0xFF, 0x00, false }, { LSI_DMODE, 0xFF, 0x00, false }, { LSI_DIEN, 0x7D, 0x00, false }, { LSI_SBR, 0xFF, 0x00, false },
	{ LSI_DCNTL, 0xFF, 0x00, false }, { LSI_SIEN0, 0xFF, 0x00, false }, { LSI_SIEN1, 0x17, 0x00, false }, { LSI_SIST0, 0xFF, 0x00, false },
	{ LSI_SIST1, 0x17, 0x00, false }, { LSI_MACNTL, 0x0F, 0x00, true }, { LSI_GPCNTL, 0xDF, 0x0F, false }, { LSI_STIME0, 0xFF, 0x00, false },
	{ LSI_STIME1, 0x7F, 0x00, true }, { LSI_STEST0, 0x03, 0x03, false }, { LSI_STEST1, 0xFF, 0x00, false }, { LSI_STEST2, 0xFF, 0x00, false },
	{ LSI_STEST3, 0xFF, 0x00, false }, { LSI_CCNTL0, 0xF3, 0x00, false }, { LSI_CCNTL1, 0x8F, 0x00, false },
};

// Registers of four bytes that are 0 then.
static const uint8_t zeros[] = { LSI_DSA, LSI_TEMP, LSI_DNAD, LSI_DSP, LSI_DSPS, LSI_SCRATCHA, LSI_SCRATCHB, LSI_MMRS, LSI_MMWS, LSI_SFS, LSI_DRS,
	LSI_SBMS, LSI_DBMS, LSI_DNAD64, LSI_PMJAD1, LSI_PMJAD2, LSI_RBC, LSI_UA, LSI_IA, LSI_CSBC };

// What holds what is written, all four bytes of it.
static const uint8_t wide[] = { LSI_DSA, LSI_TEMP, LSI_SCRATCHA, LSI_SCRATCHB, LSI_SCRATCHC, LSI_SCRATCHR, LSI_MMRS, LSI_MMWS, LSI_SFS, LSI_DRS,
	LSI_SBMS, LSI_DBMS, LSI_PMJAD1, LSI_PMJAD2 };

static const struct { uint8_t offset, mask; } narrow[] = {
	{ LSI_SCNTL3, 0xFF }, { LSI_SCID, 0x6F }, { LSI_SXFER, 0xFF }, { LSI_SDID, 0x0F }, { LSI_MBOX0, 0xFF }, { LSI_MBOX1, 0xFF }, { LSI_DIEN, 0x7D },
	{ LSI_SBR, 0xFF }, { LSI_SIEN0, 0xFF }, { LSI_SIEN1, 0x17 }, { LSI_RESPID0, 0xFF }, { LSI_RESPID1, 0xFF }, { LSI_CCNTL0, 0xC0 }, { LSI_CCNTL1, 0x07 },
	{ LSI_DMODE, 0xF0 },
};

static void check_identity(void)
{
	report_equal("it is a SCSI controller", pci_read(lsi.pci, 0x08) >> 16, 0x0100);
	struct pci_bar ports = pci_bar_read(lsi.pci, 0), memory = pci_bar_read(lsi.pci, 1), ram = pci_bar_read(lsi.pci, 2);
	report("its registers take 256 ports", ports.present && ports.io && ports.size == 0x100);
	report("and 1 KiB of memory", memory.present && !memory.io && memory.size == 0x400);
	report("its RAM takes 8 KiB", ram.present && !ram.io && ram.size == LSI_RAM);
	report_equal("it interrupts by INTA", pci_read8(lsi.pci, 0x3D), 1);
}

static void check_resets(void)
{
	char name[64];
	lsi_software_reset(&lsi);
	for (unsigned i = 0; i < sizeof resets / sizeof *resets; i++) {
		const struct fixed *r = &resets[i];
		snprintf(name, sizeof name, "reset: register 0x%x", r->offset);
		uint8_t value = lsi_read8(&lsi, r->offset);
		if (r->qemu_differs && on_qemu()) {
			report_skip(name, "QEMU's has another value");
		} else {
			report_equal(name, value & r->mask, r->value);
		}
	}
	for (unsigned i = 0; i < sizeof zeros; i++) {
		snprintf(name, sizeof name, "reset: register 0x%x is 0", zeros[i]);
		report_equal(name, lsi_read(&lsi, zeros[i]), 0);
	}
}

static void check_writes(void)
{
	char name[64];
	static const uint32_t patterns[] = { 0xFFFFFFFF, 0xA5C33C5A, 0x01234567, 0 };
	for (unsigned i = 0; i < sizeof wide; i++) {
		bool holds = true;
		for (unsigned p = 0; p < sizeof patterns / sizeof *patterns; p++) {
			lsi_write(&lsi, wide[i], patterns[p]);
			holds = holds && lsi_read(&lsi, wide[i]) == patterns[p];
		}
		snprintf(name, sizeof name, "register 0x%x holds 32 bits", wide[i]);
		report(name, holds);
	}
	for (unsigned i = 0; i < sizeof narrow / sizeof *narrow; i++) {
		bool holds = true;
		for (unsigned p = 0; p < sizeof patterns / sizeof *patterns; p++) {
			uint8_t value = (uint8_t)(patterns[p] & narrow[i].mask);
			lsi_write8(&lsi, narrow[i].offset, value);
			holds = holds && (lsi_read8(&lsi, narrow[i].offset) & narrow[i].mask) == value;
		}
		snprintf(name, sizeof name, "register 0x%x holds its bits", narrow[i].offset);
		report(name, holds);
	}
	lsi_software_reset(&lsi);
	report_equal("a reset takes them back", lsi_read(&lsi, LSI_SCRATCHB) | lsi_read8(&lsi, LSI_SIEN0), 0);
}

static void check_accesses(void)
{
	lsi_write(&lsi, LSI_SCRATCHA, 0x44332211);
	bool bytes = true;
	for (unsigned i = 0; i < 4; i++) {
		bytes = bytes && lsi_read8(&lsi, LSI_SCRATCHA + i) == 0x11 * (i + 1);
	}
	report("a register of four bytes is read by bytes", bytes);
	report_equal("and by words", *(volatile uint16_t *)(lsi.registers + LSI_SCRATCHA + 2), 0x4433);
	lsi_write8(&lsi, LSI_SCRATCHA + 1, 0xEE);
	report_equal("and written by bytes", lsi_read(&lsi, LSI_SCRATCHA), 0x4433EE11);
	report_equal("the ports are the same registers", in32((uint16_t)(lsi.ports + LSI_SCRATCHA)), 0x4433EE11);
	out8((uint16_t)(lsi.ports + LSI_SCRATCHA + 3), 0x99);
	report_equal("to write as well", lsi_read(&lsi, LSI_SCRATCHA), 0x9933EE11);
	uint8_t before = lsi_read8(&lsi, LSI_ISTAT0);
	lsi_write8(&lsi, LSI_DSTAT, 0xFF);
	lsi_write8(&lsi, LSI_SSTAT0, 0xFF);
	lsi_write8(&lsi, LSI_SIST0, 0xFF);
	report("what can only be read is not changed by writing", lsi_read8(&lsi, LSI_ISTAT0) == before && (lsi_read8(&lsi, LSI_DSTAT) & 0x7F) == 0);
}

static void check_ram(void)
{
	bool same = true;
	for (unsigned i = 0; i < LSI_RAM / 4; i++) {
		lsi.ram[i] = i * 0x9E3779B1u;
	}
	for (unsigned i = 0; i < LSI_RAM / 4; i++) {
		same = same && lsi.ram[i] == i * 0x9E3779B1u;
	}
	report("RAM: it is there, all of it", same);
	volatile uint8_t *byte = (volatile uint8_t *)lsi.ram;
	byte[5] = 0xAB;
	*(volatile uint16_t *)(byte + 6) = 0x1234;
	report_equal("RAM: by bytes and words", lsi.ram[1], 0x1234AB00 | (0x9E3779B1u & 0xFF));
	lsi_software_reset(&lsi);
	report_equal("RAM: a reset leaves it alone", lsi.ram[1], 0x1234AB00 | (0x9E3779B1u & 0xFF));
}

void check_registers(void)
{
	check_identity();
	check_resets();
	check_writes();
	check_accesses();
	check_ram();
	lsi_reset(&lsi);
}
