// Resets while requests are in flight: once the status reads 0, memory is the guest's again.
#include "parts.h"

enum { Rounds = 60, InFlight = 64, First = 8192, PerRequest = 4, Bytes = PerRequest * Sector };

static struct virtio_blk_request requests[InFlight];

static void submit(uint32_t type)
{
	for (unsigned i = 0; i < InFlight; i++) {
		struct virtq_buffer buffer = { (type == VIRTIO_BLK_IN ? got : given) + i * Bytes, Bytes };
		virtio_blk_add(&dut, 0, &requests[i], type, First + i * PerRequest, &buffer, 1);
	}
	virtq_kick(&dut.queues[0]);
}

static bool is_filled(const void *bytes, size_t count, uint8_t with)
{
	for (size_t i = 0; i < count; i++) {
		if (((const uint8_t *)bytes)[i] != with) {
			return false;
		}
	}
	return true;
}

static void wait_rounds(unsigned round)
{
	for (volatile unsigned i = 0; i < round * round * 20; i++) {
	}
}

// Everything that the device knew of is filled anew after the reset; it must stay so.
static void check_stale(void)
{
	bool ended = true, untouched = true, again = true;
	for (unsigned round = 0; round < some(Rounds) && untouched && again; round++) {
		begin();
		submit(VIRTIO_BLK_IN);
		wait_rounds(round);
		ended = ended && virtio_reset(&dut.virtio);
		memset(got, 0xA5, InFlight * Bytes);
		memset(requests, 0xA5, sizeof requests);
		memset(&memories[0], 0xA5, sizeof memories[0]);
		delay_us(Watch / 4);
		untouched = is_filled(got, InFlight * Bytes, 0xA5) && is_filled(requests, sizeof requests, 0xA5) && is_filled(&memories[0], sizeof memories[0], 0xA5);
		again = begin() && works(round);
	}
	report("reset with reads in flight: it ends", ended);
	report("reset with reads in flight: memory is not touched afterwards", untouched);
	report("reset with reads in flight: it works again", again);
}

// Each sector is as it was before, or as it was to become.
static void check_writes(void)
{
	bool whole = true;
	begin();
	fill_sectors(given, First, InFlight * PerRequest, 1000);
	submit(VIRTIO_BLK_OUT);
	for (unsigned i = 0; i < InFlight && whole; i++) {
		whole = within_deadline(virtio_blk_take(&dut, 0) != NULL);
	}
	for (unsigned round = 1; round <= some(Rounds / 2) && whole; round++) {
		fill_sectors(given, First, InFlight * PerRequest, 1000 + round);
		submit(VIRTIO_BLK_OUT);
		wait_rounds(round);
		virtio_reset(&dut.virtio);
		memset(given, 0x5A, InFlight * Bytes);
		begin();
		whole = read_sectors(First, InFlight * PerRequest, got) == VIRTIO_BLK_OK;
		for (unsigned i = 0; i < InFlight * PerRequest && whole; i++) {
			whole = false;
			for (unsigned tag = 1000; tag <= 1000 + round && !whole; tag++) {
				whole = are_sectors(got + i * Sector, First + i, 1, tag);
			}
		}
	}
	report("reset with writes in flight: each sector is one that was written, old or new", whole);
}

// The function's power goes away, or its bus mastering, in the midst of it.
static void check_mastering(void)
{
	begin();
	uint16_t command = pci_read16(dut_pci, 0x04);
	pci_write16(dut_pci, 0x04, command & ~4);
	submit(VIRTIO_BLK_IN);
	delay_us(Watch);
	bool silent = virtq_used_index(&dut.queues[0]) == 0;
	pci_write16(dut_pci, 0x04, command);
	report("without bus mastering nothing comes back", silent);
	report("with it again, after a reset, it works", begin() && works(7));
}

void check_resets(void)
{
	check_stale();
	check_writes();
	check_mastering();
	bool ok = true;
	for (unsigned i = 0; i < some(100) && ok; i++) {
		ok = begin() && virtio_reset(&dut.virtio);
	}
	report("reset many times, and it works", ok && begin() && works(8));
}
