#pragma once

#include "probe.h"

void against_model(enum mode m);  // every form, size, direction, prefix and count
void ports(void);                 // INS and OUTS
void faults(void);                // a page fault half way
void interrupts(enum mode m);     // the PIT half way
