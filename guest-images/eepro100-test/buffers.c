// Receive frames in a list of buffers, the flexible structure. The open manual names its commands and leaves out its descriptors, which
// are those of the 82557's first manual and of the 82596.
#include "parts.h"

enum { Count = 12, Size = 200, CountMask = 0x3FFF, Full = 0x4000, EndOfFrame = 0x8000, EndOfList = 0x8000 };

struct buffer_descriptor {
	uint16_t count, unused0;
	uint32_t link, address;
	uint16_t size, unused1;
} __attribute__((aligned(16)));

static struct buffer_descriptor descriptors[Count];
static uint8_t data[Count][Size + 16];

static uint32_t address_of(const volatile void *object) { return (uint32_t)(uintptr_t)object; }

static void make_buffers(void)
{
	for (unsigned i = 0; i < Count; i++) {
		memset(data[i], 0xA5, sizeof data[i]);
		descriptors[i] = (struct buffer_descriptor){
			.link = address_of(&descriptors[(i + 1) % Count]),
			.address = address_of(data[i]),
			.size = (uint16_t)(Size | (i == Count - 1 ? EndOfList : 0)),
		};
	}
	tested.frame_count = 6;
	tested.next = 0;
	for (unsigned i = 0; i < 6; i++) {
		make_frame(&tested, i, RFD_SF | (i == 5 ? RFD_EL : 0), 0);
	}
	tested.frames[0].head.buffers = address_of(&descriptors[0]);
}

// The frame is in the buffers from `first` on, in as many as it takes.
static bool is_in_buffers(const struct frame_area *frame, unsigned first, unsigned length, uint32_t seed)
{
	static uint8_t whole[NIC_LONGEST_FRAME];
	bool right = frame != NULL && (frame->head.head.status & (RFD_C | RFD_OK)) == (RFD_C | RFD_OK) && frame->head.buffers == address_of(&descriptors[first]);
	for (unsigned i = first, at = 0; right && at < length; i++) {
		unsigned part = length - at < Size ? length - at : Size;
		bool last = at + part == length;
		right = descriptors[i].count == (part | Full | (last ? EndOfFrame : 0)) && (part == Size || data[i][part] == 0xA5);
		memcpy(whole + at, data[i], part);
		at += part;
	}
	return right && is_packet(whole, length, seed);
}

// All are full: the driver adds four behind the last. What came in between may have been kept or lost.
static void check_more(void)
{
	bool sent = send_packet(&peer, tested.address, 70, 5);
	report("buffers: without any it is without resources", sent && receiver_comes_to(&tested, RU_IS_WITHOUT_BUFFERS));
	for (unsigned i = 0; i < 4; i++) {
		memset(data[i], 0xA5, sizeof data[i]);
		descriptors[i].count = 0;
		descriptors[i].size = (uint16_t)(Size | (i == 3 ? EndOfList : 0));
	}
	dma_wmb(); // they are empty before the last one leads to them
	WRITE_ONCE(descriptors[Count - 1].size, Size);
	(void)eepro100_command_now(&tested.chip, RU_RESUME_BUFFERS, NULL);
	sent = receiver_comes_to(&tested, RU_IS_READY) && send_packet(&peer, tested.address, 70, 5);
	report("buffers: with more it goes on", sent && is_in_buffers(receive(&tested), 0, 70, 5));
}

void check_buffers(void)
{
	static const char name[] = "buffers: a frame is in as many as it takes";
	if (qemu_departs(name, "takes every descriptor for a simplified one (6.4.3.1.2, SF)")) {
		return;
	}
	begin(&tested);
	begin(&peer);
	make_buffers();
	(void)eepro100_command_now(&tested.chip, RU_START, tested.frames);
	bool sent = send_packet(&peer, tested.address, 700, 1);
	report(name, sent && is_in_buffers(receive(&tested), 0, 700, 1));
	tested.next++;
	sent = send_packet(&peer, tested.address, 400, 2);
	report("buffers: the next frame begins with the next, and fills two", sent && is_in_buffers(receive(&tested), 4, 400, 2));
	tested.next++;
	sent = send_packet(&peer, tested.address, 60, 3);
	report("buffers: one is enough for a short one", sent && is_in_buffers(receive(&tested), 6, 60, 3));
	tested.next++;
	sent = send_packet(&peer, tested.address, 1000, 4);
	report("buffers: as many as there are", sent && is_in_buffers(receive(&tested), 7, 1000, 4));
	tested.next++;
	check_more();
	begin(&tested);
}
