// A file's extents: a tree with its root in the inode, whose leaves say where each run of blocks lies.
#include "ext4_internal.h"

// The node of each depth that was read last, while one file is read: the next run is mostly in the same. No block 0 is a node.
static struct { uint64_t block; uint8_t data[EXT4_BLOCK_MOST]; } nodes[EXT4_EXTENT_DEPTH_MOST];

static void forget(void)
{
	for (unsigned depth = 0; depth < EXT4_EXTENT_DEPTH_MOST; depth++) {
		nodes[depth].block = 0;
	}
}

// The checksum stands behind the last entry that there may be.
static const char *check_node(struct ext4 *fs, const struct ext4_file *file, const uint8_t *data, uint32_t size, unsigned depth, bool root)
{
	const struct ext4_extent_header *header = (const void *)data;
	uint32_t end = sizeof *header + header->most * sizeof(struct ext4_extent), checksum;
	if (header->magic != EXT4_EXTENT_MAGIC || header->entries > header->most || header->depth != depth || end > size - (root ? 0 : 4)) {
		return "has a damaged tree of extents";
	}
	if (root || !fs->checksums) {
		return NULL;
	}
	memcpy(&checksum, data + end, sizeof checksum);
	return checksum == crc32c(file->seed, data, end) ? NULL : "has a tree of extents with a wrong checksum";
}

static const char *read_node(struct ext4 *fs, const struct ext4_file *file, unsigned depth, uint64_t block)
{
	if (nodes[depth].block == block && block != 0) {
		return NULL;
	}
	nodes[depth].block = 0;
	const char *why = ext4_read_block(fs, block, nodes[depth].data);
	why = why != NULL ? why : check_node(fs, file, nodes[depth].data, fs->block_size, depth, false);
	nodes[depth].block = why == NULL ? block : 0;
	return why;
}

// The last entry that begins at or before the block, or null; both kinds begin with the block and are as long.
static const uint8_t *find(const uint8_t *data, uint32_t block, uint32_t *next)
{
	const struct ext4_extent_header *header = (const void *)data;
	const uint8_t *found = NULL;
	for (unsigned i = 0; i < header->entries; i++) {
		const struct ext4_extent *entry = (const struct ext4_extent *)(data + sizeof *header) + i;
		if (entry->block > block) {
			*next = entry->block;
			break;
		}
		found = (const uint8_t *)entry;
	}
	return found;
}

static const char *map(struct ext4 *fs, const struct ext4_file *file, uint32_t block, uint64_t *start, uint32_t *count)
{
	if ((file->inode.flags & EXT4_HAS_EXTENTS) == 0) {
		return "has a file without extents";
	}
	unsigned depth = ((const struct ext4_extent_header *)file->inode.tree)->depth;
	const uint8_t *data = file->inode.tree;
	const char *why = depth > EXT4_EXTENT_DEPTH_MOST ? "has a damaged tree of extents" : check_node(fs, file, data, sizeof file->inode.tree, depth, true);
	uint32_t next = UINT32_MAX; // where the next one of all begins
	const uint8_t *entry = NULL;
	while (why == NULL && (entry = find(data, block, &next)) != NULL && depth != 0) {
		const struct ext4_extent_index *index = (const void *)entry;
		why = read_node(fs, file, --depth, ext4_join(index->leaf_low, index->leaf_high));
		data = nodes[depth].data;
	}
	if (why != NULL) {
		return why;
	}
	*start = 0;
	*count = next - block;
	const struct ext4_extent *extent = (const void *)entry;
	if (extent != NULL) {
		bool written = extent->length <= EXT4_EXTENT_LONGEST;
		uint32_t into = block - extent->block, length = written ? extent->length : extent->length - EXT4_EXTENT_LONGEST;
		if (into < length) {
			*start = written ? ext4_join(extent->start_low, extent->start_high) + into : 0;
			*count = length - into;
		}
	}
	return NULL;
}

const char *ext4_map(struct ext4 *fs, const struct ext4_file *file, uint32_t block, uint64_t *start, uint32_t *count)
{
	forget();
	return map(fs, file, block, start, count);
}

const char *ext4_read(struct ext4 *fs, const struct ext4_file *file, void *buffer, uint32_t count)
{
	static uint8_t last[EXT4_BLOCK_MOST];
	if (count > file->size) {
		return "has a shorter file than was thought";
	}
	uint8_t *to = buffer;
	forget();
	for (uint32_t block = 0, left = count, part; left != 0; block += part) {
		uint64_t start;
		const char *why = map(fs, file, block, &start, &part);
		if (why != NULL) {
			return why;
		}
		uint32_t whole = left / fs->block_size;
		part = part < whole ? part : whole != 0 ? whole : 1;
		uint32_t bytes = part * fs->block_size < left ? part * fs->block_size : left;
		if (start == 0) {
			memset(to, 0, bytes);
		} else if (bytes < fs->block_size) {
			if ((why = ext4_read_block(fs, start, last)) != NULL) {
				return why;
			}
			memcpy(to, last, bytes);
		} else if (start + part > fs->blocks || !disk_read(fs->disk, fs->first + start * fs->per_block, part * fs->per_block, to)) {
			return "has a file that cannot be read";
		}
		to += bytes;
		left -= bytes;
	}
	return NULL;
}
