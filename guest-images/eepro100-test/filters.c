// Which frames are received: by address, by length.
#include "parts.h"

enum { Whole = LongestFrame };

static const uint8_t everybody[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
static const uint8_t stranger[] = { 0x02, 0x00, 0x00, 0x12, 0x34, 0x56 };
static uint32_t seed;

// Sends a frame, and then one that is always received: what comes first tells. Its status goes to `status`.
static bool accepts_length(const uint8_t *destination, unsigned length, uint16_t *status)
{
	struct frame_area *frame;
	seed += 2;
	if (!send_packet(&peer, destination, length, seed) || !send_packet(&peer, tested.address, 60, seed + 1) || (frame = receive(&tested)) == NULL) {
		return false;
	}
	bool accepted = seed_of(frame->data) == seed && is_packet(frame->data, length, seed);
	*status = frame->head.head.status;
	give_back(&tested);
	if (accepted) {
		accepted = receives_packet(&tested, 60, seed + 1);
	}
	return accepted;
}

static bool accepts(const uint8_t *destination)
{
	uint16_t status;
	return accepts_length(destination, 100, &status);
}

static void configure(unsigned byte, uint8_t bits, bool on)
{
	tested.configuration[byte] = (uint8_t)((tested.configuration[byte] & ~bits) | (on ? bits : 0));
	(void)set_configuration(&tested);
}

// The manual does not say which six bits of the CRC make the hash: here are both that are known, and addresses agree or differ in both.
static bool has_hash(const uint8_t *address, unsigned hash)
{
	uint32_t crc = crc_of(address, NIC_ADDRESS);
	return (crc >> 2 & 63) == hash && crc >> 26 == (hash * 5 + 3) % 64;
}

// The `index`-th group address of that hash.
static void address_with_hash(uint8_t *address, unsigned hash, unsigned index)
{
	static const uint8_t first[] = { 0x01, 0x00, 0x5E, 0x00, 0x00, 0x00 };
	memcpy(address, first, NIC_ADDRESS);
	for (;;) {
		if (has_hash(address, hash) && index-- == 0) {
			return;
		}
		address[5]++;
		address[4] = (uint8_t)(address[4] + (address[5] == 0));
	}
}

static bool set_multicast(const uint8_t (*addresses)[NIC_ADDRESS], unsigned count)
{
	struct { uint16_t count; uint8_t list[64][NIC_ADDRESS]; } parameters = { (uint16_t)(count * NIC_ADDRESS), { { 0 } } };
	memcpy(parameters.list, addresses, count * NIC_ADDRESS);
	return perform(&tested, CB_MULTICAST, &parameters, 2 + count * NIC_ADDRESS);
}

static void check_individual(void)
{
	static const uint8_t other[] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	report("its own address", accepts(tested.address));
	report("not another's", !accepts(stranger));
	(void)perform(&tested, CB_ADDRESS, other, NIC_ADDRESS);
	(void)send_packet(&peer, tested.address, 60, 1);
	(void)send_packet(&peer, other, 61, 2);
	report("an address that was set, and no longer its own", receives_packet(&tested, 61, 2));
	(void)perform(&tested, CB_ADDRESS, tested.address, NIC_ADDRESS);
	report("and its own again", accepts(tested.address) && !accepts(other));
}

static void check_broadcast(void)
{
	uint16_t status = 0;
	report("broadcasts", accepts_length(everybody, 100, &status));
	report_equal("broadcasts: not by its own address", status & (RFD_NOT_INDIVIDUAL | RFD_NO_MATCH), RFD_NOT_INDIVIDUAL);
	if (!qemu_departs("broadcasts, disabled", "has no such bit (6.4.2.3, byte 15)")) {
		configure(15, C15_NO_BROADCAST, true);
		report("broadcasts, disabled", !accepts(everybody));
		configure(15, C15_NO_BROADCAST, false);
		report("broadcasts, enabled again", accepts(everybody));
	}
}

static void check_promiscuous(void)
{
	static const uint8_t group[] = { 0x03, 0, 0, 0, 0, 0x77 };
	uint16_t status = 0;
	configure(15, C15_PROMISCUOUS, true);
	report("promiscuous: another's", accepts_length(stranger, 100, &status));
	report("promiscuous: which matches nothing", (status & RFD_NO_MATCH) != 0);
	report("promiscuous: groups, broadcasts and its own", accepts(group) && accepts(everybody) && accepts(tested.address));
	configure(15, C15_PROMISCUOUS, false);
	report("promiscuous no more", !accepts(stranger) && !accepts(group));
}

static void check_multicast(void)
{
	uint8_t list[64][NIC_ADDRESS], beside[NIC_ADDRESS];
	uint16_t status = 0;
	bool all = true, others = false;
	address_with_hash(beside, 5, 0);
	report("groups: none at first", set_multicast(list, 0) && !accepts(beside));
	for (unsigned hash = 0; hash < 64 && all && !others; hash++) {
		address_with_hash(list[0], hash, 0);
		address_with_hash(beside, hash ^ 1, 0);
		all = set_multicast(list, 1) && accepts(list[0]);
		others = accepts(beside);
	}
	report("groups: each of 64 hashes by itself", all);
	report("groups: and not the one beside it", !others);
	address_with_hash(list[0], 9, 0);
	address_with_hash(beside, 9, 1);
	report("groups: one with the same hash, for the filter is not perfect", set_multicast(list, 1) && accepts_length(beside, 100, &status));
	report("groups: not by its own address", (status & RFD_NOT_INDIVIDUAL) != 0);
	for (unsigned i = 0; i < 32; i++) {
		address_with_hash(list[i], i * 2, 0);
	}
	all = set_multicast(list, 32);
	for (unsigned i = 0; i < 32 && all; i++) {
		address_with_hash(beside, i * 2 + 1, 0);
		all = accepts(list[i]) && (i % 8 != 0 || !accepts(beside));
	}
	report("groups: 32 at once", all);
	address_with_hash(beside, 1, 0);
	configure(21, C21_ALL_MULTICAST, true);
	report("groups: all of them", accepts(beside) && !accepts(stranger));
	configure(21, C21_ALL_MULTICAST, false);
	report("groups: and no longer", !accepts(beside));
	report("groups: none again", set_multicast(list, 0) && !accepts(list[0]));

	if (!qemu_departs("several individual addresses, by the same hashes", "hashes them by other bits than it sets")) {
		memcpy(list[0], stranger, NIC_ADDRESS);
		configure(20, C20_MULTIPLE_ADDRESSES, true);
		report("several individual addresses, by the same hashes", set_multicast(list, 1) && accepts(stranger));
		configure(20, C20_MULTIPLE_ADDRESSES, false);
		report("and not if not configured", !accepts(stranger));
		(void)set_multicast(list, 0);
	}
}

static void check_lengths(void)
{
	uint16_t status = 0;
	report("a long frame is not received", !accepts_length(tested.address, 1600, &status));
	configure(18, C18_LONG_RECEIVE, true);
	report("configured so it is", accepts_length(tested.address, 1600, &status));
	configure(18, C18_LONG_RECEIVE, false);

	if (!qemu_departs("short frames", "has no loopback to make one by (6.4.2.3, byte 10)")) {
		// On a wire a frame may be made longer by whatever is behind it: these come back inside the controller.
		tested.configuration[10] |= C10_LOOPBACK;
		configure(18, C18_PADDING, false);
		(void)send_packet(&tested, tested.address, 40, 1);
		(void)send_packet(&tested, tested.address, 60, 2);
		report("a short frame is not received", receives_packet(&tested, 60, 2));
		configure(7, C7_DISCARD_SHORT, false);
		(void)send_packet(&tested, tested.address, 40, 3);
		const struct frame_area *frame = receive(&tested);
		report("configured so it is, as a short one", frame != NULL && (frame->head.head.status & (RFD_C | RFD_SHORT)) == (RFD_C | RFD_SHORT)
														  && (frame->head.count & RFD_COUNT) == 40 && is_packet(frame->data, 40, 3));
		begin(&tested);
		(void)start_receiving(&tested, 8, Whole);
	}

	if (!qemu_departs("the frame check sequence", "writes no data at all then (6.4.2.3, byte 18)")) {
		configure(18, C18_CRC_TRANSFER, true);
		bool right = true;
		for (unsigned length = 60; length < 70 && right; length++) {
			struct frame_area *frame;
			right = send_packet(&peer, tested.address, length, length) && (frame = receive(&tested)) != NULL
					&& (frame->head.count & RFD_COUNT) == length + 4 && crc_of(frame->data, length + 4) == 0xC704DD7B;
			give_back(&tested);
		}
		report("the frame check sequence, configured so, is behind the data and right", right);
		configure(18, C18_CRC_TRANSFER, false);
	}
}

void check_filters(void)
{
	begin(&tested);
	begin(&peer);
	(void)start_receiving(&tested, 8, Whole);
	check_individual();
	check_broadcast();
	check_promiscuous();
	check_multicast();
	check_lengths();
	begin(&tested);
}
