// New files in the root directory.
#include "ext4_bitmaps.h"

enum { Pieces = 4, PieceMost = EXT4_EXTENT_LONGEST }; // as many extents as an inode holds, each of so many blocks at most

static uint8_t block[EXT4_BLOCK_MOST];

struct place { uint64_t at; uint32_t offset; bool found; };

// An entry of the directory with so much room behind its name that a new one fits; its block is left in `block`.
static const char *find_room(struct ext4 *fs, const struct ext4_file *directory, uint32_t size, struct place *place)
{
	place->found = false;
	for (uint32_t index = 0; (uint64_t)index * fs->block_size < directory->size; index++) {
		bool has_entries;
		const char *why = ext4_read_directory_block(fs, directory, index, block, &place->at, &has_entries);
		if (why != NULL) {
			return why;
		}
		for (place->offset = 0; place->offset < ext4_directory_room(fs);) {
			const struct ext4_entry *entry = (const void *)(block + place->offset);
			if (entry->length >= size + (entry->inode == 0 ? 0 : ext4_entry_size(entry->name_length))) {
				place->found = true;
				return NULL;
			}
			place->offset += entry->length;
		}
	}
	return NULL;
}

// The old entry keeps what its name takes, the new one gets the rest.
static const char *enter(struct ext4 *fs, const struct ext4_file *directory, const struct place *place, const char *name, uint32_t number)
{
	struct ext4_entry *entry = (void *)(block + place->offset);
	if (entry->inode != 0) {
		uint16_t whole = entry->length;
		entry->length = (uint16_t)ext4_entry_size(entry->name_length);
		entry = (void *)((uint8_t *)entry + entry->length);
		entry->length = (uint16_t)(whole - ((const struct ext4_entry *)(block + place->offset))->length);
	}
	entry->inode = number;
	entry->type = EXT4_ENTRY_REGULAR;
	entry->name_length = (uint8_t)strlen(name);
	memcpy(entry->name, name, entry->name_length);
	if (fs->checksums) {
		struct ext4_entry_tail *tail = (void *)(block + ext4_directory_room(fs));
		tail->checksum = ext4_directory_checksum(fs, directory, block);
	}
	return ext4_write_block(fs, place->at, block);
}

static const char *take(struct ext4 *fs, uint32_t blocks, struct ext4_run runs[Pieces], unsigned *count)
{
	const char *why = NULL;
	for (*count = 0; why == NULL && blocks != 0; blocks -= runs[(*count)++].count) {
		if (*count == Pieces) {
			why = "has only free space in small pieces";
			break;
		}
		why = ext4_take_blocks(fs, blocks < PieceMost ? blocks : PieceMost, &runs[*count]);
		if (why == NULL && runs[*count].count == 0) {
			why = "has no blocks left in the groups in use";
		}
		if (why != NULL) {
			break;
		}
	}
	for (unsigned i = 0; why != NULL && i < *count; i++) {
		(void)ext4_give_blocks(fs, &runs[i]); // what went wrong first is what is told
	}
	return why;
}

static const char *write_data(struct ext4 *fs, const struct ext4_run runs[], unsigned count, const uint8_t *data, uint32_t size)
{
	static uint8_t last[EXT4_BLOCK_MOST];
	const char *why = NULL;
	for (unsigned i = 0; why == NULL && i < count; i++) {
		uint32_t room = runs[i].count * fs->block_size, bytes = size < room ? size : room, whole = bytes / fs->block_size;
		uint32_t rest = bytes % fs->block_size;
		if (whole != 0 && !disk_write(fs->disk, fs->first + runs[i].start * fs->per_block, whole * fs->per_block, data)) {
			why = "cannot be written";
		} else if (rest != 0) {
			memcpy(last, data + bytes - rest, rest);
			memset(last + rest, 0, sizeof last - rest);
			why = ext4_write_block(fs, runs[i].start + whole, last);
		}
		data += bytes;
		size -= bytes;
	}
	return why;
}

static void describe(const struct ext4 *fs, struct ext4_file *file, const struct ext4_run runs[], unsigned count, uint32_t size, uint32_t now)
{
	uint32_t sectors = 0;
	struct ext4_extent_header header = { EXT4_EXTENT_MAGIC, (uint16_t)count, Pieces, 0, 0 };
	struct ext4_extent extents[Pieces] = { 0 };
	for (unsigned i = 0, at = 0; i < count; at += runs[i++].count) {
		extents[i] = (struct ext4_extent){ at, (uint16_t)runs[i].count, (uint16_t)(runs[i].start >> 32), (uint32_t)runs[i].start };
		sectors += runs[i].count * (fs->block_size / 512);
	}
	memset(file->bytes, 0, sizeof file->bytes);
	file->size = size;
	file->inode = (struct ext4_inode){
		.mode = EXT4_REGULAR | 0644, .size_low = size, .links = 1, .blocks_low = sectors, .flags = EXT4_HAS_EXTENTS,
		.accessed = now, .changed = now, .modified = now, .created = now, .extra_size = EXT4_INODE_EXTRA,
	};
	memcpy(file->inode.tree, &header, sizeof header);
	memcpy(file->inode.tree + sizeof header, extents, sizeof extents);
}

const char *ext4_create(struct ext4 *fs, const char *name, const void *data, uint32_t size, uint32_t now)
{
	static struct ext4_file root, file;
	struct ext4_run runs[Pieces];
	struct place place;
	unsigned count;
	const char *why = ext4_look_up(fs, name, &file);
	if (why == NULL) {
		return "has a file of that name already";
	}
	if (strcmp(why, "has no such file") != 0) {
		return why;
	}
	why = ext4_read_inode(fs, EXT4_ROOT, &root);
	if (why != NULL || (root.inode.flags & EXT4_INDEXED) != 0 || strlen(name) > EXT4_NAME_MOST) {
		return why != NULL ? why : "has an indexed root directory, or the name is too long";
	}
	uint32_t entry = ext4_entry_size((uint32_t)strlen(name));
	why = find_room(fs, &root, entry, &place);
	if (why == NULL && !place.found) {
		why = ext4_grow_directory(fs, &root);
		why = why != NULL ? why : find_room(fs, &root, entry, &place);
	}
	if (why != NULL) {
		return why;
	}

	// From here on nothing points to what is not written yet, wherever the power fails.
	fs->super.written = now;
	why = take(fs, (size + fs->block_size - 1) / fs->block_size, runs, &count);
	why = why != NULL ? why : ext4_take_inode(fs, &file.number);
	why = why != NULL ? why : ext4_flush(fs);
	why = why != NULL ? why : write_data(fs, runs, count, data, size);
	why = why != NULL ? why : ext4_flush(fs);
	if (why != NULL) {
		return why;
	}
	describe(fs, &file, runs, count, size, now);
	why = ext4_write_inode(fs, &file);
	why = why != NULL ? why : ext4_flush(fs);
	why = why != NULL ? why : enter(fs, &root, &place, name, file.number);
	root.inode.modified = root.inode.changed = now;
	root.inode.modified_extra = root.inode.changed_extra = 0;
	why = why != NULL ? why : ext4_write_inode(fs, &root);
	return why != NULL ? why : ext4_flush(fs);
}

uint32_t unix_time(const struct date_time *time)
{
	// Years that begin in March: then the day that some have more is the last.
	uint32_t year = time->month > 2 ? time->year : time->year - 1, month = (time->month + 9) % 12;
	uint32_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + time->day - 1 - 719468;
	return ((days * 24 + time->hour) * 60 + time->minute) * 60 + time->second;
}
