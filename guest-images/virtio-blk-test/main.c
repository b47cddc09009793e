#include "../drivers/virtio_blk.h"
int main(void)
{
	static struct disk disks[DISKS_MOST];
	static uint8_t a[1<<20], b[1<<20];
	unsigned n = virtio_blk_disks(disks, DISKS_MOST);
	printf("%u disks\n", n);
	for (unsigned i = 0; i < n; i++) {
		printf("%u: %s legacy %u, %u blocks of %u\n", i, disks[i].driver->name, ((struct virtio_blk*)disks[i].private)->virtio.legacy, (uint32_t)disks[i].blocks, disks[i].block_size);
		for (unsigned j = 0; j < sizeof a; j++) a[j] = (uint8_t)(j * 7 + j / 512);
		report("write", disk_write(&disks[i], 3, sizeof a / disks[i].block_size, a));
		report("flush", disk_flush(&disks[i]));
		report("read", disk_read(&disks[i], 3, sizeof a / disks[i].block_size, b));
		report("same", memcmp(a, b, sizeof a) == 0);
		report("end", !disk_read(&disks[i], disks[i].blocks, 1, b));
	}
	return report_summary();
}
