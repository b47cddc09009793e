// The selectors of the GDT in gdt.S; included by C and by assembly.
//
// KERNEL_CS is 32-bit code in a 32-bit guest and 64-bit code in a 64-bit one. Everything is flat and
// starts at 0, except that the limit of CODE16 and DATA16 is 64 KiB, as real mode wants to find it.
// Slots from FREE_SELECTOR up to GDT_ENTRIES - 1 belong to the guest.
#pragma once

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define CODE32 0x18
#define CODE16 0x20
#define DATA16 0x28
#define USER_CS 0x33
#define USER_DS 0x3B
#define TSS_SELECTOR 0x40 /* two slots in a 64-bit guest */
#define USER_CODE32 0x53
#define FREE_SELECTOR 0x58
#define GDT_ENTRIES 32
