// Receiving: sizes of buffers, chains, the ring's end, no descriptors, bus mastering.
#include "parts.h"

enum { Ring = 8 };

static bool receives(const void *frame, unsigned length, unsigned parts)
{
	return receive_frame(&device) && arrival.well_formed && arrival.errors == 0 && arrival.length == length && arrival.parts == parts
		   && memcmp(arrival.frame, frame, length) == 0;
}

enum { Beyond = 64 };

static bool untouched_beyond(unsigned buffer_size, unsigned count)
{
	bool ok = true;
	for (unsigned i = 0; i < count && buffer_size < BufferMax; i++) {
		for (unsigned at = 0; at < Beyond; at++) {
			ok = ok && device.buffers[i][buffer_size + at] == Poison;
		}
	}
	return ok;
}

static void check_sizes(void)
{
	for (unsigned size = 256; size <= BufferMax; size *= 2) {
		unsigned lengths[] = { 60, size - 1, size, size + 1, 2 * size, 3 * size + 5, 1514, 9000 };
		bool ok = true;
		for (unsigned i = 0; i < RingMax && size < BufferMax; i++) {
			memset(device.buffers[i] + size, Poison, Beyond);
		}
		station_begin(&device, RingMax, size, E1000_RCTL_BAM | E1000_RCTL_LPE);
		for (unsigned i = 0; i < sizeof lengths / sizeof *lengths && ok; i++) {
			if (lengths[i] <= 16000) {
				make_frame(scratch, device.nic.address, peer.nic.address, lengths[i], size + i);
				ok = send_frame(&peer, scratch, lengths[i]) && receives(scratch, lengths[i], (lengths[i] + size - 1) / size);
			}
		}
		char name[80];
		snprintf(name, sizeof name, "receiving: into buffers of %u bytes, one and several", size);
		report(name, ok);
		snprintf(name, sizeof name, "receiving: nothing beyond %u bytes of a buffer", size);
		report(name, untouched_beyond(size, RingMax));
	}
}

// In a ring of 8 with buffers of 256: chains of 1 to 6, from each place.
static void check_ring(void)
{
	unsigned begun[Ring] = { 0 };
	bool ok = true;
	station_begin(&device, Ring, 256, E1000_RCTL_BAM | E1000_RCTL_LPE);
	for (unsigned parts = 1; parts < Ring && ok; parts++) {
		for (unsigned place = 0; place < Ring && ok; place++) {
			while (device.nic.receive.oldest != place && ok) {
				make_frame(scratch, device.nic.address, peer.nic.address, 60, place);
				ok = send_frame(&peer, scratch, 60) && receives(scratch, 60, 1);
			}
			begun[place]++;
			unsigned length = (parts - 1) * 256 + 60 + (place * 37 + parts) % 190;
			make_frame(scratch, device.nic.address, peer.nic.address, length, parts * Ring + place);
			ok = ok && send_frame(&peer, scratch, length) && receives(scratch, length, parts);
		}
	}
	for (unsigned place = 0; place < Ring; place++) {
		ok = ok && begun[place] == Ring - 1;
	}
	report("receiving: chains of 1 to 7 buffers from each place of the ring", ok);
	report("receiving: then the head is where the next frame goes", within_deadline(e1000_read(&device.nic, E1000_RDH) == device.nic.receive.oldest));
}

// Frames wait while there is no descriptor for them. Those for which there is no room either are lost, and RXO says so.
static void check_without_buffers(void)
{
	static const char name[] = "receiving: and none was lost";
	enum { Length = 120, Frames = 20 };
	uint32_t causes = 0, numbers = 0;
	bool ok = true;
	station_begin(&device, Ring, 2048, E1000_RCTL_BAM);
	for (uint32_t i = 0; i < Frames && ok; i++) {
		make_frame(scratch, device.nic.address, peer.nic.address, Length, i);
		ok = send_frame(&peer, scratch, Length);
	}
	for (unsigned i = 0; i < Ring - 1; i++) {
		ok = ok && within_deadline((READ_ONCE(device.receive[i].status) & E1000_RXD_DD) != 0);
	}
	delay_us(100);
	report("receiving: without descriptors nothing is stored", ok && (READ_ONCE(device.receive[Ring - 1].status) & E1000_RXD_DD) == 0);
	bool ended = false;
	for (uint32_t next = 0; !ended && ok;) {
		if (has_frame(&device)) {
			uint32_t number = receive_frame(&device) && arrival.length == Length ? get32(arrival.frame + HeaderSize) : 0;
			ok = number >= next;
			next = number + 1;
			numbers += number < Frames;
			ended = number >= Frames;
		} else {
			make_frame(scratch, device.nic.address, peer.nic.address, Length, Frames);
			ok = send_frame(&peer, scratch, Length) && within_deadline(has_frame(&device) || (causes |= e1000_causes(&device.nic)) & E1000_RXO);
		}
	}
	causes |= e1000_causes(&device.nic);
	report("receiving: and with new ones what waited comes, in order", ok && (numbers == Frames || (causes & E1000_RXO) != 0));
	if (!left_out_by_qemu(name, "the room for frames that wait")) {
		report_equal(name, numbers, Frames);
	}
	begin(0);
}

