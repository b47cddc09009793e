// Target 0, unit 0 of the first LSI53C895A.
#include "requester.h"
#include "lsi53c895a_queue.h"
#include "scsi.h"

enum { Attempts = 4, Looks = 256 };

static struct lsi_queue queue;
static struct lsi_request requests[DEPTH_MOST];

static bool open(void)
{
	if (!lsi_queue_open(0, &queue)) {
		return false;
	}
	// The first commands hear that there was a reset.
	struct scsi_command ready = scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0);
	for (unsigned i = 0; i < Attempts; i++) {
		lsi_command(&requests[0], 0, 0, ready.bytes, ready.length);
		if (lsi_execute(&queue, &requests[0], LSI_UNTAGGED) && requests[0].outcome == LSI_DONE && requests[0].status == SCSI_GOOD) {
			return true;
		}
	}
	return false;
}

static bool submit(unsigned slot, bool write, uint32_t sector, void *buffer, uint32_t bytes)
{
	struct scsi_command command = scsi_on_blocks(write ? SCSI_WRITE_10 : SCSI_READ_10, sector, bytes / SECTOR, 0);
	lsi_command(&requests[slot], 0, 0, command.bytes, command.length);
	lsi_data(&requests[slot], write, buffer, bytes);
	return lsi_enqueue(&queue, &requests[slot], slot);
}

static void tell(void) { lsi_signal(&queue); }

static int finished(void)
{
	// Mostly in memory alone: a register would put the chip's accesses in order, and takes long.
	static unsigned looks;
	struct lsi_request *request = ++looks % Looks == 0 ? lsi_finished(&queue) : lsi_done(&queue);
	if (request == NULL) {
		return NOTHING_FINISHED;
	}
	bool early = request->outcome == LSI_DONE && request->status == LSI_NO_STATUS;
	return early ? FINISHED_EARLY : request->outcome == LSI_DONE && request->status == SCSI_GOOD ? (int)(request - requests) : FINISHED_WRONG;
}

const struct requester lsi_requester = { "lsi53c895a", open, submit, tell, finished };
