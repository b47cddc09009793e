// A split virtqueue.
#include "virtq.h"

volatile uint16_t *virtq_used_event(const struct virtq *queue) { return &queue->available->ring[queue->size]; }
volatile uint16_t *virtq_available_event(const struct virtq *queue) { return (volatile uint16_t *)&queue->used->ring[queue->size]; }

static bool has_event_index(const struct virtq *queue) { return (queue->device->features & VIRTIO_F_EVENT_IDX) != 0; }

static size_t used_offset(uint16_t size)
{
	size_t first = size * sizeof(struct virtq_descriptor) + sizeof(struct virtq_available) + (size + 1u) * sizeof(uint16_t);
	return (first + VIRTQ_PAGE - 1) / VIRTQ_PAGE * VIRTQ_PAGE;
}

void virtq_layout(struct virtq *queue, struct virtio *device, uint16_t number, uint16_t size, struct virtq_memory *memory)
{
	memset(queue, 0, sizeof *queue);
	memset(memory, 0, used_offset(size) + sizeof(struct virtq_used) + size * sizeof(struct virtq_element) + sizeof(uint16_t));
	queue->device = device;
	queue->number = number;
	queue->size = size;
	queue->descriptors = (struct virtq_descriptor *)memory->bytes;
	queue->available = (struct virtq_available *)(memory->bytes + size * sizeof(struct virtq_descriptor));
	queue->used = (struct virtq_used *)(memory->bytes + used_offset(size));
	queue->free_count = size;
	for (unsigned i = 0; i < size; i++) {
		queue->descriptors[i].next = (uint16_t)(i + 1);
	}
}

static void write_address(const struct virtio_window *window, uint32_t offset, const void *address)
{
	virtio_write32(window, offset, (uint32_t)(uintptr_t)address);
	virtio_write32(window, offset + 4, (uint32_t)((uint64_t)(uintptr_t)address >> 32));
}

static bool enable_legacy(struct virtq *queue, const struct virtio_window *window)
{
	virtio_write16(window, VIRTIO_LEGACY_QUEUE_SELECT, queue->number);
	if (virtio_read16(window, VIRTIO_LEGACY_QUEUE_SIZE) != queue->size) {
		return false;
	}
	virtio_write32(window, VIRTIO_LEGACY_QUEUE_PAGE, (uint32_t)((uintptr_t)queue->descriptors / VIRTQ_PAGE));
	queue->notify = VIRTIO_LEGACY_QUEUE_NOTIFY;
	return true;
}

bool virtq_enable(struct virtq *queue)
{
	const struct virtio_window *window = &queue->device->windows[VIRTIO_COMMON];
	wmb(); // the queue is empty in memory before the device knows where it is
	if (queue->device->legacy) {
		return enable_legacy(queue, window);
	}
	virtio_write16(window, VIRTIO_QUEUE_SELECT, queue->number);
	virtio_write16(window, VIRTIO_QUEUE_SIZE, queue->size);
	write_address(window, VIRTIO_QUEUE_DESC, queue->descriptors);
	write_address(window, VIRTIO_QUEUE_DRIVER, queue->available);
	write_address(window, VIRTIO_QUEUE_DEVICE, queue->used);
	queue->notify = virtio_read16(window, VIRTIO_QUEUE_NOTIFY_OFF) * queue->device->notify_multiplier;
	bool sized = virtio_read16(window, VIRTIO_QUEUE_SIZE) == queue->size;
	virtio_write16(window, VIRTIO_QUEUE_ENABLE, 1);
	return sized && virtio_read16(window, VIRTIO_QUEUE_ENABLE) == 1;
}

bool virtq_open(struct virtq *queue, struct virtio *device, uint16_t number, uint16_t size, struct virtq_memory *memory)
{
	uint16_t most = virtio_queue_most(device, number);
	size = size != 0 ? size : most < VIRTQ_MOST || device->legacy ? most : VIRTQ_MOST;
	if (size == 0 || size > most || size > VIRTQ_MOST) {
		return false;
	}
	virtq_layout(queue, device, number, size, memory);
	return virtq_enable(queue);
}

void virtq_add_head(struct virtq *queue, uint16_t head)
{
	WRITE_ONCE(queue->available->ring[queue->added++ % queue->size], head);
}

static void describe(struct virtq_descriptor *descriptor, const struct virtq_buffer *buffer, uint16_t flags)
{
	descriptor->address = (uintptr_t)buffer->bytes;
	descriptor->length = buffer->length;
	descriptor->flags = flags;
}

