// A file system of the kind ext4 on a part of a disk: reads files by their path, and writes new files into the root directory.
//
// Everything that carries a checksum (metadata_csum) is checked when it is read. Refused are: a file system that was not unmounted,
// since its journal would have to be replayed; features that are not in ext4_layout.h; blocks of more than 4096 bytes.
// A function's result is null, or a sentence's end that says what is wrong.
#pragma once

#include "disk.h"
#include "ext4_layout.h"

enum { EXT4_BLOCK_MOST = 4096, EXT4_INODE_MOST = 1024 };

struct ext4 {
	struct disk *disk;
	uint64_t first;             // of the disk's blocks
	uint32_t block_size, group_count, descriptor_size, inode_size;
	uint32_t per_block;         // of the disk's blocks in one of this
	uint64_t blocks;
	bool checksums;
	uint32_t seed;              // of all checksums but the super block's
	struct ext4_superblock super;
};

/// An inode that was read, with all of its bytes.
struct ext4_file {
	uint32_t number;
	uint32_t seed;              // of the checksums of its tree and its directory blocks
	uint64_t size;
	union {
		struct ext4_inode inode;
		uint8_t bytes[EXT4_INODE_MOST];
	};
};

/// Opens what lies on the `blocks` blocks of the disk from `first` on.
const char *ext4_open(struct ext4 *fs, struct disk *disk, uint64_t first, uint64_t blocks);

/// Finds a path such as "/a/b". Links are not followed.
const char *ext4_look_up(struct ext4 *fs, const char *path, struct ext4_file *file);

/// Reads the file's first `count` bytes; a hole reads as zeros. Past its end there is nothing to read.
const char *ext4_read(struct ext4 *fs, const struct ext4_file *file, void *buffer, uint32_t count);

/// Creates a file in the root directory: bitmaps and counts, data, inode, directory entry, with a flush behind each. Wherever the power
/// fails, nothing points to what is not written; blocks may be lost, or the new file's name. Takes blocks of groups already in use, in four
/// pieces at most. The directory, which must not be indexed, grows by a block where a name has no room.
const char *ext4_create(struct ext4 *fs, const char *name, const void *data, uint32_t size, uint32_t now);

/// Seconds since 1970.
uint32_t unix_time(const struct date_time *time);
