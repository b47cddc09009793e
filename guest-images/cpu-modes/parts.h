#pragma once

#include "probe.h"

void sizes(enum mode m);      // operand, address and stack sizes of a mode
void real_mode(void);         // the interrupt table, unreal mode
void virtual_8086(void);
void translation(void);       // accessed, dirty, global bits, what flushes; SMEP, SMAP
void call_gates(void);        // and conforming code
void interrupt_stacks(void);  // IST, RSP0, ESP0
void fast_calls(void);        // SYSENTER, SYSCALL
void tasks(void);
void queries(void);           // LAR LSL VERR VERW SLDT STR SGDT SIDT SMSW LMSW
void transitions(void);       // which changes of CR0, CR4 and EFER are refused

extern int has_long;

/// Stopped by this fault at its first byte, with nothing changed.
#define FAULTS(vector, error) (fault(vector, error, 0) && unchanged())
