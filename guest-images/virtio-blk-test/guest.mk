# virtio-blk-test: a virtio block device by its specification, over either transport.
BITS := 64
SOURCES := main.c ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c ../drivers/virtio_disk.c
