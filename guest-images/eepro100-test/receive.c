// Receive frames: rings, ends, suspension, frames that do not fit, frames in buffers.
#include "parts.h"

enum { Whole = NIC_LONGEST_FRAME + 6 };
enum { ErrorBits = 0x1F80 | RFD_NO_MATCH | RFD_NOT_INDIVIDUAL };

static void check_descriptor(void)
{
	(void)start_receiving(&tested, 4, Whole);
	(void)send_packet(&peer, tested.address, 1000, 1);
	struct frame_area *frame = receive(&tested);
	if (!report("a frame comes", frame != NULL)) {
		return;
	}
	report_equal("its status: complete, well, to this address", frame->head.head.status & ~RFD_TYPE, RFD_C | RFD_OK);
	report_equal("its command is as it was", frame->head.head.command, 0);
	report_equal("and its size", frame->head.size, Whole);
	report("its data", is_packet(frame->data, 1000, 1) && memcmp(frame->data, tested.address, NIC_ADDRESS) == 0);
	report_equal("and nothing behind", frame->data[1000], 0xA5);
	if (!qemu_departs("its count, with EOF and F", "sets neither bit (6.4.3.1.2)")) {
		report_equal("its count, with EOF and F", frame->head.count, 1000 | RFD_EOF | RFD_F);
	}
	give_back(&tested);
	uint8_t causes = take_causes(&tested);
	report("FR is a cause, RNR is none", (causes & (CAUSE_FR | CAUSE_RNR)) == CAUSE_FR);
	bool all = true;
	for (unsigned length = NIC_SHORTEST_FRAME; length <= NIC_LONGEST_FRAME && all; length += length < 80 || length > 1500 ? 1 : 17) {
		all = send_packet(&peer, tested.address, length, length) && receives_packet(&tested, length, length);
	}
	report("lengths from 60 to 1514", all);
}

// The ring wraps at every position, with one to all of its frames filled before they are taken.
static void check_rings(void)
{
	bool all = true;
	uint32_t seed = 100;
	for (unsigned count = 2; count <= 9 && all; count++) {
		all = start_receiving(&tested, count, Whole);
		for (unsigned burst = 1; burst < count && all; burst++) {
			for (unsigned i = 0; i < burst && all; i++) {
				all = send_packet(&peer, tested.address, 60 + i, seed + i);
			}
			for (unsigned i = 0; i < burst && all; i++) {
				all = receives_packet(&tested, 60 + i, seed + i);
			}
			seed += burst;
		}
		all = all && eepro100_command_now(&tested.chip, RU_ABORT, NULL) && receiver_comes_to(&tested, RU_IS_IDLE);
	}
	report("rings of 2 to 9 frames wrap at every position", all);
	(void)take_causes(&tested);
}

static void check_end(void)
{
	(void)start_receiving(&tested, 3, Whole);
	report("the receiver is ready", receiver_comes_to(&tested, RU_IS_READY));
	bool sent = send_packet(&peer, tested.address, 60, 1) && send_packet(&peer, tested.address, 61, 2) && send_packet(&peer, tested.address, 62, 3);
	report("behind EL it is without resources", sent && receive(&tested) != NULL && receiver_comes_to(&tested, RU_IS_WITHOUT_RESOURCES));
	report("RNR is a cause", within_deadline((eepro100_read8(&tested.chip, E100_ACKNOWLEDGE) & CAUSE_RNR) != 0));
	report("the three are there", receives_packet(&tested, 60, 1) && receives_packet(&tested, 61, 2) && receives_packet(&tested, 62, 3));
	(void)take_causes(&tested);
	(void)eepro100_command_now(&tested.chip, RU_START, &tested.frames[tested.next]);
	bool again = receiver_comes_to(&tested, RU_IS_READY) && send_packet(&peer, tested.address, 63, 4);
	report("started again it goes on", again && receives_packet(&tested, 63, 4));

	(void)eepro100_command_now(&tested.chip, RU_ABORT, NULL);
	report("abort: it is idle", receiver_comes_to(&tested, RU_IS_IDLE));
	report("abort: RNR is a cause", (take_causes(&tested) & CAUSE_RNR) != 0);
	(void)eepro100_command_now(&tested.chip, RU_ABORT, NULL);
	settle();
	report("abort of an idle one is none", (take_causes(&tested) & CAUSE_RNR) == 0);
}

