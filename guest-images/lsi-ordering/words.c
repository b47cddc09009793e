// Requests whose words tell which of them has written them.
#include "load.h"

enum { Poisoned = 0x80, FirstBlock = 64, SenseSize = 18 };

static struct slot {
	struct lsi_request request;
	uint32_t buffers[2][Words] __attribute__((aligned(64)));
} slots[Slots] __attribute__((aligned(64)));

// The number above, below it the place. Never 0.
static uint32_t word_of(uint32_t number, unsigned index) { return (number + 1) << 8 | (index & 0x7F); }

static uint32_t *buffer_of(uint32_t number) { return slots[slot_of(number)].buffers[number / Slots % 4 / 2 ^ (number / Slots & 1)]; }

// Its data are in two pieces, at a place that depends on the number.
static unsigned split_of(uint32_t number) { return 4 * (1 + number * 37 % (Words - 1)); }

struct lsi_request *request_make(uint32_t number)
{
	struct slot *slot = &slots[slot_of(number)];
	uint32_t use = number / Slots, block = FirstBlock + slot_of(number) * SlotBlocks + use / 2 % SlotBlocks;
	bool write = is_write(number);
	uint8_t *buffer = (uint8_t *)buffer_of(number);
	// The buffer of the use before is given back: whoever reads it from now on is too late.
	for (unsigned i = 0; i < Words && use != 0; i++) {
		WRITE_ONCE(buffer_of(number - Slots)[i], word_of(number - Slots, i) | Poisoned);
	}
	for (unsigned i = 0; i < Words; i++) {
		WRITE_ONCE(((uint32_t *)buffer)[i], write ? word_of(number, i) : 0);
	}
	struct scsi_command command = scsi_on_blocks(write ? SCSI_WRITE_10 : SCSI_READ_10, block, 1, 0);
	lsi_command(&slot->request, 0, 0, command.bytes, command.length);
	lsi_data(&slot->request, write, buffer, split_of(number));
	lsi_data(&slot->request, write, buffer + split_of(number), BlockSize - split_of(number));
	slot->request.serial = number;
	return &slot->request;
}

static enum verdict judge_word(uint32_t word, uint32_t number, unsigned index)
{
	uint32_t whose = word >> 8;
	return word == word_of(number, index) ? Whole
		   : word == 0 ? NoData
		   : (word & 0x7F) != (index & 0x7F) ? Garbled
		   : whose > number + 1 || (whose == number + 1 && (word & Poisoned) != 0) ? TooNew
		   : TooOld;
}

enum verdict request_judge(uint32_t number, uint32_t *detail)
{
	const struct lsi_request *request = &slots[slot_of(number)].request;
	uint8_t status = READ_ONCE(request->status);
	*detail = status;
	if (status == 0xFF) {
		return NoStatus;
	}
	if (status != SCSI_GOOD || READ_ONCE(request->overrun) != 0) {
		return TooOld; // of another command, or of none
	}
	enum verdict verdict = Whole;
	const uint32_t *buffer = buffer_of(number);
	for (unsigned i = 0; i < Words && verdict == Whole && !is_write(number); i++) {
		verdict = judge_word(*detail = READ_ONCE(buffer[i]), number - Slots, i); // what the use before has written
	}
	if (verdict == NoData) {
		const uint32_t *other = slots[slot_of(number)].buffers[buffer == slots[slot_of(number)].buffers[0]];
		verdict = READ_ONCE(other[Words - 1]) == word_of(number - Slots, Words - 1) ? Misplaced : NoData;
	}
	return verdict;
}
