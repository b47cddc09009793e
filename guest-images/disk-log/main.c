// Writes sectors that tell their number and their place, in places that look random, flushes now and then, and says after each flush
// up to which number everything must be there now. Whoever kills the machine, or the disk's server, compares the disk with that:
// tests/Emulator.Guests.Tests/Disks/DiskLog.cs makes the same numbers. writes=N ends after so many; seed=N.
#include "../drivers/disk.h"

enum { Sector = 512, SectorsInPlace = 8, Places = 1024 };

static struct disk disks[DISKS_MOST];
static uint32_t buffer[SectorsInPlace][Sector / sizeof(uint32_t)] __attribute__((aligned(4096)));

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

// A sector is right if each word follows from the first three.
static void fill(uint32_t *words, uint32_t number, uint32_t sector, uint32_t seed)
{
	words[0] = number;
	words[1] = sector;
	words[2] = seed;
	uint32_t state = (number * 0x9E3779B1 ^ sector * 0x85EBCA6B ^ seed) | 1;
	for (unsigned i = 3; i < Sector / sizeof *words; i++) {
		words[i] = next(&state);
	}
}

int main(void)
{
	uint32_t seed = multiboot_option("seed", 1), writes = multiboot_option("writes", 2000), state = seed | 1;
	if (lsi_disks(disks, DISKS_MOST) == 0 && virtio_blk_disks(disks, DISKS_MOST) == 0) {
		report("there is a disk", false);
		return report_summary();
	}
	struct disk *disk = &disks[0];
	if (!report_equal("its blocks are sectors", disk->block_size, Sector) ||
	    !report("there is room on it", disk->blocks >= Places * SectorsInPlace)) {
		return report_summary();
	}

	bool ok = true;
	uint32_t number = 0;
	while (ok && number < writes) {
		number++;
		uint32_t place = next(&state) % Places, how = next(&state), count = 1 + how % SectorsInPlace;
		for (uint32_t i = 0; i < count; i++) {
			fill(buffer[i], number, place * SectorsInPlace + i, seed);
		}
		ok = disk_write(disk, place * SectorsInPlace, count, buffer);
		if (ok && (how >> 8) % 8 == 0) {
			ok = disk_flush(disk);
			if (ok) {
				printf("stable %u\n", number);
			}
		}
	}
	report_equal("every write and every flush was done", ok ? writes : number - 1, writes);
	return report_summary();
}
