# disk-files: the files of ext4 on partitions, behind either disk controller.
BITS := 64
SOURCES := main.c expected.c ../drivers/crc.c ../drivers/partitions.c ../drivers/ext4.c ../drivers/ext4_extents.c ../drivers/ext4_directory.c \
    ../drivers/ext4_bitmaps.c ../drivers/ext4_create.c ../drivers/ext4_grow.c \
    ../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c ../drivers/lsi53c895a_queue_script.c ../drivers/lsi53c895a_disk.c \
    ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c ../drivers/virtio_disk.c
