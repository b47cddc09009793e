// Finds every disk, reads its partition table, and on each partition with ext4 reads the files that the module names, then writes a
// large one and a small one and reads them back. What it wrote is for the machine outside to look at: it prints the checksums.
#include "../drivers/crc.h"
#include "../drivers/ext4.h"
#include "../drivers/partitions.h"
#include "expected.h"

enum { Room = 8 << 20, Large = 300 * 1024 + 77, LinuxMbr = 0x83, LinuxGpt = 0x0FC63DAF };

static struct disk disks[DISKS_MOST];
static struct ext4 fs;
static struct ext4_file file;
static uint8_t data[Room], again[Large];

// Reads a file; its checksum goes to `*crc`.
static const char *load(const char *path, uint8_t *to, uint32_t room, uint32_t *crc)
{
	const char *why = ext4_look_up(&fs, path, &file);
	if (why != NULL) {
		return why;
	}
	if (file.size > room) {
		return "has a larger file than there is room for";
	}
	why = ext4_read(&fs, &file, to, (uint32_t)file.size);
	*crc = crc32(0, to, (uint32_t)file.size);
	return why;
}

static void read_expected(void)
{
	struct expected expected;
	for (const char *text = NULL; expected_next(&text, &expected);) {
		uint32_t crc = 0;
		char name[300];
		snprintf(name, sizeof name, "  reads %s", expected.path);
		const char *why = load(expected.path, data, Room, &crc);
		if (why != NULL) {
			report_fail(name, "the file system %s", why);
		} else if (file.size != expected.size || crc != expected.crc) {
			report_fail(name, "%u bytes, CRC-32 %08x", (unsigned)file.size, crc);
		} else {
			report(name, true);
		}
	}
}

static void write_one(const char *path, const void *content, uint32_t size)
{
	struct date_time time = cmos_time();
	char name[64];
	uint32_t wrote = crc32(0, content, size), crc = 0;
	snprintf(name, sizeof name, "  writes %s", path);
	const char *why = ext4_create(&fs, path, content, size, unix_time(&time));
	why = why != NULL ? why : load(path, again, sizeof again, &crc);
	if (why != NULL) {
		report_fail(name, "the file system %s", why);
		return;
	}
	report(name, file.size == size && crc == wrote && memcmp(again, content, size) == 0);
	printf("  %s: %u bytes, CRC-32 %08x\n", path, size, wrote);
}

static void visit(struct disk *disk, const struct partition *partition)
{
	const char *why = ext4_open(&fs, disk, partition->first, partition->blocks);
	if (why != NULL) {
		report_fail("  opens it", "the file system %s", why);
		return;
	}
	printf("  ext4: %u blocks of %u bytes, %s\n", (unsigned)fs.blocks, fs.block_size, fs.checksums ? "metadata_csum" : "no checksums");
	read_expected();
	if (disk->read_only) {
		printf("  read-only: nothing is written\n");
		return;
	}
	char small[64];
	int length = snprintf(small, sizeof small, "written through %s\n", disk->driver->name);
	for (uint32_t i = 0; i < Large; i++) {
		data[i] = (uint8_t)(i * 2654435761u >> 24 ^ i >> 12);
	}
	write_one("large-of-guest", data, Large);
	write_one("small-of-guest", small, (uint32_t)length);
}

int main(void)
{
	static const char *const kinds[] = { "no partition table", "MBR", "GPT", "a damaged partition table" };
	unsigned count = lsi_disks(disks, DISKS_MOST);
	count += virtio_blk_disks(disks + count, DISKS_MOST - count);
	report("there is a disk", count != 0);
	report("a module says what is on it", multiboot_module(0) != NULL);
	unsigned visited = 0;
	for (unsigned i = 0; i < count; i++) {
		struct disk *disk = &disks[i];
		static struct partition partitions[PARTITIONS_MOST];
		unsigned partition_count;
		enum partition_table kind = partitions_read(disk, partitions, &partition_count);
		printf("disk %u: %s, %u blocks of %u bytes, %s\n", i, disk->driver->name, (unsigned)disk->blocks, disk->block_size, kinds[kind]);
		report("has a partition table", kind == PARTITIONS_MBR || kind == PARTITIONS_GPT);
		for (unsigned p = 0; p < partition_count; p++) {
			const struct partition *partition = &partitions[p];
			printf("  partition %u: %u blocks from %u, type %0*x%s%s\n", partition->number, (unsigned)partition->blocks, (unsigned)partition->first,
			       kind == PARTITIONS_GPT ? 8 : 2, partition->type, partition->name[0] != '\0' ? ", " : "", partition->name);
			if (partition->type == (kind == PARTITIONS_GPT ? (uint32_t)LinuxGpt : LinuxMbr)) {
				visit(disk, partition);
				visited++;
			}
		}
	}
	report("there is a partition of Linux's type", visited != 0);
	return report_summary();
}
