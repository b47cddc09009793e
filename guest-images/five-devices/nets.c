// Three network controllers on a hub, each of which sends to the next. Every word of a frame has the frame's number in it: an older
// number was there before the frame, so the receiver showed it too early; a newer one came behind it, so the sender gave its buffer back too early.
#include "five.h"
#include "../drivers/nic.h"

enum { Header = 14, Type = 0x88B5, Underway = 8, Longest = (NIC_LONGEST_FRAME - Header) / 4, Shortest = (NIC_SHORTEST_FRAME - Header + 3) / 4 };
enum { Doorbell, Reuse, Arrival }; // the promises

static const struct nic_driver *const e1000[] = { &e1000_driver };
static const struct nic_driver *const eepro100[] = { &eepro100_driver, &eepro100_er_driver };
static const struct nic_driver *const rtl8139[] = { &rtl8139_driver, &rtl8139cp_driver };

struct worker nets[NETS] = {
	{ .name = "e1000", .promise_count = 3, .promises = {
		{ "e1000.tail-before-descriptor", "each frame is sent once, as it was given" },
		{ "e1000.tx.read-before-dd", "DD: the buffer has been read" },
		{ "e1000.rx.body-before-dd", "DD: all of the frame is there" } } },
	{ .name = "eepro100", .promise_count = 3, .promises = {
		{ "eepro100.command-before-block", "each frame is sent once, as it was given" },
		{ "eepro100.cb.work-before-status", "C: the buffer has been read" },
		{ "eepro100.rfd.payload-count-status", "C: all of the frame is there" } } },
	{ .name = "rtl8139", .promise_count = 3, .promises = {
		{ "rtl8139.poll-before-descriptor", "each frame is sent once, as it was given" },
		{ "rtl8139.tx.read-before-own", "OWN: the buffer has been read" },
		{ "rtl8139.rx.packet-header-cbr", "CBR: all of the frame is there" } } },
};

static const struct { const struct nic_driver *const *drivers; unsigned count; } kinds[NETS] = { { e1000, 1 }, { eepro100, 2 }, { rtl8139, 2 } };

static struct nic nics[NETS];
static struct { uint32_t sent, came; } from[NETS];
static uint32_t frames;
static uint64_t last;

static unsigned next(unsigned i) { return (i + 1) % NETS; }

// Words of a frame behind the header: every length once in a while.
static uint32_t length_of(uint32_t number) { return Shortest + number * 0x9E3779B1u % (Longest - Shortest + 1); }

static uint32_t word_of(uint32_t number, uint32_t index) { return number << 12 | index; }

bool nets_open(uint32_t count)
{
	bool all = true;
	frames = count;
	for (unsigned i = 0; i < NETS; i++) {
		char text[64];
		snprintf(text, sizeof text, "%s is there, and its link is up", nets[i].name);
		all = report(text, nic_open(kinds[i].drivers, kinds[i].count, 0, &nics[i])) && all;
	}
	last = rdtsc();
	return all;
}

static bool send(unsigned i)
{
	static uint8_t frame[NIC_LONGEST_FRAME] __attribute__((aligned(4)));
	uint32_t number = from[i].sent, words = length_of(number);
	memcpy(frame, nics[next(i)].address, NIC_ADDRESS);
	memcpy(frame + NIC_ADDRESS, nics[i].address, NIC_ADDRESS);
	frame[12] = Type >> 8;
	frame[13] = Type & 0xFF;
	for (uint32_t w = 0; w < words; w++) {
		uint32_t word = word_of(number, w);
		memcpy(frame + Header + w * 4, &word, sizeof word);
	}
	return nics[i].driver->send(&nics[i], frame, Header + words * 4);
}

// A frame that came to the one behind `i`.
static void look(unsigned i, const uint8_t *frame, unsigned length)
{
	uint32_t number = from[i].came++, words = length_of(number), older = 0, newer = 0, other = length < Header + words * 4;
	for (uint32_t w = 0; w < words && other == 0; w++) {
		uint32_t word;
		memcpy(&word, frame + Header + w * 4, sizeof word);
		older += word < word_of(number, 0);
		newer += word >= word_of(number + 1, 0);
		other += word >> 12 == number && word != word_of(number, w);
	}
	struct promise *arrival = &nets[next(i)].promises[Arrival];
	bool is_old_throughout = older == words; // sent twice, or one from before in its place; or nothing of it is there yet, which looks the same
	nets[i].promises[Doorbell].looked++;
	nets[i].promises[Doorbell].broken += is_old_throughout || newer == words;
	nets[i].promises[Reuse].looked++;
	nets[i].promises[Reuse].broken += newer != 0 && newer != words;
	arrival->looked++;
	arrival->broken += other != 0 || (older != 0 && !is_old_throughout);
}

bool nets_step(void)
{
	static uint8_t heard[NIC_LONGEST_FRAME + 16] __attribute__((aligned(4)));
	bool goes_on = false;
	for (unsigned i = 0; i < NETS; i++) {
		// Few under way: a hub with three ports has nobody wait, and what a ring has no room for is lost.
		while (from[i].sent < frames && from[i].sent - from[i].came < Underway && send(i)) {
			from[i].sent++;
		}
		unsigned length;
		while ((length = nics[next(i)].driver->receive(&nics[next(i)], heard, sizeof heard)) != 0) {
			look(i, heard, length);
			last = rdtsc();
		}
		nets[i].done = from[i].came;
		goes_on = goes_on || from[i].came < frames;
	}
	bool stuck = rdtsc() - last > patience();
	for (unsigned i = 0; i < NETS; i++) {
		nets[i].stuck = stuck && from[i].came < frames;
	}
	return goes_on && !stuck;
}

void nets_close(void)
{
	for (unsigned i = 0; i < NETS; i++) {
		nics[i].driver->close(&nics[i]);
	}
}
