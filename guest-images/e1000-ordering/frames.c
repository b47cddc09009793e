#include "parts.h"

enum { HeaderWords = 4, Shortest = 64, Longest = Shortest + 252 };
#define RECEIVER_POISON 0xA5A5A5A4u // in what the receiver was given
#define MARK 0xDEADBEEEu            // in a frame that stale transmit descriptors point at

const char *const sites[Findings] = {
	[ReceiverLate] = "e1000.rx.body-before-dd",
	[SenderLate] = "e1000.tx.read-before-dd",
	[Stale] = "e1000.tail-before-descriptor",
	[Wrong] = "frames, each once and in order",
};

struct buffer { uint32_t words[Room / 4]; } OWN_CACHE_LINE;

static union e1000_transmit_descriptor transmit[Ring] __attribute__((aligned(4096)));
static struct e1000_receive_descriptor receive[Ring] __attribute__((aligned(4096)));
static struct buffer outgoing[Ring], incoming[Ring], marked, nowhere; // stale receive descriptors point at nowhere
static uint32_t header[HeaderWords];

static unsigned length_of(uint32_t number)
{
	return Shortest + number * 20 % (Longest - Shortest + 4);
}

// Odd, unlike poison and marks. The word behind the header is the frame's number.
static uint32_t word_of(uint32_t number, unsigned index)
{
	return index == HeaderWords ? number : (number * 0x9E3779B1u + index * 0x01000193u) | 1;
}

// In what the sender has given back of a frame: if it arrives in a later one of the same place, it was read too early, not too late.
static uint32_t sender_poison(uint32_t number)
{
	return 0x5A000000 | (number << 1 & 0xFFFFFE);
}

static void fill(struct buffer *buffer, uint32_t word)
{
	for (unsigned i = 0; i < Room / 4; i++) {
		WRITE_ONCE(buffer->words[i], word);
	}
}

bool path_open(struct path *path)
{
	memset(path, 0, sizeof *path);
	return e1000_open(0, &path->sender) && e1000_open(1, &path->receiver);
}

// A descriptor that is not the controller's: what it would do with it shows.
static void make_stale(struct path *path, unsigned place)
{
	path->sender.transmit.descriptors[place] = (union e1000_transmit_descriptor){
		.legacy = { .buffer = (uintptr_t)&marked, .length = Shortest, .command = E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS },
	};
}

static void make_receive_stale(struct path *path, unsigned place)
{
	path->receiver.receive.descriptors[place] = (struct e1000_receive_descriptor){ .buffer = (uintptr_t)&nowhere };
}

static void put_buffer(struct path *path)
{
	unsigned place = path->receiver.receive.next;
	fill(&incoming[place], RECEIVER_POISON);
	e1000_put_buffer(&path->receiver, &incoming[place]);
	receive[place].length = (uint16_t)RECEIVER_POISON;
}

void path_begin(struct path *path)
{
	path->sent = path->reclaimed = path->received = 0;
	path->accused = Right;
	e1000_reset(&path->sender);
	e1000_reset(&path->receiver);
	static union e1000_transmit_descriptor none[8] __attribute__((aligned(128)));
	static struct e1000_receive_descriptor nowhere_to[8] __attribute__((aligned(128)));
	e1000_use_rings(&path->sender, transmit, Ring, nowhere_to, 8);
	e1000_use_rings(&path->receiver, none, 8, receive, Ring);

	uint8_t *bytes = (uint8_t *)header;
	memcpy(bytes, path->receiver.address, NIC_ADDRESS);
	memcpy(bytes + NIC_ADDRESS, path->sender.address, NIC_ADDRESS);
	bytes[12] = 0x88; // for local experiments (IEEE 802)
	bytes[13] = 0xB5;
	fill(&marked, MARK);
	memcpy(marked.words, header, sizeof header);
	fill(&nowhere, RECEIVER_POISON);
	for (unsigned i = 0; i < Ring; i++) {
		make_stale(path, i);
		make_receive_stale(path, i);
		fill(&outgoing[i], sender_poison(i - Ring));
	}
	for (unsigned i = 0; i < Ring - Offer; i++) {
		put_buffer(path);
	}
	e1000_start(&path->receiver, 0);
	e1000_offer(&path->receiver);
	e1000_start(&path->sender, 0);
	(void)soon(e1000_link_up(&path->sender) && e1000_link_up(&path->receiver));
}

