// How a guest ends.
#pragma once

#include <stdint.h>

#define DEBUG_EXIT_PORT 0xF4

/// Writes `value` to isa-debug-exit: the emulator's process ends with status (value << 1) | 1.
/// On a machine without that device it halts for good.
__attribute__((noreturn)) void exit_with(uint32_t value);
