// Two functions at work at once: what one disk is given, the other does not have; and a reset of one leaves the other's requests alone.
#include "parts.h"

enum { Requests = 24, Bytes = 8192, Sectors = Bytes / Sector, Rounds = 16, Disks = 2 };

static struct virtio_blk other;
static struct virtq_memory other_memory;
static struct virtio_blk *const disks[Disks] = { &dut, &other };

static struct flight {
	struct virtio_blk_request request;
	uint8_t bytes[Bytes] __attribute__((aligned(4096)));
} flights[Disks][Requests];

static bool is_writable(void) { return !dut.read_only; }

static uint64_t sector_of(unsigned i) { return 2048 + i * Sectors; } // the same ones on both

static uint32_t tag_of(unsigned disk, unsigned i, unsigned round) { return ((round * Disks) + disk) * Requests + i + 100; }

static void submit(bool write, unsigned round)
{
	for (unsigned i = 0; i < Requests; i++) {
		for (unsigned disk = 0; disk < Disks; disk++) {
			struct flight *flight = &flights[disk][i];
			struct virtq_buffer buffer = { flight->bytes, Bytes };
			if (write) {
				fill_sectors(flight->bytes, sector_of(i), Sectors, tag_of(disk, i, round));
			} else {
				memset(flight->bytes, 0xEE, Bytes);
			}
			virtio_blk_add(disks[disk], 0, &flight->request, write ? VIRTIO_BLK_OUT : VIRTIO_BLK_IN, sector_of(i), &buffer, 1);
		}
	}
	for (unsigned disk = 0; disk < Disks; disk++) {
		virtq_kick(&disks[disk]->queues[0]);
	}
}

// All of a disk's come, each once, with its own data.
static bool drain(unsigned disk, unsigned round)
{
	unsigned came = 0, wrong = 0;
	bool all = within_deadline(({
		struct virtio_blk_request *request = virtio_blk_take(disks[disk], 0);
		if (request != NULL) {
			unsigned i = (unsigned)((struct flight *)request - flights[disk]);
			wrong += i >= Requests || request->status != VIRTIO_BLK_OK || !are_sectors(flights[disk][i].bytes, sector_of(i), Sectors, tag_of(disk, i, round));
			came++;
		}
		came == Requests;
	}));
	return all && wrong == 0 && virtio_blk_take(disks[disk], 0) == NULL;
}

static void check_apart(void)
{
	bool right = true;
	for (unsigned round = 0; round < some(Rounds) && right; round++) {
		submit(true, round);
		right = drain(0, round) && drain(1, round);
		submit(false, round);
		right = right && drain(0, round) && drain(1, round);
	}
	report("two functions at once: what one is given, the other does not have", right);
}

static bool open_other(struct pci_function pci)
{
	bool opened = virtio_blk_prepare(&other, pci, legacy, VIRTIO_BLK_KNOWN, 1, 0, &other_memory);
	if (opened) {
		virtio_blk_start(&other);
	}
	return opened;
}

static void check_reset(struct pci_function pci)
{
	enum { Seed = 1000 };
	bool right = true, silent = true;
	unsigned lost = 0;
	submit(true, Seed);
	right = drain(0, Seed) && drain(1, Seed);
	for (unsigned round = 0; round < some(Rounds) && right && silent; round++) {
		submit(false, Seed);
		delay_us(round % 4 * 20);
		virtio_reset(&other.virtio);
		for (unsigned i = 0; i < Requests; i++) {
			lost += flights[1][i].request.status == VIRTIO_BLK_PENDING;
			memset(flights[1][i].bytes, 0xAA, Bytes);
		}
		right = drain(0, Seed);
		for (unsigned i = 0; i < Requests; i++) {
			silent = silent && flights[1][i].bytes[0] == 0xAA && memcmp(flights[1][i].bytes, flights[1][i].bytes + 1, Bytes - 1) == 0;
		}
		right = right && open_other(pci);
	}
	printf("NOTE %u requests were lost to resets of the other one\n", lost);
	report("a reset of one: the other's requests all come", right);
	report("a reset of one: and none of its own writes to memory any more", silent);
}

void check_functions(void)
{
	struct pci_function first = dut_pci;
	bool found = find_other(is_writable);
	struct pci_function second = dut_pci;
	dut_pci = first;
	if (!found) {
		report_skip("two functions", "there is no other disk that can be written");
	} else if (report("two functions: both start", begin() && open_other(second))) {
		check_apart();
		check_reset(second);
		virtio_reset(&other.virtio);
	}
	begin();
}
