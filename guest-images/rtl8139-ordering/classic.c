// The old mode: four buffers, and a ring in memory whose next header is polled in turn by CR and in memory itself.
#include "load.h"

enum { RingSize = 8192, Credit = 10 }; // as many frames as always have room in the ring

static struct rtl8139 *to, *from;
static uint8_t ring[RingSize + RTL8139_RING_TAIL] __attribute__((aligned(256)));

_Static_assert(Credit * (RTL8139_HEADER + Longest + RTL8139_CRC) < RingSize, "the ring is never full");

static void send_all(void *unused)
{
	(void)unused;
	for (uint32_t number = 1; number <= load.rounds; number++) {
		unsigned entry = (number - 1) % RTL8139_TRANSMIT_BUFFERS, at = RTL_TSD + entry * 4;
		uint8_t *buffer = from->transmit[entry];
		if (number > RTL8139_TRANSMIT_BUFFERS) {
			if (!load_wait(number, (rtl8139_read(from, at) & (RTL_OWN | RTL_TOK)) == (RTL_OWN | RTL_TOK))) {
				return;
			}
			// The stores stay behind that load, as on every x86.
			uint32_t before = number - RTL8139_TRANSMIT_BUFFERS;
			frame_poison(buffer, before, 0, frame_length(before));
		}
		if (!load_wait(number, number - load.received <= Credit)) {
			return;
		}
		frame_fill(buffer, number);
		wmb(); // the frame is in memory before the device is told
		rtl8139_write(from, at, RTL_TSD_THRESHOLD(256) | frame_length(number));
	}
	load_wait(load.rounds, load.received == load.rounds);
}

// In memory, where nothing but the order of the device's stores says that the rest is there.
static uint32_t wait_for_header(const struct view *view, uint32_t number)
{
	uint32_t header = 0;
	load_wait(number, (header = *view_word(view, 0)) != 0 && header >> 16 != RTL8139_IN_PROGRESS);
	dma_rmb(); // the header, then the frame; pairs with the device's frame before its header
	return header;
}

static uint32_t wait_for_cr(const struct view *view, uint32_t number)
{
	load_wait(number, (rtl8139_read8(to, RTL_CR) & RTL_BUFE) == 0);
	rmb(); // the register read flushed the frame and its header
	return *view_word(view, 0);
}

static void receive_all(void *unused)
{
	(void)unused;
	uint32_t position = 0;
	for (uint32_t number = 1; number <= load.rounds; number++) {
		struct view header_view = { ring, position, RingSize }, view = { ring, position + RTL8139_HEADER, RingSize };
		bool by_register = number % 4 == 0;
		uint32_t header = by_register ? wait_for_cr(&header_view, number) : wait_for_header(&header_view, number);
		if (load_stopped()) {
			return;
		}
		unsigned length = frame_length(number), size = length + RTL8139_CRC;
		uint32_t detail = header;
		enum verdict verdict = header == (size << 16 | RTL_RX_PHYSICAL | RTL_RX_OK) ? frame_judge(&view, number, length, &detail) : WrongStatus;
		if (verdict != Whole) {
			load.behind_register = by_register;
			load_stop(verdict, number, detail);
			return;
		}
		// Room is given back when the device has passed it.
		if (!load_wait(number, (rtl8139_read8(to, RTL_CR) & RTL_BUFE) == 0)) {
			return;
		}
		view_clear(&header_view, RTL8139_HEADER + size);
		position = (position + RTL8139_HEADER + size) % RingSize;
		mb(); // read and cleared before the device may write there again
		rtl8139_write16(to, RTL_CAPR, (uint16_t)(position - 16));
		load.received = number;
	}
}

void check_classic(struct nic *sender, struct nic *receiver, uint32_t rounds)
{
	sender->driver = receiver->driver = &rtl8139_driver;
	if (!report("classic: both start", sender->driver->open(sender) && receiver->driver->open(receiver)
										   && within_deadline(sender->driver->link_up(sender)) && within_deadline(receiver->driver->link_up(receiver)))) {
		return;
	}
	from = (struct rtl8139 *)sender->private;
	to = (struct rtl8139 *)receiver->private;
	rtl8139_reset(to);
	memset(ring, 0, sizeof ring);
	to->ring = ring;
	rtl8139_start(to, 0, RTL_APM); // without WRAP: frames are in two parts at the end
	frame_setup(receiver->address, sender->address);
	load_run("classic: frames whole behind their header, buffers read before they are given back", receive_all, send_all, rounds);
	sender->driver->close(sender);
	receiver->driver->close(receiver);
}
