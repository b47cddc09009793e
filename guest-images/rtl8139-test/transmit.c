// The four transmit buffers of the old mode: their order, their status, the early threshold, loopback.
#include "parts.h"

static uint32_t serial;

static void check_order(void)
{
	bool ok = begin_classic(2, RTL_APM);
	drain_peer();
	for (unsigned round = 0; round < 50 && ok; round++) {
		for (unsigned i = 0; i < RTL8139_TRANSMIT_BUFFERS && ok; i++) {
			ok = dut_sends(serial + i, 60 + (serial + i) * 37 % 1455);
		}
		for (unsigned i = 0; i < RTL8139_TRANSMIT_BUFFERS && ok; i++, serial++) {
			ok = peer_gets(serial, 60 + serial * 37 % 1455);
		}
	}
	report("four frames at once leave in order, fifty times", ok);
	for (unsigned length = NIC_SHORTEST_FRAME; length <= NIC_LONGEST_FRAME && ok; length++, serial++) {
		ok = dut_sends(serial, length) && peer_gets(serial, length);
	}
	report("frames of every length", ok);
	report("each was given back as sent", within_deadline(rtl8139_reclaim(device)) && device->aborted == 0);
}

static void check_status(void)
{
	enum { Length = 300 };
	bool retained = begin_classic(2, RTL_APM), told = true, summed = true;
	for (unsigned i = 0; i < RTL8139_TRANSMIT_BUFFERS; i++) {
		unsigned at = RTL_TSD + i * 4;
		make_frame(device->transmit[i], peer.address, dut.address, ++serial, Length);
		wmb(); // as rtl8139_send()
		rtl8139_write(device, at, RTL_TSD_THRESHOLD(64) | Length);
		told = told && within_deadline((rtl8139_read(device, at) & (RTL_OWN | RTL_TOK)) == (RTL_OWN | RTL_TOK));
		uint32_t status = rtl8139_read(device, at);
		retained = retained && (status & RTL_TSD_SIZE) == Length && (status & RTL_TSD_THRESHOLD(0x3F * 32)) == RTL_TSD_THRESHOLD(64);
		told = told && (status & (RTL_TUN | RTL_TABT)) == 0 && peer_gets(serial, Length);
		uint16_t sum = rtl8139_read16(device, RTL_TSAD_ALL);
		summed = summed && sum >> 12 == (2u << i) - 1 && (sum & 0x0FFF) == 0x000F;
	}
	report("TSD: OWN and TOK when a frame has been sent", told);
	report("TSD: size and threshold stay", retained);
	report("the summary of all four shows TOK and OWN", summed);
	report("TSAD: the addresses can be read", rtl8139_read(device, RTL_TSAD + 8) == (uint32_t)(uintptr_t)device->transmit[2]);
}

static void check_threshold(void)
{
	bool ok = begin_classic(2, RTL_APM);
	for (unsigned threshold = 0; threshold < 64 && ok; threshold++) {
		unsigned entry = threshold % RTL8139_TRANSMIT_BUFFERS, length = 60 + threshold * 23;
		make_frame(device->transmit[entry], peer.address, dut.address, ++serial, length);
		wmb(); // as rtl8139_send()
		rtl8139_write(device, RTL_TSD + entry * 4, RTL_TSD_THRESHOLD(threshold * 32) | length);
		ok = peer_gets(serial, length) && within_deadline((rtl8139_read(device, RTL_TSD + entry * 4) & RTL_TOK) != 0);
	}
	report("with every early threshold a frame is whole", ok);
}

// Addresses on every dword of a page's end, so that frames cross pages.
static void check_addresses(void)
{
	static uint8_t buffer[3 * 4096] __attribute__((aligned(4096)));
	bool ok = begin_classic(2, RTL_APM);
	for (unsigned offset = 0; offset < 128 && ok; offset += 4) {
		unsigned entry = offset / 4 % RTL8139_TRANSMIT_BUFFERS, length = 61 + offset * 5;
		uint8_t *at = buffer + 4096 - 64 + offset;
		make_frame(at, peer.address, dut.address, ++serial, length);
		rtl8139_write(device, RTL_TSAD + entry * 4, (uint32_t)(uintptr_t)at);
		wmb(); // as rtl8139_send()
		rtl8139_write(device, RTL_TSD + entry * 4, RTL_TSD_THRESHOLD(256) | length);
		ok = peer_gets(serial, length) && within_deadline((rtl8139_read(device, RTL_TSD + entry * 4) & RTL_TOK) != 0);
	}
	report("frames from wherever TSAD says, across pages", ok);
}

static void check_loopback(void)
{
	enum { Length = 200 };
	bool ok = begin_classic(2, RTL_APM | RTL_WRAP);
	drain_peer();
	rtl8139_write(device, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048 | RTL_LOOPBACK);
	for (unsigned i = 0; i < 20 && ok; i++) {
		uint32_t header = 0;
		make_frame(frame, dut.address, dut.address, ++serial, Length + i);
		ok = rtl8139_send(device, frame, Length + i) && within_deadline((header = rtl8139_peek(device)) != 0);
		if (ok) {
			rtl8139_copy(device, came, 0, Length + i);
			ok = header >> 16 == Length + i + RTL8139_CRC && is_frame(came, dut.address, dut.address, serial, Length + i);
			rtl8139_consume(device, header);
		}
	}
	report("loopback: what is sent comes back", ok && within_deadline(rtl8139_reclaim(device)));
	rtl8139_write(device, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048);
	report("loopback: and not to the peer; off again, it does", dut_sends(++serial, Length) && peer_gets(serial, Length));
}

void check_transmit_buffers(void)
{
	check_order();
	check_status();
	check_threshold();
	check_addresses();
	check_loopback();
}