// The end of a ring as e100 keeps it: a descriptor with EL and no room, which the controller must not touch.
static void check_stop_mark(void)
{
	static const char name[] = "EL without room is not touched";
	if (qemu_departs(name, "completes it with a count of 0")) {
		return;
	}
	(void)start_receiving(&tested, 4, Whole);
	make_frame(&tested, 2, RFD_EL, 0);
	bool sent = send_packet(&peer, tested.address, 60, 1) && send_packet(&peer, tested.address, 61, 2) && send_packet(&peer, tested.address, 62, 3);
	bool stopped = sent && receiver_comes_to(&tested, RU_IS_WITHOUT_RESOURCES);
	rmb();
	const struct frame_area *mark = &tested.frames[2];
	report(name, stopped && mark->head.head.status == 0 && mark->head.count == 0 && mark->head.head.command == RFD_EL && mark->data[0] == 0xA5);
	report("the frames before it are there", receives_packet(&tested, 60, 1) && receives_packet(&tested, 61, 2));
	make_frame(&tested, 2, 0, Whole);
	make_frame(&tested, 3, RFD_EL, Whole);
	(void)eepro100_command_now(&tested.chip, RU_START, &tested.frames[2]);
	report("it can be filled later", send_packet(&peer, tested.address, 64, 5) && receive(&tested) != NULL);
}

static void check_suspend(void)
{
	begin_alone();
	(void)start_receiving(&tested, 4, Whole);
	make_frame(&tested, 0, RFD_S, Whole);
	bool suspended = send_packet(&peer, tested.address, 60, 1) && receiver_comes_to(&tested, RU_IS_SUSPENDED);
	report("S suspends behind its frame", suspended && receives_packet(&tested, 60, 1));
	settle();
	bool untouched = tested.frames[1].head.head.status == 0;
	(void)eepro100_command_now(&tested.chip, RU_RESUME, NULL);
	bool ready = receiver_comes_to(&tested, RU_IS_READY) && send_packet(&peer, tested.address, 61, 2);
	report("resumed it goes on with the next", untouched && ready && receives_packet(&tested, 61, 2));
	if (!qemu_departs("resume of a receiver that is idle is ignored", "makes it ready (6.5.4.2)")) {
		(void)eepro100_command_now(&tested.chip, RU_ABORT, NULL);
		(void)receiver_comes_to(&tested, RU_IS_IDLE);
		(void)eepro100_command_now(&tested.chip, RU_RESUME, NULL);
		settle();
		report("resume of a receiver that is idle is ignored", E100_RUS(eepro100_read8(&tested.chip, E100_STATUS)) == RU_IS_IDLE);
	}
}

static void check_room(void)
{
	static const char name[] = "a frame that does not fit";
	begin(&tested);
	(void)start_receiving(&tested, 4, 200);
	(void)send_packet(&peer, tested.address, 200, 1);
	report("a frame that just fits", receives_packet(&tested, 200, 1));
	(void)send_packet(&peer, tested.address, 202, 2);
	struct frame_area *frame = receive(&tested);
	if (!report("one that does not comes too", frame != NULL)) {
		return;
	}
	report("as much of it as fits, and no more", (frame->head.count & RFD_COUNT) == 200 && is_packet(frame->data, 200, 2) && frame->data[200] == 0xA5);
	if (!qemu_departs(name, "sets OK (6.4.3.1.2, bit 9)")) {
		report_equal(name, frame->head.head.status & (RFD_OK | RFD_NO_ROOM), RFD_NO_ROOM);
	}
	give_back(&tested);
	(void)send_packet(&peer, tested.address, 100, 3);
	report("the next is well", receives_packet(&tested, 100, 3));
}

static void check_base(void)
{
	uint32_t base = 0x40000000;
	begin(&tested);
	tested.frame_count = 2;
	tested.next = 0;
	make_frame(&tested, 0, 0, Whole);
	make_frame(&tested, 1, RFD_EL, Whole);
	tested.frames[0].head.head.link -= base;
	(void)eepro100_command_now(&tested.chip, RU_LOAD_BASE, (void *)(uintptr_t)base);
	(void)eepro100_command_now(&tested.chip, RU_START, (void *)(uintptr_t)((uint32_t)(uintptr_t)tested.frames - base));
	bool both = send_packet(&peer, tested.address, 70, 1) && send_packet(&peer, tested.address, 71, 2) && receives_packet(&tested, 70, 1);
	report("the base is added to pointers and links", both && receives_packet(&tested, 71, 2));
}

void check_receive(void)
{
	begin(&tested);
	begin(&peer);
	check_descriptor();
	check_rings();
	check_end();
	check_stop_mark();
	check_suspend();
	check_room();
	check_base();
	begin(&tested);
}
