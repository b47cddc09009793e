// The rings of C+ mode: their ends, chains of descriptors, tags, counters, what happens without descriptors.
#include "parts.h"

enum { Accept = RTL_APM | RTL_AB };

static uint32_t serial;

static void check_receive_rings(void)
{
	bool ok = true;
	for (unsigned entries = 1; entries <= RTL8139CP_RING && ok; entries++) {
		ok = begin_cplus(entries, 4, Accept, 0);
		for (unsigned i = 0; i < 2 * entries + 1 && ok; i++) {
			unsigned length = 60 + ++serial * 61 % 1455, entry = i % entries;
			ok = peer_sends(NULL, serial, length);
			const struct rtl8139cp_descriptor *descriptor = &cplus->memory->receive[entry];
			ok = ok && within_deadline((READ_ONCE(descriptor->status) & CP_OWN) == 0) && rtl8139cp_peek(cplus) == descriptor;
			ok = ok && (descriptor->status & CP_EOR) == (entry + 1 == entries ? CP_EOR : 0) && (descriptor->vlan & CP_TAVA) == 0;
			ok = ok && dut_gets(NULL, serial, length);
		}
	}
	report("receive: rings of 1 to 64 descriptors, twice around", ok);
	ok = begin_cplus(8, 4, Accept, 0);
	for (unsigned length = NIC_SHORTEST_FRAME; length <= NIC_LONGEST_FRAME && ok; length++) {
		ok = peer_sends(NULL, ++serial, length) && dut_gets(NULL, serial, length);
	}
	report("receive: frames of every length", ok);
}

static uint32_t missed(void)
{
	return rtl8139_read(device, RTL_MPC) & 0xFFFFFF;
}

// More come than there are descriptors: the rest is lost and counted, or waits.
static void check_without_descriptors(void)
{
	enum { Entries = 4, Sent = 10, Length = 400 };
	bool ok = begin_cplus(Entries, 4, Accept, 0), told = true, whole = true, resumed = true;
	for (unsigned round = 0; round < 10 && resumed; round++) {
		uint32_t first = serial + 1, received = 0;
		rtl8139_write(device, RTL_MPC, 0);
		rtl8139_write16(device, RTL_ISR, 0xFFFF);
		for (unsigned i = 0; i < Sent && ok; i++) {
			ok = peer_sends(NULL, ++serial, Length);
		}
		told = ok && within_deadline((rtl8139_read16(device, RTL_ISR) & RTL_RXOVW) != 0);
		whole = told;
		while (whole && received + missed() < Sent) {
			whole = dut_gets(NULL, first + received, Length);
			received++;
		}
		whole = whole && received >= Entries && received + missed() == Sent;
		resumed = whole && peer_sends(NULL, ++serial, Length) && dut_gets(NULL, serial, Length);
	}
	report("receive: without a descriptor, RXOVW tells", told);
	report("receive: what came is whole and in order, and what did not was counted", whole);
	report("receive: with descriptors again, it goes on", resumed);
}

static void check_transmit_rings(void)
{
	bool ok = true;
	drain_peer();
	for (unsigned entries = 1; entries <= RTL8139CP_RING && ok; entries++) {
		ok = begin_cplus(16, entries, Accept, 0);
		for (unsigned i = 0; i < 2 * entries + 1 && ok; i++) {
			unsigned length = 60 + ++serial * 61 % 1455;
			ok = dut_sends(serial, length) && peer_gets(serial, length);
		}
		for (unsigned i = 0; i < entries && ok; i++) {
			ok = (cplus->memory->transmit[i].status & CP_EOR) == (i + 1 == entries ? CP_EOR : 0);
		}
	}
	report("transmit: rings of 1 to 64 descriptors, twice around", ok && within_deadline(rtl8139cp_reclaim(cplus)));
	ok = begin_cplus(16, 32, Accept, 0);
	for (unsigned round = 0; round < 20 && ok; round++) { // one poll for many
		unsigned count = round % 24 + 1;
		for (unsigned i = 0; i < count && ok; i++) {
			uint8_t *buffer = cplus->memory->transmit_buffers[cplus->handed % 32];
			make_frame(buffer, peer.address, dut.address, serial + 1 + i, 100 + i);
			ok = rtl8139cp_describe(cplus, CP_FS | CP_LS, 0, buffer, 100 + i);
		}
		rtl8139cp_poll(cplus);
		for (unsigned i = 0; i < count && ok; i++) {
			ok = peer_gets(++serial, 100 + i);
		}
	}
	report("transmit: many frames, one poll", ok);
	for (unsigned length = NIC_SHORTEST_FRAME; length <= NIC_LONGEST_FRAME && ok; length++) {
		ok = dut_sends(++serial, length) && peer_gets(serial, length);
	}
	report("transmit: frames of every length", ok);
}

