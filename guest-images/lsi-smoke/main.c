#include "../drivers/disk.h"
int main(void)
{
	static struct disk disks[DISKS_MOST];
	static uint8_t a[65536], b[65536];
	unsigned n = lsi_disks(disks, DISKS_MOST);
	printf("%u disks\n", n);
	for (unsigned i = 0; i < n; i++) {
		printf("%u: %u x %u %s\n", i, (unsigned)disks[i].blocks, disks[i].block_size, disks[i].read_only ? "ro" : "rw");
		for (unsigned j = 0; j < sizeof a; j++) a[j] = (uint8_t)(j * 7 + (j >> 8) + i);
		report("write", disk_write(&disks[i], 100, 128, a));
		report("flush", disk_flush(&disks[i]));
		report("read", disk_read(&disks[i], 100, 128, b) && memcmp(a, b, sizeof a) == 0);
	}
	return report_summary();
}