// A descriptor without a buffer is skipped: it comes back without a frame (3.2.3).
static void check_null_buffer(void)
{
	static const char name[] = "receiving: a descriptor without a buffer is passed over";
	station_begin(&device, Ring, 2048, E1000_RCTL_BAM);
	make_frame(scratch, device.nic.address, peer.nic.address, 90, 1);
	bool first = send_frame(&peer, scratch, 90) && receives(scratch, 90, 1);
	station_begin(&device, Ring, 2048, E1000_RCTL_BAM);
	e1000_write(&device.nic, E1000_RCTL, 0);
	e1000_flush(&device.nic);
	device.receive[0].buffer = 0;
	e1000_start(&device.nic, E1000_RCTL_BAM);
	bool sent = send_frame(&peer, scratch, 90);
	bool passed = sent && within_deadline((READ_ONCE(device.receive[1].status) & E1000_RXD_DD) != 0);
	dma_rmb(); // e1000.rx.body-before-dd
	report(name, first && passed && device.receive[1].length == 90 && memcmp(device.buffers[1], scratch, 90) == 0);
	report("receiving: and is done", (READ_ONCE(device.receive[0].status) & (E1000_RXD_DD | E1000_RXD_EOP)) == E1000_RXD_DD);
}

static uint32_t crc32(const uint8_t *data, unsigned count)
{
	uint32_t crc = UINT32_MAX;
	for (unsigned i = 0; i < count; i++) {
		crc ^= data[i];
		for (unsigned bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
		}
	}
	return ~crc;
}

static void check_frame_check_sequence(void)
{
	static const char name[] = "receiving: with it, it is right";
	begin(0);
	e1000_write(&device.nic, E1000_RCTL, e1000_read(&device.nic, E1000_RCTL) & ~(uint32_t)E1000_RCTL_SECRC);
	make_frame(scratch, device.nic.address, peer.nic.address, 301, 8);
	bool came = send_frame(&peer, scratch, 301) && receive_frame(&device);
	report("receiving: without SECRC the frame check sequence counts", came && arrival.length == 305 && memcmp(arrival.frame, scratch, 301) == 0);
	if (!left_out_by_qemu(name, "the bytes of the frame check sequence")) {
		uint32_t crc = crc32(scratch, 301);
		report(name, came && memcmp(arrival.frame + 301, &crc, 4) == 0);
	}
}

static void check_long_frames(void)
{
	begin(0);
	make_frame(scratch, device.nic.address, peer.nic.address, 1523, 1);
	report("receiving: 1523 bytes are too many without LPE", fate_of(scratch, 1523) == Filtered);
	uint32_t oversized = 0;
	report("receiving: and counted as such", within_deadline((oversized += e1000_read(&device.nic, E1000_ROC)) != 0) && oversized == 1);
	make_frame(scratch, device.nic.address, peer.nic.address, 1518, 2);
	report("receiving: 1518 are not", fate_of(scratch, 1518) == Came);
	static const char name[] = "receiving: 1519 are, with the frame check sequence";
	if (!left_out_by_qemu(name, "the frame check sequence when it measures them")) {
		make_frame(scratch, device.nic.address, peer.nic.address, 1519, 3);
		report(name, fate_of(scratch, 1519) == Filtered);
	}
}

static void check_mastering(void)
{
	uint16_t command = pci_read16(device.nic.pci, 0x04);
	begin(0);
	pci_write16(device.nic.pci, 0x04, command & (uint16_t)~4u);
	make_frame(scratch, device.nic.address, peer.nic.address, 70, 3);
	bool sent = send_frame(&peer, scratch, 70);
	delay_us(200);
	report("receiving: a function that does not master the bus stores nothing", sent && !has_frame(&device));
	pci_write16(device.nic.pci, 0x04, command);
	e1000_offer(&device.nic);
	make_frame(scratch2, device.nic.address, peer.nic.address, 70, 4);
	report("receiving: and one that does, does", send_frame(&peer, scratch2, 70) && receive_frame(&device)
		   && (memcmp(arrival.frame, scratch2, 70) == 0 || (memcmp(arrival.frame, scratch, 70) == 0 && receives(scratch2, 70, 1))));
}

void check_receive(void)
{
	begin(0);
	check_sizes();
	check_ring();
	check_without_buffers();
	check_null_buffer();
	check_frame_check_sequence();
	check_long_frames();
	check_mastering();
}
