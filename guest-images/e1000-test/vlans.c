// VLAN tags: filtered, taken off, put in (9.).
#include "parts.h"

static unsigned make_tagged(uint8_t *frame, uint16_t tag, unsigned length, uint32_t seed)
{
	make_frame(frame, device.nic.address, peer.nic.address, length, seed);
	put16(frame + 12, 0x8100);
	put16(frame + 14, tag);
	put16(frame + 16, 0x88B5);
	return length;
}

static void set_vlan_mode(bool on)
{
	uint32_t control = e1000_read(&device.nic, E1000_CTRL) & ~(uint32_t)E1000_CTRL_VME;
	e1000_write(&device.nic, E1000_CTRL, control | (on ? E1000_CTRL_VME : 0));
}

static bool comes_without(const uint8_t *frame, unsigned length, uint16_t tag)
{
	return fate_of(frame, length) == Came && arrival.length == length - 4 && memcmp(arrival.frame, frame, 12) == 0
		   && memcmp(arrival.frame + 12, frame + 16, length - 16) == 0 && (arrival.status & E1000_RXD_VP) != 0 && arrival.special == tag;
}

static bool comes_as_it_is(const uint8_t *frame, unsigned length)
{
	return fate_of(frame, length) == Came && arrival.length == length && memcmp(arrival.frame, frame, length) == 0 && (arrival.status & E1000_RXD_VP) == 0;
}

static void check_stripping(void)
{
	static const uint16_t tags[] = { 0x0001, 0x0FFE, 0x2345, 0xE123 };
	bool off = true, on = true;
	begin(0);
	for (unsigned i = 0; i < 4 && off; i++) {
		off = comes_as_it_is(scratch, make_tagged(scratch, tags[i], 100 + i * 400, i));
	}
	report("tags: without VME they stay in the frame", off);
	set_vlan_mode(true);
	for (unsigned i = 0; i < 4 && on; i++) {
		on = comes_without(scratch, make_tagged(scratch, tags[i], 100 + i * 400, i), tags[i]);
	}
	report("tags: with VME they go into the descriptor", on);
	make_frame(scratch, device.nic.address, peer.nic.address, 100, 1);
	report("tags: and frames without one stay as they are", comes_as_it_is(scratch, 100));
	report("tags: the longest frame, and its tag", comes_without(scratch, make_tagged(scratch, 7, 1518, 2), 7));
	e1000_write(&device.nic, E1000_VET, 0x88A8);
	bool stays = comes_as_it_is(scratch, make_tagged(scratch, 5, 200, 3));
	make_tagged(scratch, 5, 200, 4);
	put16(scratch + 12, 0x88A8);
	report("tags: VET says what a tag begins with", stays && comes_without(scratch, 200, 5));
	e1000_write(&device.nic, E1000_VET, 0x8100);
	set_vlan_mode(false);
}

static void check_filter(void)
{
	bool passes = true, alone = true;
	begin(E1000_RCTL_VFE);
	for (unsigned id = 0; id < 4095; id += 127) {
		unsigned at = E1000_VFTA + id / 32 * 4;
		make_tagged(scratch, (uint16_t)(0xA000 | id), 80, id);
		alone = alone && fate_of(scratch, 80) == Filtered;
		e1000_write(&device.nic, at, 1u << id % 32);
		passes = passes && comes_as_it_is(scratch, 80);
		e1000_write(&device.nic, at, ~(1u << id % 32));
		alone = alone && fate_of(scratch, 80) == Filtered;
		e1000_write(&device.nic, at, 0);
	}
	report("tags: with VFE a VLAN passes by its bit of the table", passes);
	report("tags: and by no other", alone);
	make_frame(scratch, device.nic.address, peer.nic.address, 80, 9);
	report("tags: frames without one pass", comes_as_it_is(scratch, 80));

	static const char name[] = "tags: with CFIEN those of another CFI do not pass";
	if (!left_out_by_qemu(name, "CFIEN")) {
		begin(E1000_RCTL_VFE | E1000_RCTL_CFIEN);
		for (unsigned i = 0; i < E1000_VFTA_WORDS; i++) {
			e1000_write(&device.nic, E1000_VFTA + i * 4, UINT32_MAX);
		}
		bool zero = comes_as_it_is(scratch, make_tagged(scratch, 0x0005, 80, 1));
		report(name, zero && fate_of(scratch, make_tagged(scratch, 0x1005, 80, 2)) == Filtered);
	}
}

// By VLE of the last descriptor of a frame (legacy) or the first (data).
static void check_inserting(void)
{
	bool legacy = true, data = true, without = true;
	begin(0);
	set_vlan_mode(true);
	for (unsigned i = 0; i < 12; i++) {
		unsigned length = 60 + i * 120;
		uint16_t tag = (uint16_t)(i * 0x1357 & 0xEFFF);
		make_frame(scratch, peer.nic.address, device.nic.address, length, i);
		memcpy(scratch2, scratch, 12);
		put16(scratch2 + 12, 0x8100);
		put16(scratch2 + 14, tag);
		memcpy(scratch2 + 16, scratch + 12, length - 12);
		union e1000_transmit_descriptor descriptor = {
			.legacy = { .buffer = (uintptr_t)scratch, .length = (uint16_t)length,
						.command = E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS | E1000_TXD_VLE, .special = tag },
		};
		e1000_put(&device.nic, descriptor);
		legacy = legacy && send_and_wait(&device) && peer_receives(scratch2, length + 4);
		descriptor = (union e1000_transmit_descriptor){
			.data = { .buffer = (uintptr_t)scratch,
					  .length_command = length | E1000_TXD_DATA
										| E1000_TXD_COMMAND(E1000_TXD_DEXT | E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS | E1000_TXD_VLE),
					  .special = tag },
		};
		e1000_put(&device.nic, descriptor);
		data = data && send_and_wait(&device) && peer_receives(scratch2, length + 4);
		without = without && send_frame(&device, scratch, length) && peer_receives(scratch, length);
	}
	report("tags: put in by a legacy descriptor", legacy);
	report("tags: put in by a data descriptor", data);
	report("tags: and not without VLE", without);
}

void check_vlans(void)
{
	check_stripping();
	check_filter();
	check_inserting();
}
