#include "crc.h"
#include "partitions.h"

enum { BlockMost = 4096, Protective = 0xEE, Entries = 446, Signature = 510, GptEntriesMost = 1024 };

struct __attribute__((packed)) mbr_entry { uint8_t status, first_chs[3], type, last_chs[3]; uint32_t first, blocks; };

struct __attribute__((packed)) gpt_header {
	char signature[8];
	uint32_t revision, size, checksum, reserved;
	uint64_t self, other, first_usable, last_usable;
	uint8_t guid[16];
	uint64_t entries;
	uint32_t entry_count, entry_size, entries_checksum;
};

struct __attribute__((packed)) gpt_entry { uint8_t type[16], guid[16]; uint64_t first, last, attributes; uint16_t name[PARTITION_NAME]; };

static uint8_t block[BlockMost];

static bool add(const struct disk *disk, struct partition found[], unsigned *count, struct partition partition)
{
	if (partition.blocks == 0 || partition.first >= disk->blocks || partition.blocks > disk->blocks - partition.first) {
		return false;
	}
	if (*count < PARTITIONS_MOST) {
		found[(*count)++] = partition;
	}
	return true;
}

static bool is_extended(uint8_t type) { return type == 0x05 || type == 0x0F || type == 0x85; }

static bool boot_record(struct disk *disk, uint64_t at, struct mbr_entry entries[4])
{
	bool ok = disk_read(disk, at, 1, block) && block[Signature] == 0x55 && block[Signature + 1] == 0xAA;
	memcpy(entries, block + Entries, 4 * sizeof *entries);
	return ok;
}

// A chain of boot records: the first entry of each is a partition behind that record, the second the next record of the whole.
static bool logical(struct disk *disk, uint64_t extended, struct partition found[], unsigned *count)
{
	uint64_t at = extended;
	for (unsigned number = 5; number < 5 + PARTITIONS_MOST; number++) {
		struct mbr_entry entries[4];
		if (at >= disk->blocks || !boot_record(disk, at, entries)) {
			return false;
		}
		if (entries[0].type != 0 &&
		    !add(disk, found, count, (struct partition){ number, at + entries[0].first, entries[0].blocks, entries[0].type, "" })) {
			return false;
		}
		if (!is_extended(entries[1].type)) {
			return true;
		}
		at = extended + entries[1].first;
	}
	return false; // longer than there is room for, or a circle
}

static enum partition_table mbr(struct disk *disk, const struct mbr_entry entries[4], struct partition found[], unsigned *count)
{
	for (unsigned i = 0; i < 4; i++) {
		const struct mbr_entry *entry = &entries[i];
		if (entry->type != 0 && !add(disk, found, count, (struct partition){ i + 1, entry->first, entry->blocks, entry->type, "" })) {
			return PARTITIONS_DAMAGED;
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		if (is_extended(entries[i].type) && !logical(disk, entries[i].first, found, count)) {
			return PARTITIONS_DAMAGED;
		}
	}
	return PARTITIONS_MBR;
}

// The header in this block, if its own checksum and that of its entries are right.
static bool gpt_header(struct disk *disk, uint64_t at, struct gpt_header *header)
{
	if (!disk_read(disk, at, 1, block)) {
		return false;
	}
	memcpy(header, block, sizeof *header);
	if (memcmp(header->signature, "EFI PART", 8) != 0 || header->size < sizeof *header || header->size > disk->block_size || header->self != at ||
	    header->entry_size < sizeof(struct gpt_entry) || header->entry_size > disk->block_size || disk->block_size % header->entry_size != 0 ||
	    header->entry_count > GptEntriesMost) {
		return false;
	}
	memset(block + offsetof(struct gpt_header, checksum), 0, sizeof header->checksum);
	if (crc32(0, block, header->size) != header->checksum) {
		return false;
	}
	uint32_t bytes = header->entry_count * header->entry_size, crc = 0;
	for (uint32_t done = 0, part; done < bytes; done += part) {
		part = bytes - done < disk->block_size ? bytes - done : disk->block_size;
		if (!disk_read(disk, header->entries + done / disk->block_size, 1, block)) {
			return false;
		}
		crc = crc32(crc, block, part);
	}
	return crc == header->entries_checksum;
}

static enum partition_table gpt(struct disk *disk, struct partition found[], unsigned *count)
{
	struct gpt_header header;
	if (!gpt_header(disk, 1, &header) && !gpt_header(disk, disk->blocks - 1, &header)) {
		return PARTITIONS_DAMAGED;
	}
	uint32_t in_block = disk->block_size / header.entry_size;
	for (uint32_t i = 0; i < header.entry_count; i++) {
		if (i % in_block == 0 && !disk_read(disk, header.entries + i / in_block, 1, block)) {
			return PARTITIONS_DAMAGED;
		}
		struct gpt_entry entry;
		memcpy(&entry, block + i % in_block * header.entry_size, sizeof entry);
		static const uint8_t unused[16];
		if (memcmp(entry.type, unused, sizeof unused) == 0) {
			continue;
		}
		struct partition partition = { .number = i + 1, .first = entry.first, .blocks = entry.last - entry.first + 1 };
		memcpy(&partition.type, entry.type, sizeof partition.type);
		for (unsigned c = 0; c < PARTITION_NAME && entry.name[c] != 0; c++) {
			partition.name[c] = entry.name[c] >= ' ' && entry.name[c] < 0x7F ? (char)entry.name[c] : '?';
		}
		if (entry.last < entry.first || !add(disk, found, count, partition)) {
			return PARTITIONS_DAMAGED;
		}
	}
	return PARTITIONS_GPT;
}

enum partition_table partitions_read(struct disk *disk, struct partition found[PARTITIONS_MOST], unsigned *count)
{
	*count = 0;
	struct mbr_entry entries[4];
	if (disk->block_size > BlockMost || disk->blocks < 2 || !boot_record(disk, 0, entries)) {
		return PARTITIONS_NONE;
	}
	return entries[0].type == Protective ? gpt(disk, found, count) : mbr(disk, entries, found, count);
}
