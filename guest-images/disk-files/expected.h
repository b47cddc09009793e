// What the first Multiboot module says is on the disks: a line a file, "CRC-32 bytes path", the first in hexadecimal.
#pragma once

#include "guest.h"

struct expected { uint32_t crc, size; char path[256]; };

/// The next line from `*text` on; false at the end. `*text` is first null.
bool expected_next(const char **text, struct expected *file);
