// Chains that no driver may make. A modern device says that it needs a reset, tells so by an interrupt for its configuration, and does
// nothing more until then (2.1.2); a legacy one has no word for it.
#include "parts.h"

enum { Header = 0, Data = 1, Status = 2 };

#define NOWHERE ((const volatile void *)0xFFFFFFFFF000)

static struct virtio_blk_header header;
static volatile uint8_t status;
static struct virtq_descriptor table[8] __attribute__((aligned(16)));

// A read of a sector that is right, to begin with.
static void make_right(void)
{
	header = (struct virtio_blk_header){ VIRTIO_BLK_IN, 0, 0 };
	status = VIRTIO_BLK_PENDING;
	describe(Header, &header, sizeof header, VIRTQ_NEXT, Data);
	describe(Data, got, Sector, VIRTQ_NEXT | VIRTQ_WRITE, Status);
	describe(Status, &status, 1, VIRTQ_WRITE, 0);
	for (unsigned i = 0; i <= Status; i++) {
		table[i] = dut.queues[0].descriptors[i];
	}
}

static uint16_t head_beyond(void) { return dut.queues[0].size; }
static uint16_t head_far(void) { return 0xFFFF; }

static uint16_t next_beyond(void)
{
	describe(Data, got, Sector, VIRTQ_NEXT | VIRTQ_WRITE, dut.queues[0].size);
	return 0;
}

static uint16_t own_next(void)
{
	describe(Data, got, Sector, VIRTQ_NEXT | VIRTQ_WRITE, Data);
	return 0;
}

static uint16_t ring_of_two(void)
{
	describe(Header, &header, sizeof header, VIRTQ_NEXT, 3);
	describe(3, &header, sizeof header, VIRTQ_NEXT, Header);
	return 0;
}

static uint16_t read_after_write(void)
{
	describe(Status, &status, 1, VIRTQ_NEXT | VIRTQ_WRITE, 3);
	describe(3, &header, sizeof header, 0, 0);
	return 0;
}

static uint16_t empty_data(void)
{
	describe(Data, got, 0, VIRTQ_NEXT | VIRTQ_WRITE, Status);
	return 0;
}

static uint16_t empty_header(void)
{
	describe(Header, &header, 0, VIRTQ_NEXT, Data);
	return 0;
}

static uint16_t short_header(void)
{
	describe(Header, &header, 8, VIRTQ_NEXT, Data);
	return 0;
}

static uint16_t no_header(void) { return Data; }

static uint16_t no_status(void)
{
	describe(Header, &header, sizeof header, 0, 0);
	return 0;
}

static uint16_t header_nowhere(void)
{
	describe(Header, NOWHERE, sizeof header, VIRTQ_NEXT, Data);
	return 0;
}

static uint16_t indirect(const volatile void *at, uint32_t length)
{
	describe(3, at, length, VIRTQ_INDIRECT, 0);
	return 3;
}

static uint16_t table_empty(void) { return indirect(table, 0); }
static uint16_t table_odd(void) { return indirect(table, 3 * 16 + 8); }
static uint16_t table_nowhere(void) { return indirect(NOWHERE, 3 * 16); }

static uint16_t table_next_beyond(void)
{
	table[Data].next = 3;
	return indirect(table, 3 * 16);
}

static uint16_t table_own_next(void)
{
	table[Data].next = Data;
	return indirect(table, 3 * 16);
}

static uint16_t table_in_table(void)
{
	table[Data] = (struct virtq_descriptor){ (uintptr_t)&table[4], 2 * 16, VIRTQ_INDIRECT, 0 };
	table[4] = dut.queues[0].descriptors[Data];
	table[4].next = 1;
	table[5] = dut.queues[0].descriptors[Status];
	return indirect(table, 2 * 16);
}

static uint16_t index_jump(void)
{
	dut.queues[0].added = (uint16_t)(dut.queues[0].added + dut.queues[0].size + 1);
	return 0;
}

