// Which frames are received: by address (3.2.1).
#include "parts.h"

static uint8_t frame[NIC_SHORTEST_FRAME];

static enum fate fate_of_one_to(const uint8_t *address)
{
	static uint32_t number;
	make_frame(frame, address, peer.nic.address, sizeof frame, ++number);
	enum fate fate = fate_of(frame, sizeof frame);
	return fate == Came && memcmp(arrival.frame, frame, sizeof frame) != 0 ? Lost : fate;
}

static const uint8_t another[NIC_ADDRESS] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
static const uint8_t group[NIC_ADDRESS] = { 0x01, 0x00, 0x5E, 0x12, 0x34, 0x56 };

static void check_usual(void)
{
	uint8_t near[NIC_ADDRESS];
	bool none = true;
	begin(0);
	report("filters: its own address passes", fate_of_one_to(device.nic.address) == Came);
	report("filters: broadcast passes with BAM", fate_of_one_to(broadcast) == Came);
	report("filters: another address does not", fate_of_one_to(another) == Filtered);
	report("filters: nor does a group", fate_of_one_to(group) == Filtered);
	for (unsigned bit = 0; bit < 48 && none; bit++) {
		memcpy(near, device.nic.address, NIC_ADDRESS);
		near[bit / 8] ^= (uint8_t)(1 << bit % 8);
		none = fate_of_one_to(near) == Filtered;
	}
	report("filters: nor one that differs in a bit", none);
}

static void check_addresses(void)
{
	bool passes = true, ends = true;
	for (unsigned i = 1; i < E1000_RECEIVE_ADDRESSES && passes && ends; i++) {
		uint8_t address[NIC_ADDRESS] = { (uint8_t)(i % 3 == 0 ? 0x03 : 0x02), 0xAA, 0xBB, 0xCC, 0x10, (uint8_t)i };
		e1000_set_address(&device.nic, i, address);
		passes = fate_of_one_to(address) == Came;
		e1000_write(&device.nic, E1000_RAH(i), e1000_read(&device.nic, E1000_RAH(i)) & ~E1000_RAH_AV);
		ends = fate_of_one_to(address) == Filtered;
	}
	report("filters: 15 more addresses, for one or a group", passes);
	report("filters: without AV they do not pass", ends);
	e1000_write(&device.nic, E1000_RAH(0), e1000_read(&device.nic, E1000_RAH(0)) & ~E1000_RAH_AV);
	e1000_set_address(&device.nic, 7, device.nic.address);
	report("filters: its own address may stand anywhere", fate_of_one_to(device.nic.address) == Came);
	e1000_set_address(&device.nic, 0, device.nic.address);
	e1000_set_address(&device.nic, 7, NULL);
}

// Twelve bits of the address, from one of four places, choose a bit of the table (13.5.1).
static void check_hash(void)
{
	static const unsigned shifts[] = { 4, 3, 2, 0 };
	for (unsigned offset = 0; offset < 4; offset++) {
		bool passes = true, alone = true;
		begin(offset << E1000_RCTL_MO);
		for (unsigned i = 0; i < 24 && passes && alone; i++) {
			uint8_t address[NIC_ADDRESS] = { 0x01, 0x00, 0x5E, (uint8_t)i, (uint8_t)(i * 11 + 3), (uint8_t)(i * 53) };
			unsigned hash = ((unsigned)address[5] << 8 | address[4]) >> shifts[offset] & 0xFFF;
			unsigned at = E1000_MTA + hash / 32 * 4;
			alone = fate_of_one_to(address) == Filtered;
			e1000_write(&device.nic, at, 1u << hash % 32);
			passes = fate_of_one_to(address) == Came && fate_of_one_to(another) == Filtered;
			e1000_write(&device.nic, at, ~(1u << hash % 32));
			alone = alone && fate_of_one_to(address) == Filtered;
			e1000_write(&device.nic, at, 0);
		}
		char name[80];
		snprintf(name, sizeof name, "filters: a group passes by its bit of the table, offset %u", offset);
		report(name, passes);
		snprintf(name, sizeof name, "filters: and by no other, offset %u", offset);
		report(name, alone);
	}
}

static void check_promiscuous(void)
{
	begin(E1000_RCTL_UPE);
	report("filters: with UPE each address passes", fate_of_one_to(another) == Came);
	report("filters: but no group", fate_of_one_to(group) == Filtered);
	begin(E1000_RCTL_MPE);
	report("filters: with MPE each group passes", fate_of_one_to(group) == Came);
	report("filters: but no other address", fate_of_one_to(another) == Filtered);
	begin(0);
	e1000_write(&device.nic, E1000_RCTL, e1000_read(&device.nic, E1000_RCTL) & ~(uint32_t)E1000_RCTL_BAM);
	report("filters: without BAM broadcast does not pass", fate_of_one_to(broadcast) == Filtered);
}

void check_filters(void)
{
	check_usual();
	check_addresses();
	check_hash();
	check_promiscuous();
}
