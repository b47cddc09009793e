// The selectors of the GDT in gdt.S; included by C and by assembly.
//
// KERNEL_CS is 32-bit code in a 32-bit guest and 64-bit code in a 64-bit one. Everything is flat and
// starts at 0, except that the limit of CODE16 and DATA16 is 64 KiB, as real mode wants to find it.
// Slots from FREE_SELECTOR up to TSS_SELECTOR - 1 belong to the guest. The last ones are the processors' task state
// segments, two slots each (a 64-bit guest needs both), so that the task register tells which processor this is.
#pragma once

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define CODE32 0x18
#define CODE16 0x20
#define DATA16 0x28
#define USER_CS 0x33
#define USER_DS 0x3B
#define USER_CODE32 0x43
#define FREE_SELECTOR 0x48
#define TSS_SELECTOR 0x100
#define TSS_SELECTOR_STEP 0x10
#define PROCESSORS_MAX 16
#define PROCESSOR_STACK 0x4000 /* bytes */
#define GDT_ENTRIES 64
