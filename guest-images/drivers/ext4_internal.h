// What the parts of the ext4 driver have of each other.
#pragma once

#include "crc.h"
#include "ext4.h"

/// One block of the file system, whole. The buffer holds EXT4_BLOCK_MOST bytes.
const char *ext4_read_block(struct ext4 *fs, uint64_t block, void *buffer);
const char *ext4_write_block(struct ext4 *fs, uint64_t block, const void *buffer);

/// All that was written is stable.
const char *ext4_flush(struct ext4 *fs);

/// A group's descriptor; those without the feature 64bit are read as if their upper half were 0.
const char *ext4_read_group(struct ext4 *fs, uint32_t number, struct ext4_group *group);

/// Writes it back with its checksum.
const char *ext4_write_group(struct ext4 *fs, uint32_t number, struct ext4_group *group);

/// Writes the super block back with its checksum.
const char *ext4_write_super(struct ext4 *fs);

const char *ext4_read_inode(struct ext4 *fs, uint32_t number, struct ext4_file *file);

/// Writes the inode back with its checksum.
const char *ext4_write_inode(struct ext4 *fs, struct ext4_file *file);

/// Where the file's block `block` lies, and how many of the following lie behind it; `*start` is 0 for a hole.
const char *ext4_map(struct ext4 *fs, const struct ext4_file *file, uint32_t block, uint64_t *start, uint32_t *count);

static inline uint64_t ext4_join(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

/// The bytes of a directory entry with a name of this length.
static inline uint32_t ext4_entry_size(uint32_t name_length) { return (EXT4_ENTRY + name_length + 3) & ~3u; }

/// One block of a directory, with its checksum checked. `*has_entries` is false for one of the index.
const char *ext4_read_directory_block(struct ext4 *fs, const struct ext4_file *directory, uint32_t index, uint8_t *block, uint64_t *at,
				      bool *has_entries);

/// The checksum that ends such a block.
uint32_t ext4_directory_checksum(const struct ext4 *fs, const struct ext4_file *directory, const uint8_t *block);

/// Where its entries end.
uint32_t ext4_directory_room(const struct ext4 *fs);

/// Adds a block without entries to a directory, with a flush behind each step: bitmap, block, extent, inode.
const char *ext4_grow_directory(struct ext4 *fs, struct ext4_file *directory);
