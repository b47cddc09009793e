// The runtime of the bare-metal guests: one include gives a guest everything.
//
// A guest is `int main(void)`; what main returns goes to isa-debug-exit, 0 for success. It starts with
// interrupts off, the PICs set up to vectors 0x20 and 0x28 with every line masked, an IDT in place whose
// default is to print the exception and fail, and COM1 at 115200 8N1.
#pragma once

#include "console.h"
#include "exit.h"
#include "report.h"
#include "string.h"
#include "x86.h"
#include "pci.h"

#ifndef GUEST_RAW
#include "apic.h"
#include "barriers.h"
#include "interrupts.h"
#include "msi.h"
#include "multiboot.h"
#include "real.h"
#include "selectors.h"
#include "smp.h"
#include "tables.h"
#include "timing.h"
#endif

int main(void);
