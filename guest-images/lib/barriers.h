// The order of memory accesses, by the names that drivers use.
//
// x86 keeps the order of everything but a store before a later load of another location (SDM volume 3, 9.2.2), so
// only mb() is an instruction; the others hold the compiler. They are written where an ordering is relied upon
// all the same: they say which, and they are what a driver has on every other processor.
#pragma once

#include "x86.h"

/// A full barrier: what comes before is visible, stores too, before anything behind it is done. It is the only one
/// that keeps a store before a later load. A locked instruction does it on every processor; MFENCE is SSE2.
static inline void mb(void)
{
	__asm__ volatile("lock; addl $0, (%%" X86_SP ")" : : : "memory", "cc");
}

/// Loads stay in order; processors load in order already.
static inline void rmb(void) { compiler_barrier(); }

/// Stores stay in order; processors drain their store buffers in order already.
static inline void wmb(void) { compiler_barrier(); }

/// Between two loads of memory that a device writes: first the word that hands over (an index, an owner bit), then
/// what it hands over. The device's side of the pair is that it writes them the other way round.
static inline void dma_rmb(void) { compiler_barrier(); }

/// Between two stores to memory that a device reads: first what is handed over, then the word that does it.
static inline void dma_wmb(void) { compiler_barrier(); }

/// Between a store to memory and a later load of what a device writes: "I am going to sleep", then "is there work?".
/// The device does the same the other way round, and without a full barrier on each side both may miss the other.
static inline void dma_mb(void) { mb(); }

// One access, as it stands, of the size of the type: never split, repeated or left out by the compiler.
#define READ_ONCE(place) (*(const volatile __typeof__(place) *)&(place))
#define WRITE_ONCE(place, value) (*(volatile __typeof__(place) *)&(place) = (value))

/// The size that every processor's lines have had for twenty years. Two locations that must not share one are this far apart.
#define CACHE_LINE 64
#define OWN_CACHE_LINE __attribute__((aligned(CACHE_LINE)))

/// Adds and returns what was there before; a full barrier.
static inline uint32_t fetch_add(volatile uint32_t *place, uint32_t value)
{
	__asm__ volatile("lock; xaddl %0, %1" : "+r"(value), "+m"(*place) : : "memory", "cc");
	return value;
}

/// Stores and returns what was there before; a full barrier, with or without LOCK.
static inline uint32_t exchange(volatile uint32_t *place, uint32_t value)
{
	__asm__ volatile("xchgl %0, %1" : "+r"(value), "+m"(*place) : : "memory");
	return value;
}
