# disk-requests: how many requests a second a disk controller and its disk carry out.
SOURCES := main.c ../drivers/lsi_requester.c ../drivers/virtio_requester.c ../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c \
	../drivers/lsi53c895a_queue_script.c ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c
