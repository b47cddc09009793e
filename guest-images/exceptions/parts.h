#pragma once

#include "probe.h"

/// A way the processor can be set up, and the probe's modes in it.
struct world {
	const char *name;
	void (*go)(void);
	enum mode kernel, user;
	int wide, nx;  // 64-bit operands; page tables have NX
};
extern const struct world *w;

void divide(void);       // #DE
void debugging(void);    // #DB, #BP, #OF, #BR
void breakpoints(void);  // #DB of the debug registers
void opcodes(void);      // #UD, #NM
void segments(void);     // #GP, #NP, #SS from loading segment registers and using them
void gates_of_idt(void); // #GP, #NP, #TS, #SS from delivering, #DF
void privileges(void);   // #GP of privileged instructions, ports and control registers
void canonical(void);    // #GP, #SS of addresses that are not canonical
void paging(void);       // #PF
void alignment(void);    // #AC
void restart(void);      // instructions that fault half way

#define FAULT_PAGE (PAGES + 0x10000) /* tests make it fault; its neighbours are there */

/// The same instruction bytes: does it end with this fault at its first byte, nothing changed?
#define FAULTS(vector, error) (fault(vector, error, 0) && unchanged())