void put_next(struct path *path)
{
	uint32_t number = path->sent++;
	struct buffer *buffer = &outgoing[path->sender.transmit.next];
	memcpy(buffer->words, header, sizeof header);
	for (unsigned i = HeaderWords; i < length_of(number) / 4; i++) {
		buffer->words[i] = word_of(number, i);
	}
	e1000_put_legacy(&path->sender, buffer, length_of(number), E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS);
}

void reclaim(struct path *path)
{
	while (path->reclaimed != path->sent) {
		unsigned place = path->reclaimed % Ring;
		if (!e1000_is_sent(&path->sender, place)) {
			break;
		}

		// As early as a driver might use it for something else.
		for (unsigned i = HeaderWords; i < Room / 4; i++) {
			WRITE_ONCE(outgoing[place].words[i], sender_poison(path->reclaimed));
		}
		make_stale(path, place);
		path->reclaimed++;
	}
}

bool has_come(const struct path *path)
{
	return e1000_came(&path->receiver) != NULL;
}

static void accuse(struct path *path, enum finding finding)
{
	path->accused = finding;
	path->accused_frame = path->received;
}

// Its head is beyond the descriptor, and what it wrote before the head moved is visible now that the head has been read.
bool is_lost(struct path *path)
{
	bool passed = e1000_read(&path->receiver, E1000_RDH) != path->receiver.receive.oldest;
	rmb();
	if (passed && !has_come(path)) {
		printf("NOTE frame %u: the head is beyond it, and DD is not set\n", path->received);
		accuse(path, ReceiverLate);
	}
	return path->accused != Right;
}

static enum finding judge_word(uint32_t word, unsigned index, uint32_t number)
{
	uint32_t before = number - Ring; // the frame that was in this place
	if (word == (index < HeaderWords ? header[index] : word_of(number, index))) {
		return Right;
	}
	if (word == RECEIVER_POISON) {
		return ReceiverLate;
	}
	if (word == sender_poison(number)) {
		return SenderLate;
	}
	return word == MARK || word == sender_poison(before) || word == word_of(before, index) ? Stale : Wrong;
}

static enum finding judge(const struct buffer *buffer, const struct e1000_receive_descriptor *came, uint32_t number)
{
	enum finding finding = Right;
	if (READ_ONCE(nowhere.words[0]) != RECEIVER_POISON) {
		printf("NOTE frame %u: it went where a stale descriptor points\n", number);
		return Stale;
	}
	for (unsigned i = 0; i < length_of(number) / 4 && finding == Right; i++) {
		uint32_t word = READ_ONCE(buffer->words[i]);
		finding = judge_word(word, i, number);
		if (finding != Right) {
			printf("NOTE frame %u: word %u of %u is 0x%x\n", number, i, length_of(number) / 4, word);
		}
	}
	if (came->length != length_of(number) || came->errors != 0 || (came->status & E1000_RXD_EOP) == 0) {
		printf("NOTE frame %u: length %u of %u, status 0x%x, errors 0x%x\n", number, came->length, length_of(number), came->status, came->errors);
		finding = came->length == (uint16_t)RECEIVER_POISON ? ReceiverLate : finding == Right ? Wrong : finding;
	}
	return finding;
}

bool look(struct path *path)
{
	unsigned place = path->receiver.receive.oldest;
	struct e1000_receive_descriptor came = *e1000_came(&path->receiver);
	enum finding finding = judge(&incoming[place], &came, path->received);
	if (finding != Right) {
		accuse(path, finding);
	}
	e1000_take(&path->receiver);
	make_receive_stale(path, place);
	path->received++;
	if (path->received % Offer == 0) {
		for (unsigned i = 0; i < Offer; i++) {
			put_buffer(path);
		}
		e1000_offer(&path->receiver);
	}
	return finding == Right;
}

void report_sites(const struct path *path, const char *how, uint32_t rounds, bool ended)
{
	for (enum finding finding = Right + 1; finding < Findings; finding++) {
		char name[80];
		snprintf(name, sizeof name, "%s, %s", sites[finding], how);
		if (finding == Wrong && !ended && path->accused == Right) {
			report_fail(name, "no more came after %u of %u", path->received, rounds);
		} else if (path->accused == finding) {
			report_fail(name, "frame %u of %u", path->accused_frame, rounds);
		} else {
			report(name, true);
		}
	}
}
