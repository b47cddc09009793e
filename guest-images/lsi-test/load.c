// Many requests at once: tags on two targets, and on two controllers.
#include "units.h"

enum { Streams = 40, StreamBlocks = 8, StreamBytes = StreamBlocks * BlockSize, Rounds = 24 };

// Each writes and reads its own blocks in turn; `unit` and `index` say which.
static struct stream {
	struct lsi_request request;
	const struct unit *unit;
	unsigned index, step;
	bool busy;
	uint8_t data[StreamBytes] __attribute__((aligned(64)));
} streams[3][Streams];

static unsigned wrong, finished, overtaken;
static uint64_t newest[3];

static void submit(struct stream *stream)
{
	static uint64_t serial;
	bool write = stream->step % 2 == 0;
	struct scsi_command c = scsi_on_blocks(write ? SCSI_WRITE_10 : SCSI_READ_10, 10000 + stream->index * 64 + stream->step / 2 % 8 * 8, StreamBlocks, 0);
	lsi_command(&stream->request, stream->unit->target, stream->unit->lun, c.bytes, c.length);
	if (write) {
		fill_pattern(stream->data, StreamBytes, stream->step / 2 * 1000 + stream->index);
	} else {
		memset(stream->data, 0xEE, StreamBytes);
	}
	for (unsigned i = 0; i < 4; i++) {
		lsi_data(&stream->request, write, stream->data + i * (StreamBytes / 4), StreamBytes / 4);
	}
	stream->request.serial = ++serial;
	stream->busy = lsi_submit(stream->unit->queue, &stream->request, stream->index);
	wrong += !stream->busy;
}

static struct stream *stream_of(struct lsi_request *request) { return (struct stream *)((uint8_t *)request - offsetof(struct stream, request)); }

static void finish(struct lsi_request *request, unsigned rounds)
{
	static uint8_t expected[StreamBytes];
	struct stream *stream = stream_of(request);
	bool ok = stream->busy && request->outcome == LSI_DONE && request->status == SCSI_GOOD && lsi_residue(stream->unit->queue, request) == 0 && !request->overrun;
	if (ok && stream->step % 2 != 0) {
		fill_pattern(expected, StreamBytes, stream->step / 2 * 1000 + stream->index);
		ok = memcmp(stream->data, expected, StreamBytes) == 0;
	}
	wrong += !ok;
	finished++;
	uint64_t *last = &newest[(stream - streams[0]) / Streams];
	overtaken += request->serial < *last;
	*last = request->serial > *last ? request->serial : *last;
	stream->busy = false;
	if (++stream->step < rounds * 2) {
		submit(stream);
	}
}

static void run(const char *name, const struct unit *const units[], unsigned count, unsigned rounds)
{
	wrong = finished = overtaken = 0;
	memset(newest, 0, sizeof newest);
	for (unsigned u = 0; u < count; u++) {
		for (unsigned i = 0; i < Streams; i++) {
			struct stream *stream = &streams[u][i];
			stream->unit = units[u];
			stream->index = i;
			stream->step = 0;
			submit(stream);
		}
	}
	unsigned all = count * Streams * rounds * 2;
	uint64_t begin = rdtsc();
	for (uint64_t last = begin; finished < all && wrong == 0 && rdtsc() - last < 20 * tsc_frequency();) {
		for (unsigned i = 0; i < Controllers; i++) {
			struct lsi_request *request = lsi_finished(&queues[i]);
			if (request != NULL) {
				finish(request, rounds);
				last = rdtsc();
			}
		}
	}
	printf("NOTE %s: %u requests, %u overtaken, %u ms\n", name, finished, overtaken, (uint32_t)divide64(tsc_to_us(rdtsc() - begin), 1000));
	if (finished != all || wrong != 0) {
		report_fail(name, "%u of %u have finished, %u wrong", finished, all, wrong);
		lsi_queue_reset(&queues[0]);
		lsi_queue_reset(&queues[1]);
		while (lsi_finished(&queues[0]) != NULL || lsi_finished(&queues[1]) != NULL) {
		}
	} else {
		report(name, true);
	}
}

void check_load(void)
{
	run("forty tags on one target: each request finishes once, with its own data", (const struct unit *const[]){ &disk }, 1, Rounds);
	run("the same tags on two targets", (const struct unit *const[]){ &disk, &neighbour }, 2, Rounds / 2);
	run("and on two controllers", (const struct unit *const[]){ &disk, &neighbour, &far }, 3, Rounds / 2);
}
