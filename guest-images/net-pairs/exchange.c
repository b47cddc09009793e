#include "exchange.h"

// Behind the Ethernet header; numbers in this processor's order, since both ends are such processors.
struct __attribute__((packed)) header {
	uint8_t destination[NIC_ADDRESS], source[NIC_ADDRESS];
	uint8_t type[2];
	uint16_t length;          // of the data behind it
	uint32_t from;            // the number of its first byte
	uint32_t acknowledged;    // the sender has all bytes before this one
	uint32_t sum;             // of the data
	uint32_t whole;           // of everything that the sender sends
	uint32_t farewell;
};

// A station is done when it has everything and all of its own was acknowledged. It says so, and then that it heard the other say it.
enum farewell { IsDone = 1, HeardDone = 2 };

enum {
	Data = 1400,
	Window = 8 * Data,        // less than the smallest receive ring holds
	Chunk = 4,                // frames that one acknowledgement may stand for
};

// Every byte depends on its place, so that none can stand for another. Four of them come from each word.
static uint32_t word_at(uint32_t seed, uint32_t index)
{
	uint32_t x = (index + seed) * 0x9E3779B1u;
	return x ^ x >> 15;
}

static void fill(uint32_t seed, uint32_t from, uint8_t *data, unsigned length)
{
	for (unsigned i = 0; i < length; i += 4) {
		uint32_t word = word_at(seed, (from + i) / 4);
		memcpy(data + i, &word, 4);
	}
}

static uint32_t add(uint32_t sum, const uint8_t *data, unsigned length)
{
	for (unsigned i = 0; i < length; i += 4) {
		uint32_t word;
		memcpy(&word, data + i, 4);
		sum = (sum << 5 | sum >> 27) ^ word;
	}
	return sum;
}

uint32_t stream_sum(uint32_t seed, uint32_t bytes)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < bytes / 4; i++) {
		sum = (sum << 5 | sum >> 27) ^ word_at(seed, i);
	}
	return sum;
}

void station_init(struct station *station, struct nic *nic, uint32_t bytes, uint32_t seed)
{
	*station = (struct station){ .nic = nic, .bytes = bytes, .seed = seed, .sum_sent = stream_sum(seed, bytes) };
	memset(station->peer, 0xFF, NIC_ADDRESS);
	station->last_progress = station->last_heard = rdtsc();
}

bool station_done(const struct station *station)
{
	return station->received == station->bytes && station->acknowledged == station->bytes;
}

bool station_parted(const struct station *station)
{
	return (station->said & station->heard) == (IsDone | HeardDone);
}

static uint32_t farewell(const struct station *station)
{
	return !station_done(station) ? 0 : station->heard != 0 ? IsDone | HeardDone : IsDone;
}

static bool send(struct station *station, uint32_t from, unsigned length)
{
	uint8_t frame[sizeof(struct header) + Data] __attribute__((aligned(4)));
	struct header header = {
		.type = { EXCHANGE_TYPE >> 8, EXCHANGE_TYPE & 0xFF }, .length = (uint16_t)length, .from = from,
		.acknowledged = station->received, .whole = station->sum_sent, .farewell = farewell(station),
	};
	memcpy(header.destination, station->peer, NIC_ADDRESS);
	memcpy(header.source, station->nic->address, NIC_ADDRESS);
	fill(station->seed, from, frame + sizeof header, length);
	header.sum = add(0, frame + sizeof header, length);
	memcpy(frame, &header, sizeof header);
	unsigned size = sizeof header + length;
	if (size < NIC_SHORTEST_FRAME) {
		memset(frame + size, 0, NIC_SHORTEST_FRAME - size);
		size = NIC_SHORTEST_FRAME;
	}
	bool handed_over = station->nic->driver->send(station->nic, frame, size);
	station->frames_sent += handed_over;
	if (handed_over) {
		station->owed = 0;
		station->said = header.farewell;
	}
	return handed_over;
}

static void take(struct station *station, const uint8_t *frame, unsigned size)
{
	struct header header;
	memcpy(&header, frame, sizeof header);
	if (size < sizeof header || header.type[0] != EXCHANGE_TYPE >> 8 || header.type[1] != (EXCHANGE_TYPE & 0xFF)) {
		station->strangers++;
		return;
	}
	if (header.length % 4 != 0 || header.length > Data || sizeof header + header.length > size ||
	    add(0, frame + sizeof header, header.length) != header.sum) {
		station->damaged++;
		return;
	}
	station->frames_received++;
	station->last_heard = rdtsc();
	memcpy(station->peer, header.source, NIC_ADDRESS);
	station->met = true;
	station->expected = header.whole;
	station->heard |= header.farewell;
	if (header.acknowledged > station->acknowledged && header.acknowledged <= station->sent) {
		station->acknowledged = header.acknowledged;
		station->last_progress = station->last_heard;
	}
	if (header.length != 0) {
		station->owed++;
		if (header.from == station->received) {
			station->sum_received = add(station->sum_received, frame + sizeof header, header.length);
			station->received += header.length;
		} else {
			station->owed += Chunk; // one is missing, or it came twice: say at once where we are
		}
	} else if (header.farewell == IsDone) {
		station->owed += Chunk; // it has not heard ours
	}
}

void station_step(struct station *station)
{
	uint8_t frame[NIC_LONGEST_FRAME + 16] __attribute__((aligned(4)));
	unsigned size;
	while ((size = station->nic->driver->receive(station->nic, frame, sizeof frame)) != 0) {
		take(station, frame, size);
	}

	// Nothing was acknowledged for a fifth of a second: from there again. Until the two have met that is how they find each other.
	uint64_t now = rdtsc();
	if (now - station->last_progress > tsc_frequency() / 5 && !station_parted(station)) {
		station->resent += station->met && station->sent > station->acknowledged;
		station->sent = station->acknowledged;
		station->last_progress = now;
		station->owed += Chunk;
	}

	uint32_t window = station->met ? Window : Data;
	while (station->sent < station->bytes && station->sent - station->acknowledged < window) {
		uint32_t left = station->bytes - station->sent;
		unsigned length = left < Data ? left : Data;
		if (!send(station, station->sent, length)) {
			return;
		}
		station->sent += length;
	}
	if (station->owed >= Chunk || (station->owed != 0 && station_done(station)) || farewell(station) != station->said) {
		(void)send(station, station->sent, 0);
	}
}
