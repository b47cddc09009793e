// The two checksums of 32 bits that disks and files carry.
#pragma once

#include "guest.h"

/// The CRC of IEEE 802.3, that of GPT, gzip and zip; from 0, or from the value of what stands in front.
uint32_t crc32(uint32_t before, const void *data, size_t count);

/// The CRC of Castagnoli, as ext4 keeps it: without the inversions at either end, so from ~0 in general.
uint32_t crc32c(uint32_t before, const void *data, size_t count);
