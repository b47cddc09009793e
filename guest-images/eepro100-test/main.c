// Intel's 8255x, by its manual and by a second one on the same wire. part=N runs one part alone.
#include "parts.h"

static struct block blocks[2][Blocks];
static struct frame_area frames[2][Frames];

struct station tested, peer;
bool is_82558, is_82559;
static bool on_qemu;

bool qemu_departs(const char *name, const char *how)
{
	if (on_qemu) {
		report_skip(name, "QEMU %s", how);
	}
	return on_qemu;
}

// QEMU's own processor names itself at the hypervisor leaves.
static bool detect_qemu(void)
{
	struct cpuid leaf = cpuid(0x40000000, 0);
	char name[13] = { 0 };
	memcpy(name, &leaf.ebx, 4);
	memcpy(name + 4, &leaf.ecx, 4);
	memcpy(name + 8, &leaf.edx, 4);
	return strcmp(name, "TCGTCGTCGTCG") == 0;
}

static bool find(struct station *station, unsigned index)
{
	static const struct nic_driver *const drivers[] = { &eepro100_driver, &eepro100_er_driver };
	struct nic nic;
	if (!nic_find(drivers, 2, index, &nic) || !eepro100_attach(nic.pci, &station->chip)) {
		return false;
	}
	for (unsigned i = 0; i < NIC_ADDRESS; i++) {
		station->address[i] = (uint8_t)(eepro100_eeprom(&station->chip, i / 2) >> i % 2 * 8);
	}
	station->blocks = blocks[index];
	station->frames = frames[index];
	return true;
}

int main(void)
{
	static void (*const parts[])(void) = {
		check_registers, check_commands, check_transmit, check_receive, check_buffers, check_filters, check_counters, check_interrupts,
		check_link, check_resets, check_load,
	};
	tsc_frequency();
	on_qemu = detect_qemu();
	if (!report("there is a controller", find(&tested, 0)) || !report("and another, on the same wire", find(&peer, 1))) {
		return report_summary();
	}
	uint8_t revision = pci_read8(tested.chip.pci, 0x08);
	is_82558 = revision >= 4;
	is_82559 = revision >= 6;
	uint32_t part = multiboot_option("part", UINT32_MAX);
	for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (part == UINT32_MAX || part == i) {
			parts[i]();
		}
	}
	return report_summary();
}
