// Directories. One with an index is read as one without: the entries are all in its leaves, and blocks of the index look empty.
#include "ext4_internal.h"

static uint8_t block[EXT4_BLOCK_MOST];

uint32_t ext4_directory_room(const struct ext4 *fs)
{
	return fs->block_size - (fs->checksums ? sizeof(struct ext4_entry_tail) : 0);
}

uint32_t ext4_directory_checksum(const struct ext4 *fs, const struct ext4_file *directory, const uint8_t *data)
{
	return crc32c(directory->seed, data, ext4_directory_room(fs));
}

// The root of the index is in the block 0, behind entries for the directory and its parent; its other blocks are one empty entry.
static bool is_index(const struct ext4 *fs, const struct ext4_file *directory, uint32_t index, const uint8_t *data)
{
	const struct ext4_entry *first = (const void *)data;
	return (directory->inode.flags & EXT4_INDEXED) != 0 && (index == 0 || (first->inode == 0 && first->length == fs->block_size));
}

// Over the entries in use, and what stands in front of them, and the eight bytes behind the last possible one with the checksum as 0.
static bool index_is_right(const struct ext4 *fs, const struct ext4_file *directory, uint32_t index, const uint8_t *data)
{
	uint32_t at = index == 0 ? EXT4_INDEX_ROOT_AT : EXT4_INDEX_NODE_AT, zero = 0, checksum;
	const struct ext4_index_count *entries = (const void *)(data + at);
	uint32_t tail = at + entries->most * EXT4_INDEX_ENTRY;
	if (entries->count > entries->most || tail + EXT4_INDEX_ENTRY > fs->block_size) {
		return false;
	}
	memcpy(&checksum, data + tail + 4, sizeof checksum);
	uint32_t crc = crc32c(directory->seed, data, at + entries->count * EXT4_INDEX_ENTRY);
	return crc32c(crc32c(crc, data + tail, 4), &zero, sizeof zero) == checksum;
}

static bool entries_are_right(const struct ext4 *fs, const struct ext4_file *directory, const uint8_t *data)
{
	const struct ext4_entry_tail *tail = (const void *)(data + ext4_directory_room(fs));
	return tail->inode == 0 && tail->length == sizeof *tail && tail->type == EXT4_ENTRY_TAIL_TYPE &&
	       tail->checksum == ext4_directory_checksum(fs, directory, data);
}

const char *ext4_read_directory_block(struct ext4 *fs, const struct ext4_file *directory, uint32_t index, uint8_t *data, uint64_t *at,
				      bool *has_entries)
{
	uint32_t run;
	const char *why = ext4_map(fs, directory, index, at, &run);
	if (why == NULL) {
		why = *at == 0 ? "has a directory with a hole" : ext4_read_block(fs, *at, data);
	}
	if (why != NULL) {
		return why;
	}
	*has_entries = !is_index(fs, directory, index, data);
	bool right = !fs->checksums || (*has_entries ? entries_are_right(fs, directory, data) : index_is_right(fs, directory, index, data));
	if (!right) {
		return "has a directory with a wrong checksum";
	}
	uint32_t room = *has_entries ? ext4_directory_room(fs) : 0;
	for (uint32_t offset = 0; offset < room;) {
		const struct ext4_entry *entry = (const void *)(data + offset);
		if (room - offset < EXT4_ENTRY || entry->length % 4 != 0 || entry->length > room - offset || entry->length < ext4_entry_size(entry->name_length)) {
			return "has a damaged directory";
		}
		offset += entry->length;
	}
	return NULL;
}

// The number of the inode of this name, 0 if there is none.
static const char *find(struct ext4 *fs, const struct ext4_file *directory, const char *name, uint32_t length, uint32_t *number)
{
	*number = 0;
	for (uint32_t index = 0; *number == 0 && (uint64_t)index * fs->block_size < directory->size; index++) {
		uint64_t at;
		bool has_entries;
		const char *why = ext4_read_directory_block(fs, directory, index, block, &at, &has_entries);
		if (why != NULL) {
			return why;
		}
		uint32_t room = has_entries ? ext4_directory_room(fs) : 0;
		for (uint32_t offset = 0; offset < room && *number == 0;) {
			const struct ext4_entry *entry = (const void *)(block + offset);
			if (entry->name_length == length && memcmp(entry->name, name, length) == 0) {
				*number = entry->inode;
			}
			offset += entry->length;
		}
	}
	return NULL;
}

const char *ext4_look_up(struct ext4 *fs, const char *path, struct ext4_file *file)
{
	const char *why = ext4_read_inode(fs, EXT4_ROOT, file);
	while (why == NULL && *path != '\0') {
		uint32_t length = 0, number;
		while (path[length] != '\0' && path[length] != '/') {
			length++;
		}
		if (length != 0) {
			why = (file->inode.mode & EXT4_TYPE) != EXT4_DIRECTORY ? "has something else than a directory on the way"
									       : find(fs, file, path, length, &number);
			why = why != NULL ? why : number == 0 ? "has no such file" : ext4_read_inode(fs, number, file);
		}
		path += length + (path[length] == '/');
	}
	return why;
}
