// Resets under load: of the chip (ISTAT0.SRST), of the bus (SCNTL1.RST). Nothing comes out of them but what was reset; then all works.
#include "units.h"

enum { Many = 32, Blocks = 32, Rounds = 12 };

static struct lsi_request requests[Many];
static uint8_t data[Many][Blocks * BlockSize];

static void submit_all(void)
{
	for (unsigned i = 0; i < Many; i++) {
		struct scsi_command c = scsi_on_blocks(i % 3 == 0 ? SCSI_WRITE_10 : SCSI_READ_10, 30000 + i * Blocks, Blocks, 0);
		lsi_command(&requests[i], i % 2, 0, c.bytes, c.length);
		lsi_data(&requests[i], i % 3 == 0, data[i], sizeof data[i]);
		requests[i].serial = 1;
		(void)lsi_submit(disk.queue, &requests[i], i);
	}
}

// QEMU's chip may go on behind a reset of the bus, which ought to stop it (4, SIST0.RST): who is selected then says that it was reset.
static bool hears_of_the_reset(const struct lsi_request *request) { return request->status == SCSI_CHECK_CONDITION && on_qemu(); }

// Each request is returned once; those that are not done are LSI_RESET.
static bool all_returned(void)
{
	unsigned returned = 0, wrong = 0;
	(void)within_deadline(({
		struct lsi_request *request = lsi_finished(disk.queue);
		if (request != NULL) {
			returned++;
			wrong += request->serial != 1 || (request->outcome != LSI_RESET
													   && (request->outcome != LSI_DONE || !(request->status == SCSI_GOOD || hears_of_the_reset(request))));
			request->serial = 0;
		}
		returned == Many;
	}));
	return returned == Many && wrong == 0 && lsi_finished(disk.queue) == NULL;
}

static bool works(void)
{
	fill_pattern(scratch, BlockSize, 1);
	return make_ready(&disk) && make_ready(&neighbour) && good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 1, 1, 0), scratch, BlockSize))
		   && good(command_in(&disk, scsi_on_blocks(SCSI_READ_10, 1, 1, 0), scratch2, BlockSize)) && memcmp(scratch, scratch2, BlockSize) == 0;
}

static void check_chip(void)
{
	bool returned = true, good_again = true;
	for (unsigned round = 0; round < Rounds && returned && good_again; round++) {
		submit_all();
		delay_us(round * 100);
		lsi_queue_reset(disk.queue);
		returned = all_returned();
		good_again = works();
	}
	report("SRST and RST under load: every request comes back, once", returned);
	report("and then everything works", good_again);
}

static void check_bus(void)
{
	bool returned = true, good_again = true;
	for (unsigned round = 0; round < Rounds && returned && good_again; round++) {
		submit_all();
		delay_us(round * 100);
		lsi_write8(&disk.queue->lsi, LSI_SCNTL1, LSI_SCNTL1_RST);
		(void)lsi_read8(&disk.queue->lsi, LSI_SCNTL1);
		delay_us(25);
		lsi_write8(&disk.queue->lsi, LSI_SCNTL1, 0);
		returned = all_returned();
		good_again = works();
	}
	report("RST alone, under load: every request comes back, once", returned);
	report("and then everything works again", good_again);
}

static void check_attention(void)
{
	static uint8_t answer_data[36];
	lsi_queue_reset(disk.queue);
	report("after a bus reset INQUIRY is answered", good(command_in(&disk, scsi_on_data(SCSI_INQUIRY, 0, 0, 36), answer_data, 36)));
	report("and REPORT LUNS", good(command_in(&disk, scsi_on_data(SCSI_REPORT_LUNS, 0, 0, 16), answer_data, 16)));
	struct answer answer = command(&disk, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0));
	report("and whatever else comes is told of the reset", answer.status == SCSI_CHECK_CONDITION && answer.sense.key == SCSI_UNIT_ATTENTION && answer.sense.additional >> 8 == 0x29);
	report("once", good(command(&disk, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0))));
	report("its neighbour too", refused(command(&neighbour, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0)), SCSI_UNIT_ATTENTION, answer.sense.additional));
	report("and it is ready then", make_ready(&neighbour));
	report("the other controller's disk has not been reset", good(command(&far, scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0))));
}

void check_resets(void)
{
	check_chip();
	check_bus();
	check_attention();
}
