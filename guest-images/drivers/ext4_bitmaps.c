// Each change is three: the bitmap, the group's descriptor with the count and the bitmap's checksum, the super block's count.
#include "ext4_bitmaps.h"

static uint8_t bitmap[EXT4_BLOCK_MOST];

static bool is_set(uint32_t bit) { return (bitmap[bit / 8] >> bit % 8 & 1) != 0; }

static void set(uint32_t first, uint32_t count, bool value)
{
	for (uint32_t bit = first; bit < first + count; bit++) {
		bitmap[bit / 8] = (uint8_t)((bitmap[bit / 8] & ~(1u << bit % 8)) | (unsigned)value << bit % 8);
	}
}

// The last group may be shorter.
static uint32_t blocks_of(const struct ext4 *fs, uint32_t group)
{
	uint64_t before = fs->super.first_data_block + (uint64_t)group * fs->super.blocks_per_group, left = fs->blocks - before;
	return left < fs->super.blocks_per_group ? (uint32_t)left : fs->super.blocks_per_group;
}

enum kind { Blocks, Inodes };

static uint64_t place(const struct ext4_group *group, enum kind kind)
{
	return kind == Blocks ? ext4_join(group->block_bitmap, group->block_bitmap_high) : ext4_join(group->inode_bitmap, group->inode_bitmap_high);
}

static uint32_t checksum(const struct ext4 *fs, enum kind kind)
{
	return crc32c(fs->seed, bitmap, (kind == Blocks ? fs->super.blocks_per_group : fs->super.inodes_per_group) / 8);
}

// Only the lower half is kept where descriptors are small.
static uint32_t kept(const struct ext4 *fs, uint32_t crc) { return fs->descriptor_size < sizeof(struct ext4_group) ? (uint16_t)crc : crc; }

static const char *load(struct ext4 *fs, const struct ext4_group *group, enum kind kind)
{
	uint32_t is = kind == Blocks ? (uint32_t)group->block_bitmap_checksum_high << 16 | group->block_bitmap_checksum
				     : (uint32_t)group->inode_bitmap_checksum_high << 16 | group->inode_bitmap_checksum;
	const char *why = ext4_read_block(fs, place(group, kind), bitmap);
	return why != NULL || !fs->checksums || is == kept(fs, checksum(fs, kind)) ? why : "has a bitmap with a wrong checksum";
}

static const char *store(struct ext4 *fs, uint32_t number, struct ext4_group *group, enum kind kind)
{
	uint32_t crc = fs->checksums ? kept(fs, checksum(fs, kind)) : 0;
	if (kind == Blocks) {
		group->block_bitmap_checksum = (uint16_t)crc;
		group->block_bitmap_checksum_high = (uint16_t)(crc >> 16);
	} else {
		group->inode_bitmap_checksum = (uint16_t)crc;
		group->inode_bitmap_checksum_high = (uint16_t)(crc >> 16);
	}
	const char *why = ext4_write_block(fs, place(group, kind), bitmap);
	why = why != NULL ? why : ext4_write_group(fs, number, group);
	return why != NULL ? why : ext4_write_super(fs);
}

static void count_blocks(struct ext4 *fs, struct ext4_group *group, int32_t more)
{
	uint32_t in_group = ((uint32_t)group->free_blocks_high << 16 | group->free_blocks) + (uint32_t)more;
	uint64_t in_all = ext4_join(fs->super.free_blocks_low, fs->super.free_blocks_high) + (uint64_t)(int64_t)more;
	group->free_blocks = (uint16_t)in_group;
	group->free_blocks_high = (uint16_t)(in_group >> 16);
	fs->super.free_blocks_low = (uint32_t)in_all;
	fs->super.free_blocks_high = (uint32_t)(in_all >> 32);
}

