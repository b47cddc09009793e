// One more block for a directory: in its tree of extents, which moves to a leaf of its own once it has filled the inode.
#include "ext4_bitmaps.h"

static uint8_t block[EXT4_BLOCK_MOST], leaf[EXT4_BLOCK_MOST];

static struct ext4_extent_header *header_of(uint8_t *node) { return (struct ext4_extent_header *)node; }
static struct ext4_extent *extents_of(uint8_t *node) { return (struct ext4_extent *)(node + sizeof(struct ext4_extent_header)); }

// One behind the last becomes a part of it. False if there is no room.
static bool append(uint8_t *node, uint32_t index, uint64_t at)
{
	struct ext4_extent_header *header = header_of(node);
	struct ext4_extent *next = extents_of(node) + header->entries, *last = next - 1;
	if (header->entries != 0 && last->length < EXT4_EXTENT_LONGEST && last->block + last->length == index &&
	    ext4_join(last->start_low, last->start_high) + last->length == at) {
		last->length++;
		return true;
	}
	if (header->entries == header->most) {
		return false;
	}
	*next = (struct ext4_extent){ index, 1, (uint16_t)(at >> 32), (uint32_t)at };
	header->entries++;
	return true;
}

static const char *write_leaf(struct ext4 *fs, const struct ext4_file *file, uint64_t at)
{
	uint32_t end = sizeof(struct ext4_extent_header) + header_of(leaf)->most * sizeof(struct ext4_extent);
	if (fs->checksums) {
		uint32_t crc = crc32c(file->seed, leaf, end);
		memcpy(leaf + end, &crc, sizeof crc);
	}
	return ext4_write_block(fs, at, leaf);
}

static const char *take_one(struct ext4 *fs, struct ext4_file *file, uint64_t *at)
{
	struct ext4_run run;
	const char *why = ext4_take_blocks(fs, 1, &run);
	if (why == NULL && run.count == 0) {
		why = "has no blocks left in the groups in use";
	}
	*at = run.start;
	file->inode.blocks_low += fs->block_size / 512;
	return why;
}

// The inode's extents go to a leaf, and the inode points to that.
static const char *deepen(struct ext4 *fs, struct ext4_file *file, uint32_t index, uint64_t at)
{
	uint64_t place;
	const char *why = take_one(fs, file, &place);
	if (why != NULL) {
		return why;
	}
	memset(leaf, 0, sizeof leaf);
	memcpy(leaf, file->inode.tree, sizeof file->inode.tree);
	header_of(leaf)->most = (uint16_t)((fs->block_size - sizeof(struct ext4_extent_header) - sizeof(uint32_t)) / sizeof(struct ext4_extent));
	(void)append(leaf, index, at);
	struct ext4_extent_header *root = header_of(file->inode.tree);
	struct ext4_extent_index entry = { extents_of(leaf)->block, (uint32_t)place, (uint16_t)(place >> 32), 0 };
	root->entries = 1;
	root->depth = 1;
	memset(root + 1, 0, sizeof file->inode.tree - sizeof *root);
	memcpy(root + 1, &entry, sizeof entry);
	return write_leaf(fs, file, place);
}

// In a leaf there may be one extent more than the directory is long, if the power fails before its inode is written.
static const char *append_to_tree(struct ext4 *fs, struct ext4_file *file, uint32_t index, uint64_t at)
{
	struct ext4_extent_header *root = header_of(file->inode.tree);
	if (root->depth == 0) {
		return append(file->inode.tree, index, at) ? NULL : deepen(fs, file, index, at);
	}
	const char *const pieces = "has a root directory in too many pieces";
	if (root->depth != 1 || root->entries == 0) {
		return pieces;
	}
	const struct ext4_extent_index *entry = (const struct ext4_extent_index *)(root + 1) + root->entries - 1;
	uint64_t place = ext4_join(entry->leaf_low, entry->leaf_high);
	const char *why = ext4_read_block(fs, place, leaf);
	if (why == NULL && !append(leaf, index, at)) {
		why = pieces;
	}
	return why != NULL ? why : write_leaf(fs, file, place);
}

static const char *write_empty(struct ext4 *fs, const struct ext4_file *directory, uint64_t at)
{
	uint32_t room = ext4_directory_room(fs);
	memset(block, 0, sizeof block);
	((struct ext4_entry *)block)->length = (uint16_t)room;
	if (fs->checksums) {
		struct ext4_entry_tail tail = { 0, sizeof tail, 0, EXT4_ENTRY_TAIL_TYPE, ext4_directory_checksum(fs, directory, block) };
		memcpy(block + room, &tail, sizeof tail);
	}
	return ext4_write_block(fs, at, block);
}

const char *ext4_grow_directory(struct ext4 *fs, struct ext4_file *directory)
{
	uint32_t index = (uint32_t)divide64(directory->size, fs->block_size);
	uint64_t at, start;
	uint32_t run;
	const char *why = ext4_map(fs, directory, index, &start, &run); // which looks at the checksums of what is added to
	if (why == NULL && start != 0) {
		why = "has a root directory that is shorter than its tree";
	}
	why = why != NULL ? why : take_one(fs, directory, &at);
	why = why != NULL ? why : ext4_flush(fs);
	why = why != NULL ? why : write_empty(fs, directory, at);
	why = why != NULL ? why : ext4_flush(fs);
	why = why != NULL ? why : append_to_tree(fs, directory, index, at);
	why = why != NULL ? why : ext4_flush(fs);
	if (why != NULL) {
		return why;
	}
	directory->size += fs->block_size;
	directory->inode.size_low = (uint32_t)directory->size;
	why = ext4_write_inode(fs, directory);
	return why != NULL ? why : ext4_flush(fs);
}
