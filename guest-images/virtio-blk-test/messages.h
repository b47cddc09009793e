// Messages of the disk, counted.
#pragma once

#include "parts.h"

enum { FirstVector = 0x50, Messages = 1 + VIRTIO_BLK_QUEUES };

/// How many came, by message. Message 0 is the configuration's, the next ones are the queues'.
extern volatile uint32_t messages[Messages];

/// Opens the disk with MSI-X on, message 0 for its configuration and one for each queue; true if it took them. No message wanted yet.
bool begin_with_messages(uint64_t wanted, unsigned queues, uint16_t size);

/// Interrupts off again, counts forgotten.
void end_messages(void);

/// Adds so many reads of one sector to queue 0, publishes them at once and waits for all; false if they do not come.
bool read_many(unsigned count);
