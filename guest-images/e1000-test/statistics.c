// Statistics, which are zero again once they are read (13.7).
#include "parts.h"

static uint32_t totals[(E1000_LAST_STATISTIC - E1000_MPC) / 4 + 1];

static uint32_t *total(unsigned offset)
{
	return &totals[(offset - E1000_MPC) / 4];
}

// What the controller counts a moment behind the frame is counted all the same.
static bool reaches(const struct station *station, unsigned offset, uint32_t wanted)
{
	*total(offset) = 0;
	return within_deadline((*total(offset) += e1000_read(&station->nic, offset)) >= wanted) && *total(offset) == wanted;
}

// 64-bit ones: reading the upper half takes both back.
static bool octets_reach(const struct station *station, unsigned offset, uint64_t wanted)
{
	uint64_t sum = 0;
	return within_deadline(({
			   uint32_t low = e1000_read(&station->nic, offset);
			   (sum += low | (uint64_t)e1000_read(&station->nic, offset + 4) << 32) >= wanted;
		   })) && sum == wanted;
}

void check_statistics(void)
{
	static const unsigned lengths[] = { 60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514 }; // with four more on the wire
	static const unsigned classes[] = { 1, 2, 2, 2, 2, 2 };
	static const uint8_t group[NIC_ADDRESS] = { 0x01, 0x00, 0x5E, 1, 2, 3 };
	enum { Frames = sizeof lengths / sizeof *lengths };
	uint64_t octets = 0;
	bool ok = true, received = true, sent = true;
	begin(0);
	unsigned hash = ((unsigned)group[5] << 8 | group[4]) >> 4 & 0xFFF;
	e1000_write(&device.nic, E1000_MTA + hash / 32 * 4, 1u << hash % 32);
	e1000_write(&device.nic, E1000_RCTL, e1000_read(&device.nic, E1000_RCTL) & ~(uint32_t)E1000_RCTL_SECRC); // QEMU measures what it stores
	for (unsigned offset = E1000_MPC; offset <= E1000_LAST_STATISTIC; offset += 4) {
		(void)e1000_read(&device.nic, offset);
	}
	for (unsigned i = 0; i < Frames && ok; i++) {
		octets += lengths[i] + 4;
		const uint8_t *to = i == 2 || i == 3 ? broadcast : i == 4 ? group : device.nic.address;
		make_frame(scratch, to, peer.nic.address, lengths[i], i);
		ok = send_frame(&peer, scratch, lengths[i]) && receive_frame(&device);
		make_frame(scratch, i == 5 ? broadcast : i == 6 || i == 7 || i == 8 ? group : peer.nic.address, device.nic.address, lengths[i], i);
		ok = ok && send_frame(&device, scratch, lengths[i]) && peer_receives(scratch, lengths[i]);
	}
	report("statistics: frames both ways", ok);
	report("statistics: good and all that were received", reaches(&device, E1000_GPRC, Frames) && reaches(&device, E1000_TPR, Frames));
	report("statistics: good and all that were sent", reaches(&device, E1000_GPTC, Frames) && reaches(&device, E1000_TPT, Frames));
	report("statistics: broadcast and groups received", reaches(&device, E1000_BPRC, 2) && reaches(&device, E1000_MPRC, 1));
	report("statistics: broadcast and groups sent", reaches(&device, E1000_BPTC, 1) && reaches(&device, E1000_MPTC, 3));
	for (unsigned i = 0; i < 6; i++) {
		received = received && reaches(&device, E1000_PRC64 + i * 4, classes[i]);
		sent = sent && reaches(&device, E1000_PTC64 + i * 4, classes[i]);
	}
	report("statistics: received by length", received);
	report("statistics: sent by length", sent);
	report("statistics: octets received", octets_reach(&device, E1000_GORCL, octets) && octets_reach(&device, E1000_TORL, octets));
	report("statistics: octets sent", octets_reach(&device, E1000_GOTCL, octets) && octets_reach(&device, E1000_TOTL, octets));
	bool zero = e1000_read(&device.nic, E1000_GPRC) == 0 && e1000_read(&device.nic, E1000_GPTC) == 0 && e1000_read(&device.nic, E1000_TORH) == 0
				&& e1000_read(&device.nic, E1000_TORL) == 0 && e1000_read(&device.nic, E1000_PRC64) == 0;
	report("statistics: read, they begin again", zero);
	make_frame(scratch, device.nic.address, peer.nic.address, 100, 99);
	report("statistics: and go on", send_frame(&peer, scratch, 100) && receive_frame(&device) && reaches(&device, E1000_GPRC, 1));
}
