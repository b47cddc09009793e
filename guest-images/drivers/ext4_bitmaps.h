// Blocks and inodes taken from the bitmaps, and given back.
#pragma once

#include "ext4_internal.h"

struct ext4_run { uint64_t start; uint32_t count; };

/// Takes the longest run of free blocks that a group in use has, but no more than `wanted`; a count of 0 if there is none.
const char *ext4_take_blocks(struct ext4 *fs, uint32_t wanted, struct ext4_run *run);

/// Gives a run back.
const char *ext4_give_blocks(struct ext4 *fs, const struct ext4_run *run);

/// Takes the first free inode of a group in use.
const char *ext4_take_inode(struct ext4 *fs, uint32_t *number);
