// Gets an address by DHCP and fetches a file by TFTP. file=NAME says which; the first Multiboot module is the same file, to
// compare with.
#include "dhcp.h"
#include "tftp.h"

static const struct nic_driver *const drivers[] = { &e1000_driver, &eepro100_driver, &rtl8139_driver, &rtl8139cp_driver };
enum { Drivers = sizeof drivers / sizeof *drivers, Room = 4 << 20 };

static struct nic nic;
static uint8_t file[Room];

static void print_address(const char *what, ipv4 address)
{
	printf("%s %u.%u.%u.%u\n", what, address & 0xFF, address >> 8 & 0xFF, address >> 16 & 0xFF, address >> 24);
}

// CRC-32, as every tool prints it.
static uint32_t checksum(const uint8_t *data, unsigned length)
{
	uint32_t crc = 0xFFFFFFFF;
	for (unsigned i = 0; i < length; i++) {
		crc ^= data[i];
		for (unsigned bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
		}
	}
	return ~crc;
}

// The word behind `file=` on the command line, up to a blank.
static bool file_name(char *name, unsigned room)
{
	const char *text = multiboot_cmdline();
	for (; *text != '\0'; text++) {
		if (strncmp(text, "file=", 5) == 0) {
			unsigned length = 0;
			for (text += 5; text[length] != '\0' && text[length] != ' ' && length + 1 < room; length++) {
				name[length] = text[length];
			}
			name[length] = '\0';
			return length != 0;
		}
	}
	return false;
}

int main(void)
{
	char name[64];
	const struct multiboot_module *module = multiboot_module(0);
	if (!report("the command line names a file, and there is a module to compare with", file_name(name, sizeof name) && module != NULL) ||
	    !report("a controller is there, and its link is up", nic_open(drivers, Drivers, 0, &nic))) {
		return report_summary();
	}
	printf("controller: %s\n", nic.driver->name);

	struct udp_host host = { .nic = &nic };
	struct lease lease;
	if (!report("an address is leased", dhcp_lease(&host, &lease))) {
		return report_summary();
	}
	print_address("address", lease.address);
	print_address("mask   ", lease.mask);
	print_address("router ", lease.router);
	report("the router is in the same network", ((lease.address ^ lease.router) & lease.mask) == 0);

	const char *why;
	int length = tftp_get(&host, lease.next_server, name, file, sizeof file, &why);
	if (length < 0) {
		report_fail("the file is fetched", "%s: %s", name, why);
		return report_summary();
	}
	const uint8_t *expected = (const uint8_t *)(uintptr_t)module->start;
	unsigned size = module->end - module->start;
	uint32_t crc = checksum(file, (unsigned)length);
	printf("%s: %d bytes, CRC-32 %08x\n", name, length, crc);
	report_equal("the file has the module's length", (uint64_t)length, size);
	report_equal("and its checksum", crc, checksum(expected, size));
	report("and its bytes", (unsigned)length == size && memcmp(file, expected, size) == 0);
	report_equal("no frame was damaged", host.damaged, 0);
	nic.driver->close(&nic);
	return report_summary();
}