bool virtq_add(struct virtq *queue, const struct virtq_buffer buffers[], unsigned read, unsigned written, struct virtq_descriptor *table, void *token)
{
	unsigned count = read + written, needed = table != NULL ? 1 : count;
	if (count == 0 || queue->free_count < needed) {
		return false;
	}
	uint16_t head = queue->free, at = head, last = head;
	for (unsigned i = 0; i < count; i++) {
		uint16_t flags = (uint16_t)((i + 1 < count ? VIRTQ_NEXT : 0) | (i >= read ? VIRTQ_WRITE : 0));
		if (table != NULL) {
			describe(&table[i], &buffers[i], flags);
			table[i].next = (uint16_t)(i + 1);
		} else {
			describe(&queue->descriptors[at], &buffers[i], flags);
			last = at;
			at = queue->descriptors[at].next;
		}
	}
	if (table != NULL) {
		struct virtq_buffer indirect = { table, count * (uint32_t)sizeof *table };
		describe(&queue->descriptors[head], &indirect, VIRTQ_INDIRECT);
	}
	queue->free = queue->descriptors[last].next;
	queue->free_count = (uint16_t)(queue->free_count - needed);
	queue->tokens[head] = token;
	virtq_add_head(queue, head);
	return true;
}

void virtq_publish(struct virtq *queue)
{
	dma_wmb(); // descriptors and ring entries are in memory before the index is: the device may be looking already
	WRITE_ONCE(queue->available->index, queue->added);
}

// 2.7.10: told once if what it asked for lies between what it was told of and what there is now.
bool virtq_wants_notice(struct virtq *queue)
{
	dma_mb(); // the index is in memory before it is asked; pairs with the device's barrier between its event index and its last look
	uint16_t before = queue->told;
	queue->told = queue->added;
	return has_event_index(queue) ? (uint16_t)(queue->added - READ_ONCE(*virtq_available_event(queue)) - 1) < (uint16_t)(queue->added - before)
								  : (READ_ONCE(queue->used->flags) & VIRTQ_NO_NOTIFY) == 0;
}

void virtq_notify(const struct virtq *queue)
{
	wmb(); // the index is in memory before the device is told
	virtio_write16(&queue->device->windows[queue->device->legacy ? VIRTIO_COMMON : VIRTIO_NOTIFY], queue->notify, queue->number);
}

bool virtq_kick(struct virtq *queue)
{
	virtq_publish(queue);
	bool wanted = virtq_wants_notice(queue);
	if (wanted) {
		virtq_notify(queue);
	}
	return wanted;
}

uint16_t virtq_used_index(const struct virtq *queue) { return READ_ONCE(queue->used->index); }

bool virtq_take_element(struct virtq *queue, struct virtq_element *element)
{
	if (virtq_used_index(queue) == queue->taken) {
		return false;
	}
	dma_rmb(); // the index, then the element and what it tells of; pairs with the device's element before its index
	const struct virtq_element *from = &queue->used->ring[queue->taken++ % queue->size];
	*element = (struct virtq_element){ READ_ONCE(from->id), READ_ONCE(from->length) };
	return true;
}

void *virtq_take(struct virtq *queue, uint32_t *length)
{
	struct virtq_element element;
	if (!virtq_take_element(queue, &element) || element.id >= queue->size) {
		return NULL;
	}
	uint16_t last = (uint16_t)element.id;
	queue->free_count++;
	while ((queue->descriptors[last].flags & VIRTQ_NEXT) != 0) {
		last = queue->descriptors[last].next;
		queue->free_count++;
	}
	queue->descriptors[last].next = queue->free;
	queue->free = (uint16_t)element.id;
	*length = element.length;
	void *token = queue->tokens[element.id];
	queue->tokens[element.id] = NULL;
	return token;
}

// 2.7.7.1: with event indices the flags stay 0.
bool virtq_want_interrupt(struct virtq *queue, uint16_t behind)
{
	WRITE_ONCE(queue->available->flags, 0);
	WRITE_ONCE(*virtq_used_event(queue), (uint16_t)(queue->taken + behind));
	dma_mb(); // the wish is in memory before the last look; pairs with the device's barrier between its index and its look at the wish
	return (uint16_t)(virtq_used_index(queue) - queue->taken) <= behind;
}

void virtq_suppress_interrupts(struct virtq *queue)
{
	WRITE_ONCE(queue->available->flags, has_event_index(queue) ? 0 : VIRTQ_NO_INTERRUPT);
	WRITE_ONCE(*virtq_used_event(queue), (uint16_t)(queue->taken + 0x8000)); // as far away as can be
}
