# disk-log: writes a disk, and keeps a log on the console of what must be on it whatever happens next.
SOURCES := main.c ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c ../drivers/virtio_disk.c \
	../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c ../drivers/lsi53c895a_queue_script.c ../drivers/lsi53c895a_disk.c
