// What is let in: RCR's four bits, and the hash of multicast addresses in MAR.
#include "parts.h"

enum kind { Own, Foreign, Broadcast, Heard, Unheard, Kinds };
enum { Length = 80 };

static uint8_t addresses[Kinds][NIC_ADDRESS];

static bool lets_in(uint32_t accept, enum kind kind)
{
	switch (kind) {
	case Own: return (accept & (RTL_APM | RTL_AAP)) != 0;
	case Foreign: return (accept & RTL_AAP) != 0;
	case Broadcast: return (accept & RTL_AB) != 0;
	case Heard: return (accept & RTL_AM) != 0;
	default: return false;
	}
}

static bool begin_with(uint32_t accept)
{
	bool begun = cplus != NULL ? begin_cplus(16, 4, accept, 0) : begin_classic(2, accept | RTL_WRAP);
	unsigned bit = multicast_bit(addresses[Heard]);
	rtl8139_write(device, RTL_MAR, bit < 32 ? 1u << bit : 0);
	rtl8139_write(device, RTL_MAR + 4, bit < 32 ? 0 : 1u << (bit - 32));
	(void)rtl8139_read(device, RTL_MAR);
	return begun;
}

// Every kind is sent; those that are let in, and no others, come in turn. One that is let in ends each row, so that it is seen to be all.
static bool lets_in_what_it_should(uint32_t accept, bool groups_too)
{
	enum kind last = Own;
	while (last < Kinds && !lets_in(accept, last)) {
		last++;
	}
	bool ok = begin_with(accept);
	for (enum kind kind = 0; kind < Kinds && ok; kind++) {
		ok = (kind >= Broadcast && !groups_too) || peer_sends(addresses[kind], kind, Length);
	}
	if (last == Kinds) {
		delay_us(20000); // nothing can come that would show it is all
		return ok && (cplus != NULL ? rtl8139cp_peek(cplus) == NULL : rtl8139_peek(device) == 0);
	}
	ok = ok && peer_sends(addresses[last], 100, Length);
	for (enum kind kind = 0; kind < Kinds && ok; kind++) {
		ok = (kind >= Broadcast && !groups_too) || !lets_in(accept, kind) || dut_gets(addresses[kind], kind, Length);
	}
	return ok && dut_gets(addresses[last], 100, Length);
}

static void check_bits(void)
{
	bool all = true, groups_apart = !on_qemu();
	for (uint32_t accept = 0; accept < 16; accept++) {
		if (!lets_in_what_it_should(accept, groups_apart || (accept & RTL_AAP) == 0)) {
			report_fail("RCR: each combination of AAP, APM, AM and AB", "0x%x", accept);
			all = false;
		}
	}
	if (all) {
		report("RCR: each combination of AAP, APM, AM and AB", true);
	}
	if (groups_apart) {
		report("RCR: AAP is for addresses of stations alone", lets_in_what_it_should(RTL_AAP, true));
	} else {
		report_skip("RCR: AAP is for addresses of stations alone", "QEMU lets in everything");
	}
}

static void check_hash(void)
{
	bool all = true;
	uint64_t seen = 0;
	uint8_t address[NIC_ADDRESS] = { 0x01, 0x00, 0x5E, 0, 0, 0 };
	begin_with(RTL_AM | RTL_APM);
	for (unsigned i = 0; i < 4096 && ~seen != 0 && all; i++) {
		address[4] = (uint8_t)(i >> 8);
		address[5] = (uint8_t)i;
		unsigned bit = multicast_bit(address);
		if ((seen >> bit & 1) != 0) {
			continue;
		}
		seen |= 1ull << bit;
		uint64_t mask = ~(1ull << bit);
		rtl8139_write(device, RTL_MAR, (uint32_t)mask);
		rtl8139_write(device, RTL_MAR + 4, (uint32_t)(mask >> 32));
		all = peer_sends(address, i, Length) && peer_sends(NULL, i + 1, Length) && dut_gets(NULL, i + 1, Length);
		rtl8139_write(device, RTL_MAR, (uint32_t)~mask);
		rtl8139_write(device, RTL_MAR + 4, (uint32_t)(~mask >> 32));
		all = all && peer_sends(address, i, Length) && dut_gets(address, i, Length);
	}
	report("MAR: each of its 64 bits, alone and alone missing", all && ~seen == 0);
}

// What the receiver says about whom a frame was for.
static uint32_t kind_of_next(void)
{
	uint32_t kind = 0, header = 0;
	if (cplus != NULL) {
		struct rtl8139cp_descriptor *descriptor = NULL;
		if (within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL)) {
			kind = descriptor->status & (CP_MULTICAST | CP_PHYSICAL | CP_BROADCAST);
			rtl8139cp_consume(cplus);
		}
	} else if (within_deadline((header = rtl8139_peek(device)) != 0)) {
		kind = header & (RTL_RX_MULTICAST | RTL_RX_PHYSICAL | RTL_RX_BROADCAST);
		rtl8139_consume(device, header);
	}
	return kind;
}

static void check_kinds(void)
{
	begin_with(RTL_APM | RTL_AM | RTL_AB);
	peer_sends(addresses[Own], 1, Length);
	report_equal("a frame's status: its own address", kind_of_next(), cplus != NULL ? CP_PHYSICAL : RTL_RX_PHYSICAL);
	peer_sends(addresses[Broadcast], 1, Length);
	uint32_t kind = kind_of_next() & ~(cplus != NULL ? CP_MULTICAST : (uint32_t)RTL_RX_MULTICAST);
	report_equal("a frame's status: broadcast", kind, cplus != NULL ? CP_BROADCAST : RTL_RX_BROADCAST);
	peer_sends(addresses[Heard], 1, Length);
	report_equal("a frame's status: multicast", kind_of_next(), cplus != NULL ? CP_MULTICAST : RTL_RX_MULTICAST);
}

void check_filters(void)
{
	static const uint8_t heard[NIC_ADDRESS] = { 0x01, 0x00, 0x5E, 0x00, 0x00, 0xFB }, unheard[NIC_ADDRESS] = { 0x33, 0x33, 0, 0, 0, 0x16 };
	memcpy(addresses[Own], dut.address, NIC_ADDRESS);
	memcpy(addresses[Foreign], dut.address, NIC_ADDRESS);
	addresses[Foreign][3] ^= 0x40;
	memcpy(addresses[Broadcast], broadcast, NIC_ADDRESS);
	memcpy(addresses[Heard], heard, NIC_ADDRESS);
	memcpy(addresses[Unheard], unheard, NIC_ADDRESS);
	report("the two multicast addresses differ in their bit of MAR", multicast_bit(heard) != multicast_bit(unheard));
	check_bits();
	check_hash();
	check_kinds();
	begin();
}
