#pragma once

#include "probe.h"

void in_place(void);        // the next instruction, the loop itself, the instruction itself
void across_pages(void);    // one page writes the other; instructions that lie on two
void by_instruction(void);  // which instructions do the writing: string moves, locked ones, PUSH…
void generated(void);       // many small functions, code and data on one page, call targets
void aliases(void);         // several linear addresses of a page, and a page exchanged under running code
void modes(enum mode m);    // the simplest cases in another mode

/// Room for code, and calls to it: cdecl, one argument, result in EAX.
enum { BUFFER = PAGES };
typedef u32 (*function)(u32);

/// Writes instructions one after another.
struct writer { u8 *at; };
static inline void put(struct writer *w, const u8 *bytes, u32 size) { memcpy(w->at, bytes, size); w->at += size; }
static inline void put32(struct writer *w, u32 v) { memcpy(w->at, &v, 4); w->at += 4; }
#define PUT(w, ...) put((w), (const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))
static inline u32 call(u32 at, u32 argument) { return ((function)at)(argument); }