// The longest run of zeros in the bitmap, or the first that is long enough.
static uint32_t longest_free(uint32_t bits, uint32_t wanted, uint32_t *first)
{
	uint32_t best = 0;
	for (uint32_t bit = 0, length; bit < bits && best < wanted; bit += length + 1) {
		for (length = 0; bit + length < bits && length < wanted && !is_set(bit + length); length++) {
		}
		if (length > best) {
			best = length;
			*first = bit;
		}
	}
	return best;
}

// Visits groups in use: the bitmap of one that is not would have to be made first.
static const char *load_in_use(struct ext4 *fs, uint32_t number, struct ext4_group *group, enum kind kind, bool *usable)
{
	const char *why = ext4_read_group(fs, number, group);
	*usable = why == NULL && (group->flags & (kind == Blocks ? EXT4_BLOCKS_UNUSED : EXT4_INODES_UNUSED)) == 0;
	return *usable ? load(fs, group, kind) : why;
}

const char *ext4_take_blocks(struct ext4 *fs, uint32_t wanted, struct ext4_run *run)
{
	struct ext4_group group;
	uint32_t best = 0, best_group = 0, best_first = 0, first = 0;
	bool usable;
	const char *why = NULL;
	for (uint32_t number = 0; why == NULL && best < wanted && number < fs->group_count; number++) {
		why = load_in_use(fs, number, &group, Blocks, &usable);
		uint32_t length = why == NULL && usable ? longest_free(blocks_of(fs, number), wanted, &first) : 0;
		if (length > best) {
			best = length;
			best_group = number;
			best_first = first;
		}
	}
	*run = (struct ext4_run){ fs->super.first_data_block + (uint64_t)best_group * fs->super.blocks_per_group + best_first, best };
	if (why != NULL || best == 0 || (why = load_in_use(fs, best_group, &group, Blocks, &usable)) != NULL) {
		return why;
	}
	set(best_first, best, true);
	count_blocks(fs, &group, -(int32_t)best);
	return store(fs, best_group, &group, Blocks);
}

const char *ext4_give_blocks(struct ext4 *fs, const struct ext4_run *run)
{
	struct ext4_group group;
	uint32_t number = (uint32_t)divide64(run->start - fs->super.first_data_block, fs->super.blocks_per_group);
	uint64_t first = run->start - fs->super.first_data_block - (uint64_t)number * fs->super.blocks_per_group;
	const char *why = ext4_read_group(fs, number, &group);
	why = why != NULL ? why : load(fs, &group, Blocks);
	if (why != NULL) {
		return why;
	}
	set((uint32_t)first, run->count, false);
	count_blocks(fs, &group, (int32_t)run->count);
	return store(fs, number, &group, Blocks);
}

const char *ext4_take_inode(struct ext4 *fs, uint32_t *number)
{
	for (uint32_t i = 0; i < fs->group_count; i++) {
		struct ext4_group group;
		bool usable;
		uint32_t in_group = fs->super.inodes_per_group, index = 0;
		const char *why = load_in_use(fs, i, &group, Inodes, &usable);
		if (why != NULL) {
			return why;
		}
		if (!usable || longest_free(in_group, 1, &index) == 0) {
			continue;
		}
		set(index, 1, true);
		uint32_t free = ((uint32_t)group.free_inodes_high << 16 | group.free_inodes) - 1;
		group.free_inodes = (uint16_t)free;
		group.free_inodes_high = (uint16_t)(free >> 16);
		fs->super.free_inodes--;

		// Behind the last inode ever used the table may be anything; this one is now in front of that.
		uint32_t unused = (uint32_t)group.unused_inodes_high << 16 | group.unused_inodes, left = in_group - index - 1;
		unused = unused < left ? unused : left;
		group.unused_inodes = (uint16_t)unused;
		group.unused_inodes_high = (uint16_t)(unused >> 16);
		*number = i * in_group + index + 1;
		return store(fs, i, &group, Inodes);
	}
	return "has no inode left in the groups in use";
}
