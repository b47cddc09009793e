// A split virtqueue (Virtual I/O Device specification 1.2, 2.7), as the driver sees it.
//
// It shows what a driver owes this device: a write barrier between the ring's entry and the index; a full one between the index
// and the look whether the device wants to be told; a read barrier between the used index and the element; a full one between
// asking for an interrupt and the last look for what it would tell of.
#pragma once

#include "virtio.h"

enum virtq_flags { VIRTQ_NEXT = 1, VIRTQ_WRITE = 2, VIRTQ_INDIRECT = 4 };
enum { VIRTQ_NO_INTERRUPT = 1, VIRTQ_NO_NOTIFY = 1 }; // in the flags of the available ring, and of the used ring

struct virtq_descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

struct virtq_available { uint16_t flags, index, ring[]; }; // behind the ring: used_event
struct virtq_element { uint32_t id, length; };
struct virtq_used { uint16_t flags, index; struct virtq_element ring[]; }; // behind the ring: avail_event

enum { VIRTQ_MOST = 1024, VIRTQ_PAGE = 4096 };

/// The three parts of a queue, where a legacy device wants them: descriptors and the available ring, and on the next page the used ring.
struct virtq_memory {
	uint8_t bytes[VIRTQ_MOST * 16 + VIRTQ_PAGE + (4 + VIRTQ_MOST * 8 + 2 + VIRTQ_PAGE - 1) / VIRTQ_PAGE * VIRTQ_PAGE];
} __attribute__((aligned(4096)));

struct virtq {
	struct virtio *device;
	uint16_t number, size;
	uint32_t notify; // where in the window
	struct virtq_descriptor *descriptors;
	struct virtq_available *available;
	struct virtq_used *used;
	uint16_t free, free_count;   // descriptors: a list by `next`
	uint16_t added, told, taken; // available entries written, those of them that the device had been told of; used ones read
	void *tokens[VIRTQ_MOST];    // by the first descriptor of what is under way
};

/// A piece of memory that is handed over.
struct virtq_buffer { const volatile void *bytes; uint32_t length; };

/// Lays a queue of this size out in memory, empty, without telling the device.
void virtq_layout(struct virtq *queue, struct virtio *device, uint16_t number, uint16_t size, struct virtq_memory *memory);

/// Tells the device where the queue is and enables it. A legacy device has no choice of sizes, and false is returned if this is not its own.
bool virtq_enable(struct virtq *queue);

/// Lays out and enables; a size of 0 takes the largest there is, up to VIRTQ_MOST.
bool virtq_open(struct virtq *queue, struct virtio *device, uint16_t number, uint16_t size, struct virtq_memory *memory);

/// Puts a chain of buffers that the device reads, then of buffers that it writes, into the ring, where the device does not see it before
/// virtq_publish. With a table it is one descriptor in the queue and the others there. False if there is no room.
bool virtq_add(struct virtq *queue, const struct virtq_buffer buffers[], unsigned read, unsigned written, struct virtq_descriptor *table, void *token);

/// Puts a chain that lies in the descriptors already into the ring.
void virtq_add_head(struct virtq *queue, uint16_t head);

/// Shows the device what was added; it may be looking.
void virtq_publish(struct virtq *queue);

/// True if the device wants to be told of what was published since it was asked last. Full barrier inside.
bool virtq_wants_notice(struct virtq *queue);
void virtq_notify(const struct virtq *queue);

/// Publishes, and tells the device if it wants to be; true if it did.
bool virtq_kick(struct virtq *queue);

/// The index of the used ring.
uint16_t virtq_used_index(const struct virtq *queue);

/// The next used element, if there is one; everything that it tells of is visible. virtq_take gives its descriptors back and returns its
/// token, or null if there is none.
bool virtq_take_element(struct virtq *queue, struct virtq_element *element);
void *virtq_take(struct virtq *queue, uint32_t *length);

/// Asks for an interrupt at the `behind`-th used element from here (0 is the next one; without event indices, at every one). False if it
/// is there already: then no interrupt may come.
bool virtq_want_interrupt(struct virtq *queue, uint16_t behind);
void virtq_suppress_interrupts(struct virtq *queue);

/// The two event indices: the driver's, then the device's.
volatile uint16_t *virtq_used_event(const struct virtq *queue);
volatile uint16_t *virtq_available_event(const struct virtq *queue);
