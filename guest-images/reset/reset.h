// What the parts of this guest share.
#pragma once

#include "guest.h"

void check_bcd(void);
void check_interrupts(void);
void check_segments(void);
