// Two controllers, and frames between them.
#include "parts.h"

struct station device __attribute__((aligned(4096))), peer __attribute__((aligned(4096)));
struct arrival arrival;
uint8_t scratch[4 * BufferMax] __attribute__((aligned(4096))), scratch2[4 * BufferMax] __attribute__((aligned(4096)));
const uint8_t broadcast[NIC_ADDRESS] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

bool is_tcg(void)
{
	struct cpuid id = cpuid(0x40000000, 0);
	return id.ebx == 0x54474354; // TCGT
}

bool left_out_by_qemu(const char *name, const char *what)
{
	if (is_tcg()) {
		report_skip(name, "QEMU's model leaves out %s", what);
	}
	return is_tcg();
}

uint32_t buffer_size_bits(unsigned size)
{
	unsigned extended = size > 2048 ? 1 : 0, code = 0;
	for (unsigned of_code = extended != 0 ? 32768 : 2048; of_code != size; of_code /= 2) {
		code++;
	}
	return code << E1000_RCTL_BSIZE | (extended != 0 ? E1000_RCTL_BSEX : 0);
}

void station_begin(struct station *station, unsigned count, unsigned buffer_size, uint32_t receive_control)
{
	e1000_reset(&station->nic);
	e1000_use_rings(&station->nic, station->transmit, count, station->receive, count);
	station->buffer_size = buffer_size;
	for (unsigned i = 0; i < count - 1; i++) {
		e1000_put_buffer(&station->nic, station->buffers[i]);
	}
	e1000_start(&station->nic, receive_control | buffer_size_bits(buffer_size));
	e1000_offer(&station->nic);
	(void)within_deadline(e1000_link_up(&station->nic));
}

// What is on the wire from before is gone once a frame of now has come.
static void settle(struct station *from, struct station *to)
{
	static uint32_t number;
	uint8_t frame[NIC_SHORTEST_FRAME];
	make_frame(frame, to->nic.address, from->nic.address, sizeof frame, ++number);
	send_frame(from, frame, sizeof frame);
	while (receive_frame(to) && memcmp(arrival.frame, frame, sizeof frame) != 0) {
	}
}

void begin(uint32_t receive_control)
{
	if (peer.buffer_size == 0) {
		station_begin(&peer, RingMax, BufferMax, E1000_RCTL_UPE | E1000_RCTL_MPE | E1000_RCTL_BAM | E1000_RCTL_LPE);
	}
	station_begin(&device, 32, 2048, receive_control | E1000_RCTL_BAM);
	settle(&device, &peer);
	settle(&peer, &device);
}

bool has_frame(const struct station *station)
{
	return e1000_came(&station->nic) != NULL;
}

bool receive_frame(struct station *station)
{
	struct e1000 *nic = &station->nic;
	bool last = false;
	arrival.length = arrival.parts = 0;
	arrival.well_formed = true;
	while (!last) {
		const struct e1000_receive_descriptor *came = NULL;
		if (!within_deadline((came = e1000_came(nic)) != NULL)) {
			return false;
		}
		struct e1000_receive_descriptor part = *came;
		last = (part.status & E1000_RXD_EOP) != 0;
		arrival.well_formed &= part.length <= station->buffer_size && (last || (part.length == station->buffer_size && part.errors == 0));
		unsigned room = sizeof arrival.frame - arrival.length, length = part.length < room ? part.length : room;
		memcpy(arrival.frame + arrival.length, station->buffers[nic->receive.oldest], length);
		arrival.length += length;
		arrival.parts++;
		arrival.status = part.status;
		arrival.errors = part.errors;
		arrival.special = part.special;
		arrival.checksum = part.checksum;
		e1000_take(nic);
		memset(station->buffers[nic->receive.next], Poison, 64);
		e1000_put_buffer(nic, station->buffers[nic->receive.next]);
		e1000_offer(nic);
	}
	return true;
}

bool send_and_wait(struct station *station)
{
	unsigned last = (station->nic.transmit.next + station->nic.transmit.count - 1) % station->nic.transmit.count;
	e1000_send(&station->nic);
	return within_deadline(e1000_is_sent(&station->nic, last));
}

bool send_frame(struct station *station, const void *frame, unsigned length)
{
	e1000_put_legacy(&station->nic, frame, length, E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS);
	return send_and_wait(station);
}

void fill_pattern(void *at, unsigned count, uint32_t seed)
{
	for (unsigned i = 0; i < count; i++) {
		((uint8_t *)at)[i] = (uint8_t)(seed * 31 + i * 7 + (i >> 8));
	}
}

unsigned make_frame(uint8_t *frame, const uint8_t *to, const uint8_t *from, unsigned length, uint32_t seed)
{
	memcpy(frame, to, NIC_ADDRESS);
	memcpy(frame + NIC_ADDRESS, from, NIC_ADDRESS);
	put16(frame + 12, 0x88B5); // for local experiments (IEEE 802)
	fill_pattern(frame + HeaderSize, length - HeaderSize, seed);
	if (length >= HeaderSize + 4) {
		put32(frame + HeaderSize, seed);
	}
	return length;
}

bool peer_receives(const void *frame, unsigned length)
{
	return receive_frame(&peer) && arrival.well_formed && arrival.length == length && memcmp(arrival.frame, frame, length) == 0;
}

enum fate fate_of(const void *frame, unsigned length)
{
	static uint32_t number = 0x10000;
	uint8_t behind[NIC_SHORTEST_FRAME];
	make_frame(behind, device.nic.address, peer.nic.address, sizeof behind, ++number);
	if (!send_frame(&peer, frame, length) || !send_frame(&peer, behind, sizeof behind) || !receive_frame(&device)) {
		return Lost;
	}
	if (arrival.length == sizeof behind && memcmp(arrival.frame, behind, sizeof behind) == 0) {
		return Filtered;
	}
	static struct arrival first;
	first = arrival;
	bool there = receive_frame(&device) && memcmp(arrival.frame, behind, sizeof behind) == 0;
	arrival = first;
	return there && arrival.well_formed ? Came : Lost;
}

void put16(void *at, uint16_t value)
{
	((uint8_t *)at)[0] = (uint8_t)(value >> 8);
	((uint8_t *)at)[1] = (uint8_t)value;
}

void put32(void *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16((uint8_t *)at + 2, (uint16_t)value);
}

uint16_t get16(const void *at)
{
	const uint8_t *bytes = at;
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

uint32_t get32(const void *at)
{
	return (uint32_t)get16(at) << 16 | get16((const uint8_t *)at + 2);
}
