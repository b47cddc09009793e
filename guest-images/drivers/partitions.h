// Partition tables: the master boot record's with its logical partitions, and UEFI's GPT (UEFI 2.10, 5).
#pragma once

#include "disk.h"

enum partition_table { PARTITIONS_NONE, PARTITIONS_MBR, PARTITIONS_GPT, PARTITIONS_DAMAGED };

enum { PARTITIONS_MOST = 32, PARTITION_NAME = 36 };

struct partition {
	/// As the table numbers it, from 1; logical partitions from 5.
	unsigned number;
	uint64_t first, blocks;

	/// A GPT's type is a GUID, of which these are the first bytes; an MBR's is one byte.
	uint32_t type;

	/// A GPT's; what is not ASCII shows as "?".
	char name[PARTITION_NAME + 1];
};

/// Reads the table of a disk with blocks of up to 4096 bytes. A partition that does not lie on the disk makes the table a damaged one;
/// so does a GPT of which neither copy has its checksums.
enum partition_table partitions_read(struct disk *disk, struct partition found[PARTITIONS_MOST], unsigned *count);
