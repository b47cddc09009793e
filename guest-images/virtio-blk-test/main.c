// A virtio block device: what the specification says of it, check by check. transport=legacy drives it by its legacy registers. Others may
// be there, one that is read-only, one with blocks of 4096 bytes. seed=N is for the random requests, rounds=N says how many; brief=1 makes all of it shorter. What they
// held is lost.
#include "parts.h"

struct virtio_blk dut;
struct pci_function dut_pci;
struct virtq_memory memories[VIRTIO_BLK_QUEUES];
bool legacy, on_qemu;
uint8_t given[Room] __attribute__((aligned(4096))), got[Room] __attribute__((aligned(4096)));

static bool detect_qemu(void)
{
	enum { FirmwareSelector = 0x510, FirmwareData = 0x511 }; // fw_cfg, whose first entry is its name
	out16(FirmwareSelector, 0);
	char name[4];
	for (unsigned i = 0; i < sizeof name; i++) {
		name[i] = (char)in8(FirmwareData);
	}
	return memcmp(name, "QEMU", sizeof name) == 0;
}

bool begin_with(uint64_t wanted, unsigned queues, uint16_t size)
{
	if (!virtio_blk_prepare(&dut, dut_pci, legacy, wanted, queues, size, memories)) {
		return false;
	}
	virtio_blk_start(&dut);
	return true;
}

bool begin(void) { return begin_with(VIRTIO_BLK_KNOWN, 1, 0); }

bool find_other(bool (*is_wanted)(void))
{
	for (unsigned i = 1; virtio_find(VIRTIO_BLK_TYPE, i, &dut_pci); i++) {
		if (begin() && is_wanted()) {
			return true;
		}
		virtio_reset(&dut.virtio);
	}
	return false;
}

unsigned some(unsigned rounds)
{
	return multiboot_option("brief", 0) != 0 ? (rounds + 7) / 8 : rounds;
}

const char *named(const char *first, const char *second)
{
	static char name[160];
	size_t length = strlen(first);
	memcpy(name, first, length);
	memcpy(name + length, second, strlen(second) + 1);
	return name;
}

static uint32_t word_of(uint64_t sector, uint32_t tag, unsigned place)
{
	return ((uint32_t)sector * 0x9E3779B1u ^ tag * 0x85EBCA6Bu) + place * 0x01000193u;
}

void fill_sectors(uint8_t *bytes, uint64_t sector, unsigned count, uint32_t tag)
{
	for (unsigned i = 0; i < count * Sector / 4; i++) {
		uint32_t word = word_of(sector + i / (Sector / 4), tag, i % (Sector / 4));
		memcpy(bytes + i * 4, &word, sizeof word);
	}
}

bool are_sectors(const uint8_t *bytes, uint64_t sector, unsigned count, uint32_t tag)
{
	for (unsigned i = 0; i < count * Sector / 4; i++) {
		uint32_t word = word_of(sector + i / (Sector / 4), tag, i % (Sector / 4));
		if (memcmp(bytes + i * 4, &word, sizeof word) != 0) {
			return false;
		}
	}
	return true;
}

uint8_t read_sectors(uint64_t sector, unsigned count, uint8_t *bytes)
{
	return virtio_blk_do(&dut, 0, VIRTIO_BLK_IN, sector, bytes, count * Sector);
}

uint8_t write_sectors(uint64_t sector, unsigned count, uint8_t *bytes)
{
	return virtio_blk_do(&dut, 0, VIRTIO_BLK_OUT, sector, bytes, count * Sector);
}

bool works(uint32_t tag)
{
	enum { First = 64, Count = 2 };
	fill_sectors(given, First, Count, tag);
	memset(got, 0, Count * Sector);
	return write_sectors(First, Count, given) == VIRTIO_BLK_OK && read_sectors(First, Count, got) == VIRTIO_BLK_OK
		   && are_sectors(got, First, Count, tag);
}

void describe(unsigned index, const volatile void *bytes, uint32_t length, uint16_t flags, uint16_t next)
{
	dut.queues[0].descriptors[index] = (struct virtq_descriptor){ (uintptr_t)bytes, length, flags, next };
}

bool carry_out(uint16_t head, struct virtq_element *element)
{
	virtq_add_head(&dut.queues[0], head);
	virtq_kick(&dut.queues[0]);
	return within_deadline(virtq_take_element(&dut.queues[0], element));
}

int main(void)
{
	static const char *const transports[] = { "modern", "legacy" };
	legacy = multiboot_choice("transport", transports, 2) == 1;
	on_qemu = detect_qemu();
	tsc_frequency();
	if (!report("there is a disk", virtio_find(VIRTIO_BLK_TYPE, 0, &dut_pci) && begin())) {
		return report_summary();
	}
	printf("NOTE queue of %u, features 0x%llx\n", dut.queues[0].size, (unsigned long long)dut.virtio.features);
	check_capabilities();
	check_configuration();
	check_features();
	check_queue_setup();
	check_requests();
	check_ranges();
	check_layouts();
	check_malformed();
	check_notifications();
	check_interrupts();
	check_flight();
	check_resets();
	check_read_only();
	check_large_blocks();
	check_functions();
	check_stress();
	virtio_reset(&dut.virtio);
	return report_summary();
}
