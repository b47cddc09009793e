// Finds every disk, reads its partition table, and on each partition with ext4 reads the files that the module names, then writes a
// large one and a small one and reads them back, and so many with long names that the directory grows. What it wrote is for the machine
// outside to look at: it prints the checksums.
#include "../drivers/crc.h"
#include "../drivers/ext4.h"
#include "../drivers/partitions.h"
#include "expected.h"

enum { Many = 72, ManyName = 240 }; // which no directory of one block has room for
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

static const char *root_size(uint64_t *size)
{
	const char *why = ext4_look_up(&fs, "/", &file);
	*size = file.size;
	return why;
}

// Each has its name in it.
static void write_many(void)
{
	struct date_time time = cmos_time();
	char name[ManyName + 1], content[ManyName];
	uint64_t before, after;
	uint32_t crc, same = 0;
	const char *why = root_size(&before);
	for (unsigned pass = 0; pass < 2 && why == NULL; pass++) {
		for (unsigned i = 0; i < Many && why == NULL; i++) {
			memset(name, 'x', ManyName);
			name[snprintf(name, sizeof name, "%u-of-guest-", i)] = 'x';
			name[ManyName] = '\0';
			if (pass == 0) {
				why = ext4_create(&fs, name, name, ManyName, unix_time(&time));
			} else {
				why = load(name, (uint8_t *)content, sizeof content, &crc);
				same += why == NULL && file.size == ManyName && memcmp(name, content, ManyName) == 0;
			}
		}
	}
	why = why != NULL ? why : root_size(&after);
	if (why != NULL) {
		report_fail("  writes so many that the directory grows", "the file system %s", why);
	} else {
		report("  writes so many that the directory grows", same == Many && after >= before + 4 * fs.block_size && after % fs.block_size == 0);
	}
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
	write_many();
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