static const struct malformed {
	const char *name;
	uint16_t (*make)(void);
	const char *qemu; // why not there
} chains[] = {
	{ "a head behind the last descriptor", head_beyond, NULL },
	{ "a head of 0xFFFF", head_far, NULL },
	{ "a next behind the last descriptor", next_beyond, NULL },
	{ "a descriptor that is its own next", own_next, NULL },
	{ "a ring of two descriptors", ring_of_two, NULL },
	{ "one to read behind one to write", read_after_write, NULL },
	{ "data of length 0", empty_data, NULL },
	{ "a header of length 0", empty_header, NULL },
	{ "a header of 8 bytes", short_header, NULL },
	{ "no header", no_header, NULL },
	{ "no status", no_status, NULL },
	{ "a header that is not in memory", header_nowhere, "QEMU takes what is no memory for some" },
	{ "a table of length 0", table_empty, NULL },
	{ "a table that ends in a descriptor", table_odd, NULL },
	{ "a table that is not in memory", table_nowhere, NULL },
	{ "a next behind the end of its table", table_next_beyond, NULL },
	{ "a descriptor of a table that is its own next", table_own_next, NULL },
	{ "a table in a table", table_in_table, "QEMU takes the table for data" },
	{ "an index further than the queue is long", index_jump, "QEMU carries out what is in the ring until too much is under way" },
};

// The device may have told of nothing, whatever it is given now.
static bool stays_silent(void)
{
	virtq_notify(&dut.queues[0]);
	delay_us(Watch);
	return virtq_used_index(&dut.queues[0]) == 0 && status == VIRTIO_BLK_PENDING;
}

static void check_chain(const struct malformed *chain)
{
	const char *name = named("malformed: ", chain->name);
	if (on_qemu && chain->qemu != NULL) {
		report_skip(name, "%s", chain->qemu);
		return;
	}
	begin();
	virtio_isr(&dut.virtio);
	make_right();
	uint16_t head = chain->make();
	virtq_add_head(&dut.queues[0], head);
	virtq_publish(&dut.queues[0]);
	virtq_notify(&dut.queues[0]);
	bool told = legacy || (within_deadline((virtio_status(&dut.virtio) & VIRTIO_NEEDS_RESET) != 0)
						   && within_deadline((virtio_isr(&dut.virtio) & VIRTIO_ISR_CONFIG) != 0));
	bool silent = stays_silent();
	bool again = begin() && works(1);
	if (told && silent && again) {
		report(name, true);
	} else {
		report_fail(name, "told %u, silent %u, works after a reset %u, status 0x%x", told, silent, again, virtio_status(&dut.virtio));
	}
}

// Data that is not in memory: an error of this request, or of the device, which is then reset.
static void check_data_nowhere(void)
{
	static const struct { uint64_t address; uint32_t length; } wrong[] = {
		{ 0xFFFFFFFFF000, Sector }, { 0xFFFFFFFFFFFFFE00, Sector }, { 0xFFFFFFFFFFFFFFFF, Sector }, { 0x8000000000000000, 8 * Sector },
		{ 0xFFFFFFFF00000000, 0xFFFFFE00 }, { 0, 0xFFFFFE00 },
	};
	bool ok = true;
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong * 2 && ok; i++) {
		bool in = i % 2 == 0;
		begin();
		make_right();
		header.type = in ? VIRTIO_BLK_IN : VIRTIO_BLK_OUT;
		header.sector = 8;
		dut.queues[0].descriptors[Data] =
			(struct virtq_descriptor){ wrong[i / 2].address, wrong[i / 2].length, (uint16_t)(VIRTQ_NEXT | (in ? VIRTQ_WRITE : 0)), Status };
		if (in && wrong[i / 2].address == 0) {
			continue; // it would go over this guest
		}
		virtq_add_head(&dut.queues[0], 0);
		virtq_kick(&dut.queues[0]);
		if (!legacy) {
			ok = within_deadline(virtq_used_index(&dut.queues[0]) == 1 || (virtio_status(&dut.virtio) & VIRTIO_NEEDS_RESET) != 0);
		} else {
			delay_us(Watch);
		}
		ok = ok && (on_qemu || status != VIRTIO_BLK_OK) && begin() && works(i);
	}
	report("malformed: data that is not in memory: an error, and after a reset it works", ok);
}

void check_malformed(void)
{
	for (unsigned i = 0; i < sizeof chains / sizeof *chains; i++) {
		check_chain(&chains[i]);
	}
	check_data_nowhere();
}
