// What the device finds where no memory is, frames that bring their own check sequence, packets over several descriptors, and
// the software's own interrupt: all of which QEMU's model lacks.
#include "parts.h"

enum { Nowhere = 0x50000000, Length = 300, PciStatus = 0x06, MasterAbort = 1 << 13 };

static uint32_t serial;

static bool cause(uint16_t causes)
{
	return within_deadline((rtl8139_read16(device, RTL_ISR) & causes) == causes);
}

// A master abort is remembered in the status register of configuration space too, until 1 is written there.
static bool abort_is_remembered(void)
{
	bool set = (pci_read16(dut.pci, PciStatus) & MasterAbort) != 0;
	pci_write16(dut.pci, PciStatus, MasterAbort);
	return set && (pci_read16(dut.pci, PciStatus) & MasterAbort) == 0;
}

static bool works(void)
{
	serial++;
	return peer_sends(NULL, serial, Length) && dut_gets(NULL, serial, Length) && dut_sends(serial, Length) && peer_gets(serial, Length);
}

static void check_buffer_nowhere(void)
{
	begin_classic(2, RTL_APM);
	drain_peer();
	rtl8139_write(device, RTL_TSAD, Nowhere);
	rtl8139_write(device, RTL_TSD, Length);
	report("a transmit buffer where nothing is: TABT, TER and SERR",
		   within_deadline((rtl8139_read(device, RTL_TSD) & RTL_TABT) != 0) && cause(RTL_TER | RTL_SERR) && abort_is_remembered());
	report_equal("a transmit buffer where nothing is: the summary shows TABT", rtl8139_read16(device, RTL_TSAD_ALL) >> 4 & 0xF, 1);
	make_frame(device->transmit[0], peer.address, dut.address, ++serial, Length);
	wmb(); // as rtl8139_send()
	rtl8139_write(device, RTL_TSAD, (uint32_t)(uintptr_t)device->transmit[0]);
	rtl8139_write(device, RTL_TCR, rtl8139_read(device, RTL_TCR) | RTL_CLRABT);
	report("CLRABT has it tried again", peer_gets(serial, Length) && within_deadline((rtl8139_read(device, RTL_TSD) & RTL_TOK) != 0));
}

static void check_ring_nowhere(void)
{
	begin_classic(2, RTL_APM);
	rtl8139_write(device, RTL_RBSTART, Nowhere);
	report("a receive ring where nothing is: SERR", peer_sends(NULL, 1, Length) && cause(RTL_SERR) && abort_is_remembered());
	report("and after a reset all is well", begin() && works());
}

static void check_descriptors_nowhere(void)
{
	begin_cplus(16, 8, RTL_APM, 0);
	drain_peer();
	rtl8139cp_describe(cplus, CP_FS | CP_LS, 0, (const void *)(uintptr_t)Nowhere, Length);
	rtl8139cp_poll(cplus);
	report("a transmit buffer where nothing is: SERR", cause(RTL_SERR) && abort_is_remembered());
	begin_cplus(16, 8, RTL_APM, 0);
	cplus->memory->receive[0].buffer = Nowhere;
	report("a receive buffer where nothing is: SERR", peer_sends(NULL, 1, Length) && cause(RTL_SERR) && abort_is_remembered());
	begin_cplus(16, 8, RTL_APM, 0);
	rtl8139_write(device, RTL_RDSAR, Nowhere);
	report("a ring where nothing is: SERR", peer_sends(NULL, 1, Length) && cause(RTL_SERR) && abort_is_remembered());
	report("and after a reset all is well", begin() && works());
}

// With TCR's CRC bit the driver appends the check sequence; a wrong one nobody takes.
static void check_own_crc(void)
{
	bool ok = begin();
	drain_peer();
	rtl8139_write(device, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048 | RTL_NO_CRC);
	for (unsigned i = 0; i < 20 && ok; i++) {
		make_frame(frame, peer.address, dut.address, ++serial, Length + i);
		uint32_t crc = crc32(frame, Length + i), wrong = crc ^ 1u << i;
		memcpy(frame + Length + i, &wrong, sizeof wrong);
		ok = nic_send(&dut, frame, Length + i + sizeof wrong);
		memcpy(frame + Length + i, &crc, sizeof crc);
		ok = ok && nic_send(&dut, frame, Length + i + sizeof crc) && peer_gets(serial, Length + i);
	}
	report("TCR: a frame brings its own CRC, and a wrong one is lost", ok && begin() && works());
}

// Buffers too small for a frame: it takes several, FS in the first, LS and its length in the last, and all are there with the first.
static void check_scattered(void)
{
	enum { Small = 128, Entries = 16 };
	bool ok = begin_cplus(Entries, 8, 0, 0);
	unsigned at = 0;
	for (unsigned i = 0; i < Entries; i++) {
		WRITE_ONCE(cplus->memory->receive[i].status, CP_OWN | (i + 1 == Entries ? CP_EOR : 0) | Small);
	}
	mb(); // the small ones are there before it receives
	rtl8139_write(device, RTL_RCR, RTL_RX_BURST_UNLIMITED | RTL_RX_WHOLE_FRAME | RTL_APM);
	for (unsigned length = NIC_SHORTEST_FRAME; length < 1500 && ok; length += 37) {
		unsigned with_crc = length + RTL8139_CRC, count = (with_crc + Small - 1) / Small;
		ok = peer_sends(NULL, ++serial, length) && within_deadline((READ_ONCE(cplus->memory->receive[at].status) & CP_OWN) == 0);
		dma_rmb(); // the first, then the others and what is in them
		for (unsigned i = 0; i < count && ok; i++, at = (at + 1) % Entries) {
			struct rtl8139cp_descriptor *descriptor = &cplus->memory->receive[at];
			uint32_t status = READ_ONCE(descriptor->status), wanted = (i == 0 ? CP_FS : 0) | (i + 1 == count ? CP_LS : 0);
			ok = (status & (CP_OWN | CP_FS | CP_LS | CP_RX_RES)) == wanted && (i + 1 < count || (status & CP_RX_SIZE) == with_crc);
			memcpy(came + i * Small, (const void *)(uintptr_t)descriptor->buffer, Small);
			mb(); // as rtl8139cp_consume()
			WRITE_ONCE(descriptor->status, CP_OWN | (status & CP_EOR) | Small);
		}
		uint32_t crc = 0;
		memcpy(&crc, came + length, sizeof crc);
		ok = ok && is_frame(came, dut.address, peer.address, serial, length) && crc == crc32(came, length);
	}
	report("receive: frames over several descriptors", ok);
}

static void check_software_interrupt(void)
{
	enum { SoftwareInterrupt = 1 }; // TPPoll
	begin_cplus(16, 8, RTL_APM, 0);
	rtl8139_write8(device, RTL_TPPOLL, SoftwareInterrupt);
	report("TPPoll: the software's own interrupt", (rtl8139_read16(device, RTL_ISR) & RTL_SWINT) != 0);
	rtl8139_write16(device, RTL_ISR, RTL_SWINT);
	report("TDU: the ring of transmission is at its end", dut_sends(++serial, Length) && cause(RTL_TDU) && peer_gets(serial, Length));
}

void check_errors(void)
{
	if (on_qemu()) {
		report_skip("accesses that are refused, check sequences of one's own, frames over several descriptors", "QEMU's has none of them");
		return;
	}
	if (cplus == NULL) {
		check_buffer_nowhere();
		check_ring_nowhere();
	} else {
		check_descriptors_nowhere();
		check_scattered();
		check_software_interrupt();
	}
	check_own_crc();
}