// A frame in pieces: the first of these lengths, then the next …, and the rest.
static bool in_pieces(unsigned length, const unsigned *pieces, unsigned count)
{
	make_frame(frame, peer.address, dut.address, ++serial, length);
	unsigned at = 0;
	for (unsigned i = 0; i <= count; i++) {
		unsigned piece = i < count ? pieces[i] : length - at;
		if (!rtl8139cp_describe(cplus, (i == 0 ? CP_FS : 0) | (i == count ? CP_LS : 0), 0, frame + at, piece)) {
			return false;
		}
		at += piece;
	}
	rtl8139cp_poll(cplus);
	return peer_gets(serial, length) && within_deadline(rtl8139cp_reclaim(cplus));
}

static void check_chains(void)
{
	unsigned pieces[16];
	bool ok = begin_cplus(16, 5, Accept, 0);
	for (unsigned split = 1; split < 150 && ok; split++) {
		pieces[0] = split;
		ok = in_pieces(150, pieces, 1);
	}
	report("transmit: a frame in two pieces, split at every place", ok);
	for (unsigned round = 0; round < 30 && ok; round++) { // 3, and 4, of 5 descriptors: the chain begins at each
		pieces[0] = 14;
		pieces[1] = round + 1;
		pieces[2] = 100;
		ok = in_pieces(600 + round, pieces, 2 + round % 2);
	}
	report("transmit: chains across the end of the ring, at every place", ok);
	ok = begin_cplus(16, 17, Accept, 0);
	for (unsigned round = 1; round < 30 && ok; round++) {
		for (unsigned i = 0; i < 15; i++) {
			pieces[i] = 1 + i * round % 90;
		}
		ok = in_pieces(1514, pieces, 15);
	}
	report("transmit: chains of sixteen", ok);
}

// The device stops at a descriptor that is not its own, and goes on there.
static void check_gap(void)
{
	bool ok = begin_cplus(16, 8, Accept, 0);
	drain_peer();
	rtl8139cp_poll(cplus);
	make_frame(cplus->memory->transmit_buffers[0], peer.address, dut.address, 1, 100);
	make_frame(cplus->memory->transmit_buffers[1], peer.address, dut.address, 2, 100);
	// The second is handed over before the first.
	struct rtl8139cp_descriptor *ring_of = cplus->memory->transmit;
	ring_of[1] = (struct rtl8139cp_descriptor){ CP_OWN | CP_FS | CP_LS | 100, 0, (uintptr_t)cplus->memory->transmit_buffers[1] };
	rtl8139cp_poll(cplus);
	delay_us(2000);
	ok = ok && peer.driver->receive(&peer, came, sizeof came) == 0 && (READ_ONCE(ring_of[1].status) & CP_OWN) != 0;
	ring_of[0].buffer = (uintptr_t)cplus->memory->transmit_buffers[0];
	dma_wmb(); // as rtl8139cp_describe()
	WRITE_ONCE(ring_of[0].status, CP_OWN | CP_FS | CP_LS | 100);
	rtl8139cp_poll(cplus);
	report("transmit: it waits at a descriptor that is the driver's", ok && peer_gets(1, 100) && peer_gets(2, 100));
}

static void check_tags(void)
{
	static const uint8_t tag[] = { 0x81, 0x00, 0xB1, 0x23 };
	enum { Length = 200, Tag = 0x23B1 }; // in the descriptor, the bytes as on the wire
	bool put = begin_cplus(16, 8, Accept, RTL_RXVLAN), taken = true, left = true;
	drain_peer();
	make_frame(frame, peer.address, dut.address, 1, Length);
	put = put && rtl8139cp_send(cplus, frame, Length, 0, CP_TAGC | Tag) && nic_receive(&peer, came, sizeof came) == Length + sizeof tag
		  && memcmp(came, frame, 12) == 0 && memcmp(came + 12, tag, sizeof tag) == 0 && memcmp(came + 16, frame + 12, Length - 12) == 0;
	report("tags: one is put in", put);

	for (unsigned length = NIC_SHORTEST_FRAME; length < 600; length += 9) {
		static uint8_t tagged[FrameRoom];
		make_frame(frame, dut.address, peer.address, length, length);
		memcpy(tagged, frame, 12);
		memcpy(tagged + 12, tag, sizeof tag);
		memcpy(tagged + 16, frame + 12, length - 12);
		struct rtl8139cp_descriptor *descriptor = NULL;
		taken = taken && nic_send(&peer, tagged, length + sizeof tag) && within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL);
		taken = taken && (descriptor->vlan & (CP_TAVA | 0xFFFF)) == (CP_TAVA | Tag) && (descriptor->status & CP_RX_SIZE) == length + RTL8139_CRC
				&& memcmp((const void *)(uintptr_t)descriptor->buffer, frame, length) == 0;
		if (taken) {
			rtl8139cp_consume(cplus);
		}
		struct rtl8139cp_descriptor *plain = NULL;
		taken = taken && nic_send(&peer, frame, length) && within_deadline((plain = rtl8139cp_peek(cplus)) != NULL) && (plain->vlan & CP_TAVA) == 0;
		if (taken) {
			rtl8139cp_consume(cplus);
		}
	}
	report("tags: one is taken out, and none where there is none", taken);

	left = begin_cplus(16, 8, Accept, 0);
	make_frame(frame, dut.address, peer.address, 7, Length);
	memcpy(frame + 12, tag, sizeof tag);
	struct rtl8139cp_descriptor *descriptor = NULL;
	left = left && nic_send(&peer, frame, Length) && within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL) && (descriptor->vlan & CP_TAVA) == 0
		   && memcmp((const void *)(uintptr_t)descriptor->buffer, frame, Length) == 0;
	report("tags: left in unless CPCR says otherwise", left);
}

