// MODE SENSE and MODE SELECT (SPC-3, 6.7 to 6.10), with the caching page (SBC-3, 6.4.5).
#include "units.h"

enum { Caching = 0x08, AllPages = 0x3F, CachingSize = 20, WCE = 4, NoDescriptor = 8, PageFormat = 0x10, Changeable = 1 << 6, Default = 2 << 6, Saved = 3 << 6 };

static uint8_t data[256], list[64];

static struct answer sense6(uint8_t page, uint8_t options) { return command_in(&disk, scsi_on_data(SCSI_MODE_SENSE_6, options, page, 255), data, 255); }

// The caching page as it is, of this kind.
static bool caching_page(uint8_t kind, uint8_t *page)
{
	bool came = good(sense6(kind | Caching, NoDescriptor)) && (data[4] & 0x3F) == Caching && data[5] == CachingSize - 2;
	memcpy(page, data + 4, CachingSize);
	return came;
}

static void report_length(const char *name, struct answer answer, unsigned length)
{
	if (!left_out_by_qemu(name, "this: it fills up with zeros what room there is")) {
		report_equal(name, 255 - answer.residue, length);
	}
}

static void check_sense(void)
{
	struct answer answer = sense6(AllPages, 0);
	report("MODE SENSE: all pages", good(answer) && data[0] >= 3);
	report_length("MODE SENSE: not a byte more", answer, data[0] + 1u);
	report_equal("MODE SENSE: it can be written", data[2] & 0x80, 0);
	report("MODE SENSE: with a block descriptor, of blocks of 512 bytes", data[3] == 8 && scsi_get(data + 9, 3) == BlockSize);
	unsigned at = 4u + data[3], end = data[0] + 1u;
	bool caching = false;
	while (at + 2 <= end) {
		caching = caching || (data[at] & 0x3F) == Caching;
		at += 2u + data[at + 1];
	}
	report("MODE SENSE: pages one behind the other, caching among them", at == end && caching);
	uint8_t medium = data[1], specific = data[2];
	answer = sense6(AllPages, NoDescriptor);
	report_equal("MODE SENSE: without the descriptor", data[3], 0);
	answer = command_in(&disk, scsi_on_data(SCSI_MODE_SENSE_10, 0, AllPages, 255), data, 255);
	report("MODE SENSE 10: the same, with a longer header", good(answer) && data[2] == medium && data[3] == specific && scsi_get(data + 6, 2) == 8);
	report_length("MODE SENSE 10: not a byte more", answer, (unsigned)scsi_get(data, 2) + 2);
	answer = command_in(&disk, scsi_on_data(SCSI_MODE_SENSE_6, 0, AllPages, 4), data, 255);
	report_equal("MODE SENSE: no more than there is room for", answer.residue, 251);
	report_refused("MODE SENSE: a page that there is not", sense6(0x2B, 0), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_CDB);

	static uint8_t mask[CachingSize], defaults[CachingSize];
	report("MODE SENSE: what can be changed, WCE alone", caching_page(Changeable, mask) && mask[2] == WCE);
	report("MODE SENSE: what it was in the beginning", caching_page(Default, defaults));
	report_refused("MODE SENSE: nothing is saved", sense6(Saved | Caching, 0), SCSI_ILLEGAL_REQUEST, 0x3900);
}

static struct answer select6(unsigned length) { return command_out(&disk, scsi_on_data(SCSI_MODE_SELECT_6, PageFormat, 0, length), list, length); }

// A parameter list with the caching page, WCE as told, behind a header of this length.
static void put_caching(unsigned header, bool on)
{
	memset(list, 0, sizeof list);
	(void)caching_page(0, list + header);
	list[header] &= 0x3F;
	list[header + 2] = (uint8_t)((list[header + 2] & ~WCE) | (on ? WCE : 0));
}

static bool cache_is(bool on)
{
	static uint8_t page[CachingSize];
	return caching_page(0, page) && ((page[2] & WCE) != 0) == on;
}

static void check_select(void)
{
	enum { Six = 4, Ten = 8 };
	for (unsigned i = 0; i < 2; i++) {
		bool on = i != 0;
		put_caching(Six, on);
		report(on ? "MODE SELECT: the cache on" : "MODE SELECT: the cache off", good(select6(Six + CachingSize)) && cache_is(on));
		fill_pattern(scratch, BlockSize, 5 + i);
		report(on ? "and writing with it" : "and writing without", good(command_out(&disk, scsi_on_blocks(SCSI_WRITE_10, 7, 1, 0), scratch, BlockSize))
					&& good(command_in(&disk, scsi_on_blocks(SCSI_READ_10, 7, 1, 0), scratch2, BlockSize)) && memcmp(scratch, scratch2, BlockSize) == 0);
	}
	put_caching(Ten, false);
	struct answer answer = command_out(&disk, scsi_on_data(SCSI_MODE_SELECT_10, PageFormat, 0, Ten + CachingSize), list, Ten + CachingSize);
	report("MODE SELECT 10: the cache off", good(answer) && cache_is(false));
	put_caching(Six, true);
	report("and on again", good(select6(Six + CachingSize)) && cache_is(true));
	report("MODE SELECT: an empty list changes nothing", good(command(&disk, scsi_on_data(SCSI_MODE_SELECT_6, PageFormat, 0, 0))) && cache_is(true));
}

static void check_refusals(void)
{
	memset(list, 0, sizeof list);
	list[4] = AllPages;
	list[5] = CachingSize - 2;
	report_refused("MODE SELECT: page 3Fh", select6(4 + CachingSize), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_PARAMETERS);
	put_caching(4, true);
	report_refused("MODE SELECT: a list that ends in the midst of a page", select6(4 + 7), SCSI_ILLEGAL_REQUEST, SCSI_PARAMETER_LIST_LENGTH);
	report_refused("MODE SELECT: and in the header", select6(3), SCSI_ILLEGAL_REQUEST, SCSI_PARAMETER_LIST_LENGTH);
	put_caching(4, true);
	list[4 + 3] ^= 0xFF;
	report_refused("MODE SELECT: what cannot be changed", select6(4 + CachingSize), SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD_IN_PARAMETERS);
	put_caching(4, true);
	list[4 + 1] = 4;
	struct answer answer = select6(4 + CachingSize);
	report("MODE SELECT: a page of the wrong length", answer.status == SCSI_CHECK_CONDITION && answer.sense.key == SCSI_ILLEGAL_REQUEST);

}

// A block length other than that which it has; the descriptor is between header and page.
static void check_block_length(void)
{
	static const char name[] = "MODE SELECT: no block length but the disk's own ever holds";
	static const uint32_t lengths[] = { 0, 1, 511, 256, 4096, 0xFFFFFF };
	static uint8_t capacity[8];
	bool all = true;
	if (left_out_by_qemu(name, "this: it takes another block length for an order")) {
		return;
	}
	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		put_caching(12, true);
		list[3] = 8;
		scsi_put(list + 9, 3, lengths[i]);
		all = select6(12 + CachingSize).status >= 0 && good(command_in(&disk, scsi_on_data(SCSI_READ_CAPACITY_10, 0, 0, 0), capacity, 8))
			  && scsi_get(capacity + 4, 4) == BlockSize && all;
	}
	report(name, all);
}

void check_modes(void)
{
	check_sense();
	check_select();
	check_refusals();
	check_block_length();
	report("after all that the cache is as it was", cache_is(true));
}
