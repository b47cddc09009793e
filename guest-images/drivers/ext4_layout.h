// What lies on the disk: the layout of ext4 (Linux, Documentation/filesystems/ext4), as far as ext4.h uses it. Little-endian.
#pragma once

#include "guest.h"

enum { EXT4_MAGIC = 0xEF53, EXT4_SUPERBLOCK_AT = 1024, EXT4_ROOT = 2 };

enum ext4_state { EXT4_CLEAN = 1, EXT4_ERRORS = 2 };

enum ext4_incompatible {
	EXT4_FILETYPE = 0x2, EXT4_RECOVER = 0x4, EXT4_EXTENTS = 0x40, EXT4_64BIT = 0x80, EXT4_FLEX_BG = 0x200, EXT4_CSUM_SEED = 0x2000,
};

enum ext4_read_only {
	EXT4_SPARSE_SUPER = 0x1, EXT4_LARGE_FILE = 0x2, EXT4_HUGE_FILE = 0x8, EXT4_DIR_NLINK = 0x20, EXT4_EXTRA_ISIZE = 0x40,
	EXT4_METADATA_CSUM = 0x400,
};

struct __attribute__((packed)) ext4_superblock {
	uint32_t inodes, blocks_low, reserved_blocks_low, free_blocks_low, free_inodes, first_data_block, log_block_size, log_cluster_size;
	uint32_t blocks_per_group, clusters_per_group, inodes_per_group, mounted, written;
	uint16_t mounts, mounts_most, magic, state, on_error, minor_revision;
	uint32_t checked, check_interval, creator, revision;
	uint16_t reserved_user, reserved_group;
	uint32_t first_inode;
	uint16_t inode_size, block_group;
	uint32_t compatible, incompatible, read_only_compatible;
	uint8_t uuid[16];
	uint8_t other_1[0xFE - 0x78];
	uint16_t descriptor_size;
	uint8_t other_2[0x150 - 0x100];
	uint32_t blocks_high, reserved_blocks_high, free_blocks_high;
	uint16_t extra_size_least, extra_size_wanted;
	uint8_t other_3[0x270 - 0x160];
	uint32_t checksum_seed;
	uint8_t other_4[0x3FC - 0x274];
	uint32_t checksum;
};
_Static_assert(sizeof(struct ext4_superblock) == 1024, "ext4: the super block");

enum ext4_group_flags { EXT4_INODES_UNUSED = 1, EXT4_BLOCKS_UNUSED = 2 };

struct __attribute__((packed)) ext4_group {
	uint32_t block_bitmap, inode_bitmap, inode_table;
	uint16_t free_blocks, free_inodes, directories, flags;
	uint32_t exclude_bitmap;
	uint16_t block_bitmap_checksum, inode_bitmap_checksum, unused_inodes, checksum;
	// The rest with the feature 64bit only.
	uint32_t block_bitmap_high, inode_bitmap_high, inode_table_high;
	uint16_t free_blocks_high, free_inodes_high, directories_high, unused_inodes_high;
	uint32_t exclude_bitmap_high;
	uint16_t block_bitmap_checksum_high, inode_bitmap_checksum_high;
	uint32_t reserved;
};
_Static_assert(sizeof(struct ext4_group) == 64, "ext4: a group's descriptor");
enum { EXT4_GROUP_SMALL = 32 };

enum ext4_mode { EXT4_TYPE = 0xF000, EXT4_DIRECTORY = 0x4000, EXT4_REGULAR = 0x8000 };
enum ext4_inode_flags { EXT4_INDEXED = 0x1000, EXT4_HAS_EXTENTS = 0x80000 };

struct __attribute__((packed)) ext4_inode {
	uint16_t mode, user;
	uint32_t size_low, accessed, changed, modified, deleted;
	uint16_t group, links;
	uint32_t blocks_low, flags, version;
	uint8_t tree[60];
	uint32_t generation, attributes_low, size_high, fragment;
	uint16_t blocks_high, attributes_high, user_high, group_high, checksum, reserved;
	// The rest in inodes of more than 128 bytes only.
	uint16_t extra_size, checksum_high;
	uint32_t changed_extra, modified_extra, accessed_extra, created, created_extra, version_high, project;
};
enum { EXT4_INODE_SMALL = 128, EXT4_INODE_EXTRA = 32 };
_Static_assert(sizeof(struct ext4_inode) == EXT4_INODE_SMALL + EXT4_INODE_EXTRA, "ext4: an inode");

enum { EXT4_EXTENT_MAGIC = 0xF30A, EXT4_EXTENT_DEPTH_MOST = 5, EXT4_EXTENT_LONGEST = 0x8000 };

struct __attribute__((packed)) ext4_extent_header { uint16_t magic, entries, most, depth; uint32_t generation; };

/// A longer one than EXT4_EXTENT_LONGEST is not written yet, and reads as zeros.
struct __attribute__((packed)) ext4_extent { uint32_t block; uint16_t length, start_high; uint32_t start_low; };

struct __attribute__((packed)) ext4_extent_index { uint32_t block, leaf_low; uint16_t leaf_high, unused; };

struct __attribute__((packed)) ext4_entry { uint32_t inode; uint16_t length; uint8_t name_length, type; char name[]; };
enum { EXT4_ENTRY = 8, EXT4_ENTRY_REGULAR = 1, EXT4_NAME_MOST = 255 };

/// Looks like an entry of no inode, and ends each block of a directory that has checksums.
struct __attribute__((packed)) ext4_entry_tail { uint32_t inode; uint16_t length; uint8_t name_length, type; uint32_t checksum; };
enum { EXT4_ENTRY_TAIL_TYPE = 0xDE };

/// How many entries of an index block there may be and are, in the place of the first entry's hash.
struct __attribute__((packed)) ext4_index_count { uint16_t most, count; };
enum { EXT4_INDEX_ROOT_AT = 0x20, EXT4_INDEX_NODE_AT = 8, EXT4_INDEX_ENTRY = 8 };
