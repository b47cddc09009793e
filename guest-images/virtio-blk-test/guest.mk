# virtio-blk-test: a virtio block device by its specification, over either transport.
BITS := 64
SOURCES := main.c capabilities.c configuration.c features.c queue_setup.c requests.c ranges.c layouts.c malformed.c messages.c notifications.c \
    interrupts.c flight.c resets.c read_only.c large_blocks.c functions.c stress.c ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c
