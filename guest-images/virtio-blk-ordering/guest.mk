# virtio-blk-ordering: what a virtio device owes its driver in order, polled for the moment it shows, by two processors.
BITS := 64
SOURCES := main.c stream.c notices.c interrupts.c ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c
