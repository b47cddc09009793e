// The super block, the groups' descriptors, the inodes.
#include "ext4_internal.h"

enum {
	Known = EXT4_FILETYPE | EXT4_EXTENTS | EXT4_64BIT | EXT4_FLEX_BG | EXT4_CSUM_SEED,
	KnownToWrite = EXT4_SPARSE_SUPER | EXT4_LARGE_FILE | EXT4_HUGE_FILE | EXT4_DIR_NLINK | EXT4_EXTRA_ISIZE | EXT4_METADATA_CSUM,
};

static uint8_t scratch[EXT4_BLOCK_MOST];

const char *ext4_read_block(struct ext4 *fs, uint64_t block, void *buffer)
{
	if (block >= fs->blocks) {
		return "points behind its own end";
	}
	return disk_read(fs->disk, fs->first + block * fs->per_block, fs->per_block, buffer) ? NULL : "cannot be read";
}

const char *ext4_write_block(struct ext4 *fs, uint64_t block, const void *buffer)
{
	if (block >= fs->blocks) {
		return "points behind its own end";
	}
	return disk_write(fs->disk, fs->first + block * fs->per_block, fs->per_block, buffer) ? NULL : "cannot be written";
}

const char *ext4_flush(struct ext4 *fs) { return disk_flush(fs->disk) ? NULL : "cannot be flushed"; }

static uint32_t super_checksum(const struct ext4_superblock *super)
{
	return crc32c(~0u, super, offsetof(struct ext4_superblock, checksum));
}

static const char *check_super(const struct ext4_superblock *super)
{
	if (super->magic != EXT4_MAGIC || super->revision != 1) {
		return "is not ext4";
	}
	if ((super->incompatible & EXT4_RECOVER) != 0) {
		return "was not unmounted: its journal must be replayed first";
	}
	if (super->state != EXT4_CLEAN) {
		return "has errors that e2fsck must see first";
	}
	if ((super->incompatible & ~(uint32_t)Known) != 0 || (super->read_only_compatible & ~(uint32_t)KnownToWrite) != 0) {
		return "has features that are not known here";
	}
	if ((super->read_only_compatible & EXT4_METADATA_CSUM) != 0 && super->checksum != super_checksum(super)) {
		return "has a super block with a wrong checksum";
	}
	if (super->log_block_size > 2 || super->inode_size < EXT4_INODE_SMALL + EXT4_INODE_EXTRA || super->inode_size > EXT4_INODE_MOST ||
	    (super->inode_size & (super->inode_size - 1)) != 0) {
		return "has blocks of more than 4096 bytes, or inodes of a strange size";
	}
	uint32_t bits = 8 * (1024u << super->log_block_size);
	bool sane = super->blocks_per_group != 0 && super->blocks_per_group <= bits && super->blocks_per_group % 8 == 0 &&
		    super->inodes_per_group != 0 && super->inodes_per_group <= bits && super->inodes_per_group % 8 == 0;
	return sane ? NULL : "has groups of a strange size";
}

const char *ext4_open(struct ext4 *fs, struct disk *disk, uint64_t first, uint64_t blocks)
{
	uint32_t unit = disk->block_size, start = EXT4_BLOCK_MOST / unit;
	if (unit > EXT4_BLOCK_MOST || blocks < start || !disk_read(disk, first, start, scratch)) {
		return "cannot be read";
	}
	*fs = (struct ext4){ .disk = disk, .first = first };
	struct ext4_superblock *super = &fs->super;
	memcpy(super, scratch + EXT4_SUPERBLOCK_AT, sizeof *super);
	const char *why = check_super(super);
	if (why != NULL) {
		return why;
	}
	bool wide = (super->incompatible & EXT4_64BIT) != 0;
	fs->block_size = 1024u << super->log_block_size;
	fs->per_block = fs->block_size / unit;
	fs->blocks = ext4_join(super->blocks_low, wide ? super->blocks_high : 0);
	fs->inode_size = super->inode_size;
	fs->descriptor_size = wide ? super->descriptor_size : EXT4_GROUP_SMALL;
	fs->checksums = (super->read_only_compatible & EXT4_METADATA_CSUM) != 0;
	fs->seed = (super->incompatible & EXT4_CSUM_SEED) != 0 ? super->checksum_seed : crc32c(~0u, super->uuid, sizeof super->uuid);
	if (fs->per_block == 0 || fs->blocks <= super->first_data_block || fs->blocks > divide64(blocks, fs->per_block)) {
		return "does not fit its place";
	}
	if (fs->descriptor_size < (wide ? sizeof(struct ext4_group) : EXT4_GROUP_SMALL) || fs->descriptor_size > fs->block_size ||
	    fs->block_size % fs->descriptor_size != 0) {
		return "has group descriptors of a strange size";
	}
	fs->group_count = (uint32_t)divide64(fs->blocks - super->first_data_block + super->blocks_per_group - 1, super->blocks_per_group);
	return NULL;
}

const char *ext4_write_super(struct ext4 *fs)
{
	if (fs->checksums) {
		fs->super.checksum = super_checksum(&fs->super);
	}
	uint64_t at = EXT4_SUPERBLOCK_AT / fs->block_size;
	const char *why = ext4_read_block(fs, at, scratch);
	memcpy(scratch + EXT4_SUPERBLOCK_AT % fs->block_size, &fs->super, sizeof fs->super);
	return why != NULL ? why : ext4_write_block(fs, at, scratch);
}