static void check_counters(void)
{
	static struct rtl8139_counters before, after;
	static const uint8_t group[NIC_ADDRESS] = { 0x01, 0x00, 0x5E, 0, 0, 1 };
	memset(&before, 0xA5, sizeof before);
	bool ok = begin_cplus(32, 8, Accept | RTL_AM, 0) && rtl8139cp_dump(cplus, &before);
	for (unsigned i = 0; i < 12 && ok; i++) {
		const uint8_t *to = i < 2 ? broadcast : i < 5 ? group : dut.address;
		ok = peer_sends(to, i, 100) && dut_gets(to, i, 100) && (i >= 9 || (dut_sends(i, 100) && peer_gets(i, 100)));
	}
	ok = ok && within_deadline(rtl8139cp_reclaim(cplus)) && rtl8139cp_dump(cplus, &after);
	report("counters: DTCCR has them written", ok);
	report_equal("counters: sent", after.transmitted - before.transmitted, 9);
	report_equal("counters: received", after.received - before.received, 12);
	report_equal("counters: to its own address", after.physical - before.physical, 7);
	report_equal("counters: broadcast", after.broadcast - before.broadcast, 2);
	report_equal("counters: multicast", after.multicast - before.multicast, 3);
	report("counters: no errors", after.transmit_errors == before.transmit_errors && after.missed == before.missed
									  && after.aborted == before.aborted && after.underruns == before.underruns);
}

static void check_loopback(void)
{
	bool ok = begin_cplus(16, 8, Accept, 0);
	rtl8139_write(device, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048 | RTL_LOOPBACK);
	for (unsigned i = 0; i < 40 && ok; i++) {
		struct rtl8139cp_descriptor *descriptor = NULL;
		make_frame(frame, dut.address, dut.address, i, 100 + i);
		ok = rtl8139cp_send(cplus, frame, 100 + i, 0, 0) && within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL)
			 && is_frame((const uint8_t *)(uintptr_t)descriptor->buffer, dut.address, dut.address, i, 100 + i);
		if (ok) {
			rtl8139cp_consume(cplus);
		}
	}
	report("loopback: what is sent comes back", ok);
	rtl8139_write(device, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048);
	report("loopback: and not to the peer; off again, it does", dut_sends(++serial, 100) && peer_gets(serial, 100));
}

static void check_high_priority(void)
{
	static struct rtl8139cp_descriptor high __attribute__((aligned(256)));
	if (on_qemu()) {
		report_skip("transmit: the ring of high priority", "QEMU has none");
		return;
	}
	bool ok = begin_cplus(16, 8, Accept, 0);
	drain_peer();
	rtl8139_write(device, RTL_THPDS, (uint32_t)(uintptr_t)&high);
	for (unsigned i = 1; i < 20 && ok; i++) {
		make_frame(frame, peer.address, dut.address, i, 200 + i);
		high.buffer = (uintptr_t)frame;
		dma_wmb(); // as rtl8139cp_describe()
		WRITE_ONCE(high.status, CP_OWN | CP_EOR | CP_FS | CP_LS | (200 + i));
		wmb();
		rtl8139_write8(device, RTL_TPPOLL, RTL_HPQ);
		ok = peer_gets(i, 200 + i) && within_deadline((READ_ONCE(high.status) & CP_OWN) == 0);
		ok = ok && dut_sends(1000 + i, 100) && peer_gets(1000 + i, 100);
	}
	report("transmit: the ring of high priority", ok);
}

void check_cplus(void)
{
	check_receive_rings();
	check_without_descriptors();
	check_transmit_rings();
	check_chains();
	check_gap();
	check_high_priority();
	check_tags();
	check_counters();
	check_loopback();
}
