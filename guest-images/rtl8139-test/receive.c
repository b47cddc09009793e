// The receive ring of the old mode: its four sizes, its end at every place in a frame, with WRAP and without, and what
// happens when it is full.
#include "parts.h"

enum { Smallest = 68, Largest = 1524 }; // of what a frame takes in the ring: header, frame and CRC, to the next multiple of 4
enum { Poison = 0xA5, OverflowLength = 996 };

static uint32_t serial;

static bool one(unsigned length)
{
	serial++;
	return peer_sends(NULL, serial, length) && dut_gets(NULL, serial, length);
}

// Frames until the next header is to be at that place.
static bool fill_up_to(uint32_t target)
{
	static uint8_t filler[FrameRoom];
	make_frame(filler, dut.address, peer.address, 0, NIC_LONGEST_FRAME);
	while (device->position != target) {
		uint32_t distance = (target - device->position) % device->ring_size, step = distance;
		if (distance < Smallest || distance > Largest) {
			step = distance - Largest < Smallest ? Largest - Smallest : Largest; // too near: once around
		}
		uint32_t header = 0;
		if (!nic_send(&peer, filler, step - RTL8139_HEADER - RTL8139_CRC) || !within_deadline((header = rtl8139_peek(device)) != 0)
			|| header >> 16 != step - RTL8139_HEADER) {
			return false;
		}
		rtl8139_consume(device, header);
	}
	return true;
}

static bool is_poison(const uint8_t *from, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (from[i] != Poison) {
			return false;
		}
	}
	return true;
}

static void check_size(unsigned log2_of_8k)
{
	static const char *const names[] = { "8 KiB: frames of every length", "16 KiB: frames of every length", "32 KiB: frames of every length",
										 "64 KiB: frames of every length" };
	memset(ring, Poison, sizeof ring);
	bool ok = begin_classic(log2_of_8k, RTL_APM);
	unsigned step = log2_of_8k == 0 ? 1 : 13;
	for (unsigned length = NIC_SHORTEST_FRAME; length <= NIC_LONGEST_FRAME && ok; length += step) {
		ok = one(length);
		uint16_t expected = (uint16_t)(device->position - 16);
		ok = ok && rtl8139_read16(device, RTL_CAPR) == expected && rtl8139_read16(device, RTL_CBR) % device->ring_size == device->position;
	}
	for (unsigned i = 0; i < device->ring_size / 1024 && ok; i++) { // and around at least once
		ok = one(NIC_LONGEST_FRAME - i % 4);
	}
	report(names[log2_of_8k], ok && is_poison(ring + device->ring_size, RTL8139_RING_TAIL));
}

// A frame's beginning at every place before the end from which it reaches over it, or ends with it.
static void check_wrap(const char *name, unsigned log2_of_8k, unsigned length, bool wrap)
{
	bool ok = begin_classic(log2_of_8k, RTL_APM | (wrap ? RTL_WRAP : 0));
	uint32_t size = device->ring_size, room = (RTL8139_HEADER + length + RTL8139_CRC + 3) / 4 * 4;
	for (uint32_t before = 4; before <= room && ok; before += 4) {
		ok = fill_up_to(size - before);
		memset(ring, Poison, 2048);
		memset(ring + size, Poison, RTL8139_RING_TAIL);
		ok = ok && one(length - before / 4 % 4);
		uint32_t behind = room - before;
		ok = ok && device->position == behind % size;
		if (wrap) {
			ok = ok && is_poison(ring, 2048) && is_poison(ring + size + behind, RTL8139_RING_TAIL - behind);
		} else {
			ok = ok && is_poison(ring + size, RTL8139_RING_TAIL) && is_poison(ring + behind, 2048 - behind);
		}
		if (!ok) {
			report_fail(name, "%u bytes before the end; the next header is at 0x%x, CBR 0x%x", before, device->position, rtl8139_read16(device, RTL_CBR));
			return;
		}
	}
	report(name, ok);
}

// Many at once, so that several are in the ring and the reader is behind.
static void check_bursts(void)
{
	bool ok = begin_classic(0, RTL_APM);
	for (unsigned round = 0; round < 100 && ok; round++) {
		unsigned count = round % 6 + 1, length = 60 + round * 97 % 1200;
		uint32_t first = serial + 1;
		for (unsigned i = 0; i < count && ok; i++) {
			ok = peer_sends(NULL, ++serial, length);
		}
		for (unsigned i = 0; i < count && ok; i++) {
			ok = dut_gets(NULL, first + i, length);
		}
		ok = ok && rtl8139_peek(device) == 0;
	}
	report("bursts of frames, read in order, and then the ring is empty", ok);
}

