// The same requests however their buffers are cut and wherever their descriptors lie: a device relies on no framing (2.7.4).
#include "parts.h"

enum placing { Chained, Indirect, Mixed, Placings };
enum { Most = 200, First = 2048, Sectors = 8, Bytes = Sectors * Sector };

// Sizes of the parts of a header, ended by 0; into how many parts the data is cut; how far data lies from an even address.
static const struct layout {
	const char *name;
	uint8_t header[17];
	uint16_t data_parts;
	uint8_t offset;
	bool joined; // the header with what the device reads behind it, the status with what it writes before
} layouts[] = {
	{ "as is", { 16 }, 1, 0, false },
	{ "header in two", { 8, 8 }, 1, 0, false },
	{ "header in odd parts", { 3, 1, 7, 5 }, 1, 1, false },
	{ "header byte by byte", { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 1, 0, false },
	{ "data in 2", { 16 }, 2, 0, false },
	{ "data in 7 odd parts", { 16 }, 7, 3, false },
	{ "data in 64", { 16 }, 64, 0, false },
	{ "data in 97 odd parts, header in odd ones", { 1, 15 }, 97, 5, false },
	{ "header and data in one, data and status in one", { 16 }, 1, 0, true },
	{ "header and 3 parts of data joined", { 5, 11 }, 3, 2, true },
};

static uint8_t given_area[17 + Bytes + 16], got_area[Bytes + 16 + 1];
static struct virtq_descriptor table[Most] __attribute__((aligned(16)));
static struct virtq_buffer pieces[Most];
static unsigned read_pieces, all_pieces;
static volatile uint8_t *status;

static void add(const volatile uint8_t *bytes, uint32_t length)
{
	if (length != 0) {
		pieces[all_pieces++] = (struct virtq_buffer){ bytes, length };
	}
}

// Parts that differ in length; the last takes the rest.
static void add_cut(const uint8_t *bytes, uint32_t length, unsigned parts)
{
	uint32_t usual = length / parts, at = 0;
	for (unsigned i = 0; i + 1 < parts && usual > 1; i++) {
		uint32_t part = usual + (i % 2 == 0 ? 1 : -1u);
		add(bytes + at, part);
		at += part;
	}
	add(bytes + at, length - at);
}

// Makes the pieces of a request: header and `to_device` bytes of data, then room for `from_device` bytes and the status.
static void cut(const struct layout *layout, const struct virtio_blk_header *header, const void *data, uint32_t to_device, uint32_t from_device)
{
	uint8_t *front = given_area + layout->offset, *back = got_area + layout->offset;
	memcpy(front, header, sizeof *header);
	memcpy(front + sizeof *header, data, to_device);
	memset(got_area, 0xEE, sizeof got_area);
	status = back + from_device;
	all_pieces = 0;
	unsigned at = 0, before_last = 0;
	for (unsigned i = 0; layout->header[i] != 0; at += layout->header[i++]) {
		before_last = all_pieces;
		add(front + at, layout->header[i]);
	}
	if (layout->joined && to_device != 0) {
		pieces[before_last].length += to_device;
	} else if (to_device != 0) {
		add_cut(front + sizeof *header, to_device, layout->data_parts);
	}
	read_pieces = all_pieces;
	if (from_device != 0) {
		add_cut(back, from_device, layout->data_parts);
	}
	if (layout->joined && from_device != 0) {
		pieces[all_pieces - 1].length++;
	} else {
		add(status, 1);
	}
}

static uint16_t flags_of(unsigned i, unsigned count) { return (uint16_t)((i + 1 < count ? VIRTQ_NEXT : 0) | (i >= read_pieces ? VIRTQ_WRITE : 0)); }

// The chain in descriptors of the queue, not in order; in a table; or begun in the queue and ended in a table. Returns its head.
static uint16_t place(enum placing placing)
{
	uint16_t size = dut.queues[0].size, head = 7 % size;
	unsigned direct = placing == Chained ? all_pieces : placing == Indirect ? 0 : read_pieces;
	for (unsigned i = 0; i < direct; i++) {
		describe((head + i * 5) % size, pieces[i].bytes, pieces[i].length, flags_of(i, all_pieces), (uint16_t)((head + (i + 1) * 5) % size));
	}
	for (unsigned i = direct; i < all_pieces; i++) { // in the table from behind, but for the first
		unsigned in_table = all_pieces - direct, at = (i - direct) == 0 ? 0 : in_table - (i - direct), next = in_table - (i - direct) - 1;
		table[at] = (struct virtq_descriptor){ (uintptr_t)pieces[i].bytes, pieces[i].length, flags_of(i, all_pieces), (uint16_t)next };
	}
	if (direct < all_pieces) {
		describe((head + direct * 5) % size, table, (all_pieces - direct) * (uint32_t)sizeof *table, VIRTQ_INDIRECT, 0);
	}
	return head;
}

static uint8_t do_request(const struct layout *layout, enum placing placing, uint32_t type, const void *data, uint32_t to_device, uint32_t from_device)
{
	struct virtio_blk_header header = { type, 0, type == VIRTIO_BLK_IN || type == VIRTIO_BLK_OUT ? First : 0 };
	struct virtq_element element;
	cut(layout, &header, data, to_device, from_device);
	if (placing == Chained && all_pieces > dut.queues[0].size) {
		placing = Indirect; // no chain is longer than its queue (2.7.5.3.1)
	}
	uint16_t head = place(placing);
	bool done = carry_out(head, &element) && element.id == head && (on_qemu || element.length == from_device + 1);
	return done ? *status : VIRTIO_BLK_PENDING;
}

static bool all_types(const struct layout *layout, enum placing placing, uint32_t tag)
{
	const uint8_t *back = got_area + layout->offset;
	fill_sectors(given, First, Sectors, tag);
	bool ok = do_request(layout, placing, VIRTIO_BLK_OUT, given, Bytes, 0) == VIRTIO_BLK_OK
			  && do_request(layout, placing, VIRTIO_BLK_IN, NULL, 0, Bytes) == VIRTIO_BLK_OK && are_sectors(back, First, Sectors, tag) && back[Bytes + 1] == 0xEE
			  && do_request(layout, placing, VIRTIO_BLK_FLUSH, NULL, 0, 0) == VIRTIO_BLK_OK
			  && do_request(layout, placing, VIRTIO_BLK_GET_ID, NULL, 0, VIRTIO_BLK_ID) == VIRTIO_BLK_OK && back[0] == 's' && back[VIRTIO_BLK_ID - 1] == 's'
			  && do_request(layout, placing, 14, given, 32, 0) == VIRTIO_BLK_UNSUPP;
	struct virtio_blk_range range = { First, 2, 0 };
	if (ok && has(VIRTIO_BLK_F_DISCARD)) {
		ok = do_request(layout, placing, VIRTIO_BLK_DISCARD, &range, sizeof range, 0) == VIRTIO_BLK_OK;
	}
	if (ok && has(VIRTIO_BLK_F_WRITE_ZEROES)) {
		ok = do_request(layout, placing, VIRTIO_BLK_WRITE_ZEROES, &range, sizeof range, 0) == VIRTIO_BLK_OK
			 && do_request(layout, placing, VIRTIO_BLK_IN, NULL, 0, Bytes) == VIRTIO_BLK_OK && back[0] == 0 && back[2 * Sector - 1] == 0
			 && are_sectors(back + 2 * Sector, First + 2, Sectors - 2, tag);
	}
	return ok;
}

void check_layouts(void)
{
	static const char *const names[Placings] = { "layouts: chained: ", "layouts: indirect: ", "layouts: chained, then indirect: " };
	begin();
	for (unsigned placing = 0; placing < Placings; placing++) {
		if (placing == Mixed && on_qemu) {
			report_skip("layouts: chained, then indirect", "QEMU takes the table for data");
			continue;
		}
		for (unsigned i = 0; i < sizeof layouts / sizeof *layouts; i++) {
			report(named(names[placing], layouts[i].name), all_types(&layouts[i], placing, placing * 16 + i));
		}
	}
}
