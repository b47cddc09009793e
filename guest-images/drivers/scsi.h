// Commands, statuses and sense data of SCSI disks (SAM-3, SPC-3, SBC-3).
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum scsi_operation {
	SCSI_TEST_UNIT_READY = 0x00, SCSI_REQUEST_SENSE = 0x03, SCSI_READ_6 = 0x08, SCSI_WRITE_6 = 0x0A, SCSI_INQUIRY = 0x12,
	SCSI_MODE_SELECT_6 = 0x15, SCSI_RESERVE_6 = 0x16, SCSI_RELEASE_6 = 0x17, SCSI_MODE_SENSE_6 = 0x1A, SCSI_START_STOP_UNIT = 0x1B,
	SCSI_READ_CAPACITY_10 = 0x25, SCSI_READ_10 = 0x28, SCSI_WRITE_10 = 0x2A, SCSI_WRITE_AND_VERIFY_10 = 0x2E, SCSI_VERIFY_10 = 0x2F,
	SCSI_SYNCHRONIZE_CACHE_10 = 0x35, SCSI_WRITE_SAME_10 = 0x41, SCSI_UNMAP = 0x42, SCSI_MODE_SELECT_10 = 0x55, SCSI_MODE_SENSE_10 = 0x5A,
	SCSI_READ_16 = 0x88, SCSI_WRITE_16 = 0x8A, SCSI_WRITE_AND_VERIFY_16 = 0x8E, SCSI_VERIFY_16 = 0x8F, SCSI_SYNCHRONIZE_CACHE_16 = 0x91,
	SCSI_WRITE_SAME_16 = 0x93, SCSI_SERVICE_ACTION_IN_16 = 0x9E, SCSI_REPORT_LUNS = 0xA0, SCSI_READ_12 = 0xA8, SCSI_WRITE_12 = 0xAA,
};
enum { SCSI_READ_CAPACITY_16 = 0x10 }; // a service action

enum scsi_status { SCSI_GOOD = 0x00, SCSI_CHECK_CONDITION = 0x02, SCSI_BUSY = 0x08, SCSI_RESERVATION_CONFLICT = 0x18, SCSI_TASK_SET_FULL = 0x28 };

enum scsi_sense_key { SCSI_NO_SENSE = 0, SCSI_NOT_READY = 2, SCSI_MEDIUM_ERROR = 3, SCSI_ILLEGAL_REQUEST = 5, SCSI_UNIT_ATTENTION = 6, SCSI_DATA_PROTECT = 7, SCSI_MISCOMPARE = 14 };

/// Additional sense code and its qualifier.
enum scsi_additional {
	SCSI_INVALID_OPERATION = 0x2000, SCSI_LBA_OUT_OF_RANGE = 0x2100, SCSI_INVALID_FIELD_IN_CDB = 0x2400, SCSI_UNIT_NOT_SUPPORTED = 0x2500,
	SCSI_INVALID_FIELD_IN_PARAMETERS = 0x2600, SCSI_PARAMETER_LIST_LENGTH = 0x1A00, SCSI_RESET_OCCURRED = 0x2900,
};

enum { SCSI_FUA = 1 << 3, SCSI_DPO = 1 << 4 }; // in byte 1 of reads and writes of 10 bytes and more

struct scsi_command { uint8_t bytes[16]; unsigned length; };

/// The length of a command is told by the first three bits of its operation (SPC-3, 4.3.4.1).
static inline unsigned scsi_length(uint8_t operation)
{
	static const uint8_t lengths[] = { 6, 10, 10, 0, 16, 12, 0, 0 };
	return lengths[operation >> 5];
}

static inline void scsi_put(uint8_t *at, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++) {
		at[i] = (uint8_t)(value >> (bytes - 1 - i) * 8);
	}
}

static inline uint64_t scsi_get(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

/// A command on blocks: READ, WRITE, VERIFY, WRITE SAME, SYNCHRONIZE CACHE, of any length. `options` is byte 1.
static inline struct scsi_command scsi_on_blocks(uint8_t operation, uint64_t block, uint32_t count, uint8_t options)
{
	struct scsi_command command = { { operation, options }, scsi_length(operation) };
	switch (command.length) {
	case 6:
		scsi_put(command.bytes + 1, 3, block);
		command.bytes[4] = (uint8_t)count;
		break;
	case 10:
		scsi_put(command.bytes + 2, 4, block);
		scsi_put(command.bytes + 7, 2, count);
		break;
	case 12:
		scsi_put(command.bytes + 2, 4, block);
		scsi_put(command.bytes + 6, 4, count);
		break;
	default:
		scsi_put(command.bytes + 2, 8, block);
		scsi_put(command.bytes + 10, 4, count);
		break;
	}
	return command;
}

/// A command with an allocation or a parameter list length, where it stands for this operation; `page` is byte 2.
static inline struct scsi_command scsi_on_data(uint8_t operation, uint8_t options, uint8_t page, uint32_t length)
{
	struct scsi_command command = { { operation, options, page }, scsi_length(operation) };
	switch (operation) {
	case SCSI_INQUIRY: scsi_put(command.bytes + 3, 2, length); break;
	case SCSI_SERVICE_ACTION_IN_16: scsi_put(command.bytes + 10, 4, length); break;
	case SCSI_REPORT_LUNS: scsi_put(command.bytes + 6, 4, length); break;
	default:
		if (command.length == 6) {
			command.bytes[4] = (uint8_t)length;
		} else {
			scsi_put(command.bytes + 7, 2, length);
		}
		break;
	}
	return command;
}

/// What fixed format sense data say (SPC-3, 4.5.3).
struct scsi_sense { uint8_t key; uint16_t additional; };
static inline struct scsi_sense scsi_sense_of(const uint8_t *data)
{
	return (struct scsi_sense){ data[2] & 15, (uint16_t)scsi_get(data + 12, 2) };
}