// Takes the next frame out of the ring, which is whole and comes behind the last one; QEMU's hub lets frames that waited be overtaken.
static bool take_behind(uint32_t *last)
{
	uint32_t before = *last;
	rtl8139_copy(device, last, 14, sizeof *last);
	return (*last > before || on_qemu()) && *last <= serial && dut_gets(NULL, *last, OverflowLength);
}

static uint32_t missed(void)
{
	return rtl8139_read(device, RTL_MPC) & 0xFFFFFF;
}

// Frames go on coming, nobody reads: RXOVW. What is in the ring is whole; the rest is lost and counted, or waits.
static void check_overflow(void)
{
	enum { Sent = 24, Fit = 8192 / (OverflowLength + RTL8139_HEADER + RTL8139_CRC) };
	bool ok = begin_classic(0, RTL_APM), whole = true, told = true, resumed = true;
	for (unsigned round = 0; round < 20 && resumed; round++) {
		uint32_t received = 0, last = serial;
		rtl8139_write16(device, RTL_IMR, RTL_RXOVW);
		rtl8139_write(device, RTL_MPC, 0);
		ok = fill_up_to(round * 404);
		for (unsigned i = 0; i < Sent && ok; i++) {
			ok = peer_sends(NULL, ++serial, OverflowLength);
		}
		told = ok && within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_RXOVW) != 0);
		whole = told;
		while (whole && (received + missed() < Sent || rtl8139_peek(device) != 0)) {
			whole = within_deadline(rtl8139_peek(device) != 0 || received + missed() >= Sent);
			if (whole && rtl8139_peek(device) != 0) {
				whole = take_behind(&last);
				received++;
			}
		}
		whole = whole && received >= Fit - 1 && (received + missed() == Sent || (on_qemu() && received <= Sent)); // which counts and keeps one
		rtl8139_write16(device, RTL_ISR, RTL_RXOVW | RTL_FOVW | RTL_ROK);
		rtl8139_write16(device, RTL_IMR, 0);
		resumed = whole && one(OverflowLength) && one(60) && (rtl8139_read16(device, RTL_ISR) & RTL_RXOVW) == 0;
	}
	report("overflow: RXOVW tells", told);
	report("overflow: what is in the ring is whole and in order, and what is not was counted", whole);
	report("overflow: with room again, it goes on", resumed);
}

static void check_switch(void)
{
	bool ok = begin_classic(1, RTL_APM) && one(100);
	rtl8139_write8(device, RTL_CR, RTL_TE);
	(void)rtl8139_read8(device, RTL_CR);
	ok = ok && peer_sends(NULL, ++serial, 100) && within_deadline(peer.driver->all_sent(&peer));
	delay_us(5000);
	ok = ok && (rtl8139_read8(device, RTL_CR) & RTL_BUFE) != 0;
	rtl8139_restart_receiver(device, RTL_RBLEN(1) | RTL_APM);
	report("a receiver that is off receives nothing, and on again the next", ok && one(100));
}

void check_receive_ring(void)
{
	for (unsigned log2_of_8k = 0; log2_of_8k < 4; log2_of_8k++) {
		check_size(log2_of_8k);
	}
	check_wrap("8 KiB: the end at every place in a short frame", 0, 100, false);
	check_wrap("8 KiB: the end at every place in a long frame", 0, 1512, false);
	check_wrap("16 KiB: the end at every place in a frame", 1, 100, false);
	check_wrap("32 KiB: the end at every place in a frame", 2, 100, false);
	check_wrap("64 KiB: the end at every place in a frame", 3, 100, false);
	check_wrap("8 KiB, WRAP: a short frame goes on behind the end", 0, 100, true);
	check_wrap("8 KiB, WRAP: a long frame goes on behind the end", 0, 1512, true);
	check_wrap("16 KiB, WRAP: a frame goes on behind the end", 1, 100, true);
	check_wrap("32 KiB, WRAP: a frame goes on behind the end", 2, 100, true);
	check_bursts();
	check_overflow();
	check_switch();
}
