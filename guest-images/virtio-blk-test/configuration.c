// The device's own registers (5.2.4).
#include "parts.h"

static void check_sizes(void)
{
	uint64_t capacity = dut.capacity;
	uint32_t low = virtio_config32(&dut.virtio, 0), words = 0, bytes = 0;
	for (unsigned i = 0; i < 4; i++) {
		bytes |= (uint32_t)virtio_config8(&dut.virtio, i) << i * 8;
		words |= i % 2 == 0 ? (uint32_t)virtio_config16(&dut.virtio, i) << i * 8 : 0;
	}
	report("configuration: capacity", capacity >= 2048);
	report_equal("configuration: capacity by double words", low, (uint32_t)capacity);
	report_equal("configuration: capacity by words", words, (uint32_t)capacity);
	report_equal("configuration: capacity by bytes", bytes, (uint32_t)capacity);
	virtio_write_config8(&dut.virtio, VIRTIO_BLK_CAPACITY, (uint8_t)~bytes);
	report_equal("configuration: capacity cannot be written", virtio_config64(&dut.virtio, VIRTIO_BLK_CAPACITY), capacity);
}

static void check_topology(void)
{
	if (has(VIRTIO_BLK_F_TOPOLOGY)) {
		unsigned exponent = virtio_config8(&dut.virtio, VIRTIO_BLK_PHYSICAL_BLOCK_EXP);
		report("configuration: topology: physical blocks, offset in them, sizes of I/O",
			   exponent < 16 && virtio_config8(&dut.virtio, VIRTIO_BLK_ALIGNMENT_OFFSET) < 1u << exponent
				   && virtio_config16(&dut.virtio, VIRTIO_BLK_MIN_IO_SIZE) <= dut.capacity
				   && virtio_config32(&dut.virtio, VIRTIO_BLK_OPT_IO_SIZE) <= dut.capacity);
	}
	if (has(VIRTIO_BLK_F_GEOMETRY)) {
		uint64_t cylinders = virtio_config16(&dut.virtio, VIRTIO_BLK_CYLINDERS), heads = virtio_config8(&dut.virtio, VIRTIO_BLK_HEADS),
				 sectors = virtio_config8(&dut.virtio, VIRTIO_BLK_SECTORS);
		report("configuration: geometry, no more than the capacity", cylinders * heads * sectors != 0 && cylinders * heads * sectors <= dut.capacity);
	}
}

static void check_limits(void)
{
	report("configuration: blk_size is a power of two, 512 at least",
		   has(VIRTIO_BLK_F_BLK_SIZE) && dut.block_size >= Sector && (dut.block_size & (dut.block_size - 1)) == 0);
	report("configuration: seg_max", has(VIRTIO_BLK_F_SEG_MAX) && dut.seg_max >= 1 && dut.seg_max + 2 <= dut.queues[0].size);
	if (has(VIRTIO_BLK_F_SIZE_MAX)) {
		report("configuration: size_max", dut.size_max >= Sector);
	}
	report("configuration: num_queues", !has(VIRTIO_BLK_F_MQ) || virtio_config16(&dut.virtio, VIRTIO_BLK_NUM_QUEUES) >= 1);
	if (has(VIRTIO_BLK_F_DISCARD)) {
		report("configuration: limits of discard", virtio_config32(&dut.virtio, VIRTIO_BLK_MAX_DISCARD_SECTORS) != 0
													   && virtio_config32(&dut.virtio, VIRTIO_BLK_MAX_DISCARD_SEG) != 0
													   && virtio_config32(&dut.virtio, VIRTIO_BLK_DISCARD_SECTOR_ALIGNMENT) != 0);
	}
	if (has(VIRTIO_BLK_F_WRITE_ZEROES)) {
		report("configuration: limits of write zeroes", virtio_config32(&dut.virtio, VIRTIO_BLK_MAX_WRITE_ZEROES_SECTORS) != 0
															&& virtio_config32(&dut.virtio, VIRTIO_BLK_MAX_WRITE_ZEROES_SEG) != 0
															&& virtio_config8(&dut.virtio, VIRTIO_BLK_WRITE_ZEROES_MAY_UNMAP) <= 1);
	}
}

static void check_writeback(void)
{
	if (!has(VIRTIO_BLK_F_CONFIG_WCE)) {
		report_skip("configuration: writeback", "CONFIG_WCE is not offered");
		return;
	}
	report("configuration: FLUSH is offered with CONFIG_WCE", has(VIRTIO_BLK_F_FLUSH));
	uint8_t initial = virtio_config8(&dut.virtio, VIRTIO_BLK_WRITEBACK);
	bool kept = true, ok = true;
	for (uint8_t i = 0; i < 4; i++) {
		virtio_write_config8(&dut.virtio, VIRTIO_BLK_WRITEBACK, i % 2);
		kept = kept && virtio_config8(&dut.virtio, VIRTIO_BLK_WRITEBACK) == i % 2;
		ok = ok && works(i) && virtio_blk_do(&dut, 0, VIRTIO_BLK_FLUSH, 0, NULL, 0) == VIRTIO_BLK_OK;
	}
	report("configuration: writeback off and on again", kept);
	report("configuration: it writes and flushes in either", ok);
	virtio_write_config8(&dut.virtio, VIRTIO_BLK_WRITEBACK, !initial);
	begin();
	report_equal("configuration: after a reset writeback is as it was at first", virtio_config8(&dut.virtio, VIRTIO_BLK_WRITEBACK), initial);
}

void check_configuration(void)
{
	begin();
	check_sizes();
	check_limits();
	check_topology();
	check_writeback();
	if (!legacy) {
		const struct virtio_window *common = &dut.virtio.windows[VIRTIO_COMMON];
		report_equal("configuration: the generation stays while nothing changes", virtio_read8(common, VIRTIO_CONFIG_GENERATION),
					 virtio_read8(common, VIRTIO_CONFIG_GENERATION));
		report("configuration: num_queues in the common structure is no less",
			   virtio_read16(common, VIRTIO_NUM_QUEUES) >= (has(VIRTIO_BLK_F_MQ) ? virtio_config16(&dut.virtio, VIRTIO_BLK_NUM_QUEUES) : 1));
	}
}