// Over the group's number and all of the descriptor, with the checksum itself as 0.
static uint16_t group_checksum(const struct ext4 *fs, uint32_t number, uint8_t *descriptor)
{
	uint16_t kept, zero = 0;
	memcpy(&kept, descriptor + offsetof(struct ext4_group, checksum), sizeof kept);
	memcpy(descriptor + offsetof(struct ext4_group, checksum), &zero, sizeof zero);
	uint32_t crc = crc32c(crc32c(fs->seed, &number, sizeof number), descriptor, fs->descriptor_size);
	memcpy(descriptor + offsetof(struct ext4_group, checksum), &kept, sizeof kept);
	return (uint16_t)crc;
}

static uint32_t known_of_descriptor(const struct ext4 *fs)
{
	return fs->descriptor_size < sizeof(struct ext4_group) ? EXT4_GROUP_SMALL : sizeof(struct ext4_group);
}

// Leaves the block with the descriptor in `scratch`.
static const char *find_group(struct ext4 *fs, uint32_t number, uint64_t *at, uint8_t **descriptor)
{
	uint32_t in_block = fs->block_size / fs->descriptor_size;
	*at = fs->super.first_data_block + 1 + number / in_block;
	*descriptor = scratch + number % in_block * fs->descriptor_size;
	return number < fs->group_count ? ext4_read_block(fs, *at, scratch) : "names a group that it does not have";
}

const char *ext4_read_group(struct ext4 *fs, uint32_t number, struct ext4_group *group)
{
	uint64_t at;
	uint8_t *descriptor;
	const char *why = find_group(fs, number, &at, &descriptor);
	if (why != NULL) {
		return why;
	}
	*group = (struct ext4_group){ 0 };
	memcpy(group, descriptor, known_of_descriptor(fs));
	return !fs->checksums || group->checksum == group_checksum(fs, number, descriptor) ? NULL : "has a group's descriptor with a wrong checksum";
}

const char *ext4_write_group(struct ext4 *fs, uint32_t number, struct ext4_group *group)
{
	uint64_t at;
	uint8_t *descriptor;
	const char *why = find_group(fs, number, &at, &descriptor);
	if (why != NULL) {
		return why;
	}
	memcpy(descriptor, group, known_of_descriptor(fs));
	if (fs->checksums) {
		group->checksum = group_checksum(fs, number, descriptor);
		memcpy(descriptor + offsetof(struct ext4_group, checksum), &group->checksum, sizeof group->checksum);
	}
	return ext4_write_block(fs, at, scratch);
}

// Over the inode's number, its generation, and all of it with the two halves of the checksum as 0.
static uint32_t inode_checksum(const struct ext4 *fs, struct ext4_file *file)
{
	struct ext4_inode *inode = &file->inode;
	uint16_t low = inode->checksum, high = inode->checksum_high;
	inode->checksum = inode->checksum_high = 0;
	file->seed = crc32c(crc32c(fs->seed, &file->number, sizeof file->number), &inode->generation, sizeof inode->generation);
	uint32_t crc = crc32c(file->seed, file->bytes, fs->inode_size);
	inode->checksum = low;
	inode->checksum_high = high;
	return crc;
}

// Leaves the block with the inode in `scratch`.
static const char *find_inode(struct ext4 *fs, uint32_t number, uint64_t *at, uint8_t **place)
{
	struct ext4_group group;
	if (number == 0 || number > fs->super.inodes) {
		return "names an inode that it does not have";
	}
	uint32_t index = (number - 1) % fs->super.inodes_per_group, in_block = fs->block_size / fs->inode_size;
	const char *why = ext4_read_group(fs, (number - 1) / fs->super.inodes_per_group, &group);
	if (why != NULL) {
		return why;
	}
	*at = ext4_join(group.inode_table, group.inode_table_high) + index / in_block;
	*place = scratch + index % in_block * fs->inode_size;
	return ext4_read_block(fs, *at, scratch);
}

const char *ext4_read_inode(struct ext4 *fs, uint32_t number, struct ext4_file *file)
{
	uint64_t at;
	uint8_t *place;
	const char *why = find_inode(fs, number, &at, &place);
	if (why != NULL) {
		return why;
	}
	file->number = number;
	memcpy(file->bytes, place, fs->inode_size);
	file->size = ext4_join(file->inode.size_low, file->inode.size_high);
	uint32_t crc = inode_checksum(fs, file);
	bool right = file->inode.checksum == (uint16_t)crc &&
		     (file->inode.extra_size < 4 || file->inode.checksum_high == crc >> 16); // as long as the upper half is in use
	return !fs->checksums || right ? NULL : "has an inode with a wrong checksum";
}

const char *ext4_write_inode(struct ext4 *fs, struct ext4_file *file)
{
	uint64_t at;
	uint8_t *place;
	const char *why = find_inode(fs, file->number, &at, &place);
	if (why != NULL) {
		return why;
	}
	if (fs->checksums) {
		uint32_t crc = inode_checksum(fs, file);
		file->inode.checksum = (uint16_t)crc;
		file->inode.checksum_high = file->inode.extra_size < 4 ? file->inode.checksum_high : (uint16_t)(crc >> 16);
	}
	memcpy(place, file->bytes, fs->inode_size);
	return ext4_write_block(fs, at, scratch);
}
