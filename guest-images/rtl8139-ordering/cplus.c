// C+ mode: rings in memory, both polled there. Each descriptor has two buffers in turn, so that one that was read too early leads astray.
#include "load.h"

enum { SendRing = 8, ReceiveRing = 8, Credit = ReceiveRing + 2, Spins = 64 };

#define POISONED_TAG UINT32_MAX // with TAVA

static struct rtl8139cp *to, *from;
static uint8_t sent[SendRing][2][BufferRoom] __attribute__((aligned(256))), got[ReceiveRing][2][BufferRoom] __attribute__((aligned(256)));

// What a descriptor of transmission had been given: the part of a buffer.
static struct { uint8_t *buffer; uint32_t number; unsigned begin, end; } parts[SendRing];
static uint32_t handed, done;

static struct rtl8139cp_descriptor *send_descriptor(uint32_t index) { return &from->memory->transmit[index % SendRing]; }

// Takes back what there is, and poisons it at once.
static void reclaim(void)
{
	while (done != handed && (READ_ONCE(send_descriptor(done)->status) & CP_OWN) == 0) {
		// The stores stay behind that load, as on every x86.
		frame_poison(parts[done % SendRing].buffer, parts[done % SendRing].number, parts[done % SendRing].begin, parts[done % SendRing].end);
		done++;
	}
}

// True once `count` descriptors are free. The device has looked when NPQ is 0; if OWN is still set then, it has not seen it.
static bool wait_for_descriptors(unsigned count, uint32_t number)
{
	unsigned spins = 0;
	bool unseen = false;
	bool free = load_wait(number, (reclaim(), SendRing - (handed - done) >= count) || (unseen = ++spins % Spins == 0 && done != handed
									  && (rtl8139_read8(&from->common, RTL_TPPOLL) & RTL_NPQ) == 0
									  && (READ_ONCE(send_descriptor(done)->status) & CP_OWN) != 0));
	if (unseen) {
		load_stop(Unseen, number, 0);
	}
	return free && !unseen;
}

static void describe(uint8_t *buffer, uint32_t number, unsigned begin, unsigned end, uint32_t flags)
{
	unsigned entry = handed % SendRing;
	struct rtl8139cp_descriptor *descriptor = send_descriptor(handed++);
	parts[entry].buffer = buffer;
	parts[entry].number = number;
	parts[entry].begin = begin;
	parts[entry].end = end;
	descriptor->vlan = 0;
	descriptor->buffer = (uintptr_t)buffer + begin;
	dma_wmb(); // the body, and the frame, are in memory before OWN is: the device may be looking already
	WRITE_ONCE(descriptor->status, CP_OWN | (entry + 1 == SendRing ? CP_EOR : 0) | flags | (end - begin));
}

static void send_all(void *unused)
{
	(void)unused;
	for (uint32_t number = 1; number <= load.rounds; number++) {
		unsigned length = frame_length(number), split = number % 3 == 0 ? Header + number % 11 * 4 : 0;
		if (!wait_for_descriptors(split != 0 ? 2 : 1, number) || !load_wait(number, (reclaim(), number - load.received <= Credit))) {
			return;
		}
		uint8_t *buffer = sent[handed % SendRing][handed / SendRing % 2];
		frame_fill(buffer, number);
		if (split != 0) {
			describe(buffer, number, 0, split, CP_FS);
		}
		describe(buffer, number, split, length, CP_LS | (split != 0 ? 0 : CP_FS));
		wmb(); // OWN is in memory before the device is told to look
		rtl8139_write8(&from->common, RTL_TPPOLL, RTL_NPQ);
	}
	if (wait_for_descriptors(SendRing, load.rounds)) {
		load_wait(load.rounds, load.received == load.rounds);
	}
}

static void give(uint32_t index)
{
	unsigned entry = index % ReceiveRing;
	struct rtl8139cp_descriptor *descriptor = &to->memory->receive[entry];
	descriptor->vlan = POISONED_TAG;
	descriptor->buffer = (uintptr_t)got[entry][index / ReceiveRing % 2];
	dma_wmb(); // the body is in memory before OWN is
	WRITE_ONCE(descriptor->status, CP_OWN | (entry + 1 == ReceiveRing ? CP_EOR : 0) | BufferRoom);
}

static enum verdict judge(const struct rtl8139cp_descriptor *descriptor, uint32_t status, uint32_t number, uint32_t *detail)
{
	unsigned length = frame_length(number), entry = (number - 1) % ReceiveRing;
	uint32_t told = status & (CP_FS | CP_LS | CP_PHYSICAL | CP_RX_RES | CP_RX_SIZE);
	if (told != (CP_FS | CP_LS | CP_PHYSICAL | (length + RTL8139_CRC)) || (READ_ONCE(descriptor->vlan) & CP_TAVA) != 0) {
		*detail = status;
		return WrongStatus;
	}
	struct view view = { (uint8_t *)(uintptr_t)descriptor->buffer, 0, BufferRoom };
	enum verdict verdict = frame_judge(&view, number, length, detail);
	if (verdict != Whole) {
		uint32_t ignored;
		struct view other = { got[entry][(number - 1) / ReceiveRing % 2 ^ 1], 0, BufferRoom };
		verdict = frame_judge(&other, number, length, &ignored) == Whole ? Misplaced : verdict;
	}
	view_clear(&view, length + RTL8139_CRC);
	return verdict;
}

static void receive_all(void *unused)
{
	(void)unused;
	for (uint32_t number = 1; number <= load.rounds; number++) {
		struct rtl8139cp_descriptor *descriptor = &to->memory->receive[(number - 1) % ReceiveRing];
		uint32_t status = 0, detail = 0;
		if (!load_wait(number, ((status = READ_ONCE(descriptor->status)) & CP_OWN) == 0)) {
			return;
		}
		dma_rmb(); // OWN, then what it hands back; pairs with the device's frame and tag before OWN
		enum verdict verdict = judge(descriptor, status, number, &detail);
		if (verdict != Whole) {
			load_stop(verdict, number, detail);
			return;
		}
		mb(); // read and cleared before the device may write there again
		give(number - 1 + ReceiveRing);
		load.received = number;
	}
}

void check_cplus(struct nic *sender, struct nic *receiver, uint32_t rounds)
{
	sender->driver = receiver->driver = &rtl8139cp_driver;
	if (!report("C+: both start", sender->driver->open(sender) && receiver->driver->open(receiver)
									  && within_deadline(sender->driver->link_up(sender)) && within_deadline(receiver->driver->link_up(receiver)))) {
		return;
	}
	from = (struct rtl8139cp *)sender->private;
	to = (struct rtl8139cp *)receiver->private;
	rtl8139_reset(&from->common);
	rtl8139_reset(&to->common);
	rtl8139cp_start(from, 1, SendRing, RTL_APM, 0);
	rtl8139cp_start(to, ReceiveRing, 1, 0, 0);
	memset(got, 0, sizeof got);
	handed = done = 0;
	for (unsigned i = 0; i < ReceiveRing; i++) {
		give(i);
	}
	mb(); // its descriptors are the guest's own before it receives
	rtl8139_write(&to->common, RTL_RCR, RTL_RX_BURST_UNLIMITED | RTL_RX_WHOLE_FRAME | RTL_APM);
	frame_setup(receiver->address, sender->address);
	load_run("C+: frames whole behind OWN, buffers read before it is given back, and not before it is handed over", receive_all, send_all, rounds);
	sender->driver->close(sender);
	receiver->driver->close(receiver);
}
