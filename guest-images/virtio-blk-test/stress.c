// Random requests, checked against what this guest knows of the disk: seed=N, rounds=N.
#include "parts.h"

enum { Slots = 256, PerSlot = 16, InFlight = 48, First = 512, Parts = 6 };
enum { Anything = 0, Zeros = 1, FirstTag = 2 }; // of a sector

static uint32_t tags[Slots * PerSlot], next_tag = FirstTag, seed;
static bool busy[Slots];

static struct operation {
	struct virtio_blk_request request;
	struct virtio_blk_range range;
	bool under_way;
	unsigned slot, sector, count; // sector in its slot
	uint32_t tag;
	uint8_t bytes[PerSlot * Sector + 64];
	uint8_t *data;
} operations[InFlight];

static uint32_t random(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

static bool matches(const uint8_t *bytes, unsigned index)
{
	static const uint8_t zeros[Sector];
	return tags[index] == Anything ? true : tags[index] == Zeros ? memcmp(bytes, zeros, Sector) == 0 : are_sectors(bytes, First + index, 1, tags[index]);
}

static unsigned cut(struct virtq_buffer buffers[], const uint8_t *bytes, uint32_t length)
{
	unsigned parts = 0;
	while (parts + 1 < Parts && length > 1 && random(3) != 0) {
		uint32_t part = 1 + random(length - 1);
		buffers[parts++] = (struct virtq_buffer){ bytes, part };
		bytes += part;
		length -= part;
	}
	buffers[parts++] = (struct virtq_buffer){ bytes, length };
	return parts;
}

static uint32_t random_type(void)
{
	uint32_t choice = random(100);
	return choice < 40 ? VIRTIO_BLK_IN : choice < 80 ? VIRTIO_BLK_OUT : choice < 85 ? VIRTIO_BLK_FLUSH : choice < 88 ? VIRTIO_BLK_GET_ID
		   : choice < 96 && has(VIRTIO_BLK_F_WRITE_ZEROES) ? VIRTIO_BLK_WRITE_ZEROES : has(VIRTIO_BLK_F_DISCARD) ? VIRTIO_BLK_DISCARD : VIRTIO_BLK_OUT;
}

static bool add(struct operation *operation, unsigned queue)
{
	struct virtq_buffer buffers[Parts];
	uint32_t type = random_type(), length = 0;
	operation->slot = random(Slots);
	if (busy[operation->slot]) {
		return false;
	}
	operation->sector = random(PerSlot);
	operation->count = 1 + random(PerSlot - operation->sector);
	operation->data = operation->bytes + random(64);
	operation->tag = next_tag++;
	unsigned index = operation->slot * PerSlot + operation->sector;
	const uint8_t *data = operation->data;
	switch (type) {
	case VIRTIO_BLK_OUT:
		fill_sectors(operation->data, First + index, operation->count, operation->tag);
		length = operation->count * Sector;
		break;
	case VIRTIO_BLK_IN:
		memset(operation->data, 0xEE, operation->count * Sector);
		length = operation->count * Sector;
		break;
	case VIRTIO_BLK_GET_ID:
		length = VIRTIO_BLK_ID;
		break;
	case VIRTIO_BLK_DISCARD:
	case VIRTIO_BLK_WRITE_ZEROES:
		operation->range = (struct virtio_blk_range){ First + index, operation->count, 0 };
		data = (const uint8_t *)&operation->range;
		length = sizeof operation->range;
		break;
	}
	unsigned parts = length != 0 ? cut(buffers, data, length) : 0;
	bool of_data = type == VIRTIO_BLK_IN || type == VIRTIO_BLK_OUT;
	operation->under_way = virtio_blk_add(&dut, queue, &operation->request, type, of_data ? First + index : 0, buffers, parts);
	busy[operation->slot] = operation->under_way;
	return operation->under_way;
}

// What the disk holds now; false if it was not as it ought to be.
static bool finish(struct operation *operation)
{
	unsigned index = operation->slot * PerSlot + operation->sector;
	bool ok = operation->under_way && operation->request.status == VIRTIO_BLK_OK;
	for (unsigned i = 0; i < operation->count && ok; i++) {
		switch (operation->request.header.type) {
		case VIRTIO_BLK_IN:
			ok = matches(operation->data + i * Sector, index + i);
			break;
		case VIRTIO_BLK_OUT:
			tags[index + i] = operation->tag;
			break;
		case VIRTIO_BLK_WRITE_ZEROES:
			tags[index + i] = Zeros;
			break;
		case VIRTIO_BLK_DISCARD:
			tags[index + i] = Anything;
			break;
		}
	}
	operation->under_way = false;
	busy[operation->slot] = false;
	return ok;
}

static bool run(uint32_t rounds)
{
	uint32_t done = 0, under_way = 0;
	while (done < rounds || under_way != 0) {
		unsigned queue = random(dut.queue_count), burst = done < rounds ? random(InFlight) : 0;
		for (unsigned i = 0; i < InFlight && burst != 0; i++) {
			if (!operations[i].under_way && add(&operations[i], queue)) {
				under_way++;
				burst--;
			}
		}
		virtq_kick(&dut.queues[queue]);
		uint32_t leave = done >= rounds || random(4) == 0 ? 0 : random(InFlight);
		while (under_way > leave) {
			struct virtio_blk_request *request = NULL;
			unsigned from = 0;
			if (!within_deadline((from = (from + 1) % dut.queue_count, request = virtio_blk_take(&dut, from)) != NULL)) {
				report_fail("stress", "request %u of %u: nothing comes back of %u", done, rounds, under_way);
				return false;
			}
			struct operation *operation = (struct operation *)request;
			if (!finish(operation)) {
				report_fail("stress", "request %u of %u: type %u of sectors %u to %u: status %u, or not what they held", done, rounds,
							request->header.type, First + operation->slot * PerSlot + operation->sector,
							First + operation->slot * PerSlot + operation->sector + operation->count - 1, request->status);
				return false;
			}
			under_way--;
			done++;
		}
	}
	return true;
}

void check_stress(void)
{
	uint32_t rounds = multiboot_option("rounds", 20000);
	seed = multiboot_option("seed", 1);
	printf("NOTE stress: seed %u, %u rounds\n", seed, rounds);
	seed = seed * 2654435761u | 1;
	if (!report("stress: it begins", begin_with(VIRTIO_BLK_KNOWN, VIRTIO_BLK_QUEUES, 0)) || !run(rounds)) {
		return;
	}
	bool same = true;
	begin();
	for (unsigned slot = 0; slot < Slots && same; slot++) {
		same = read_sectors(First + slot * PerSlot, PerSlot, got) == VIRTIO_BLK_OK;
		for (unsigned i = 0; i < PerSlot && same; i++) {
			same = matches(got + i * Sector, slot * PerSlot + i);
		}
	}
	report("stress: the disk holds what it ought to", same);
}
