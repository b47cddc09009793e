# e1000-test: the network controller 82540EM: what its manual says, check by check, with a second one at the other end of the wire.
BITS := 64
SOURCES := main.c filters.c identity.c interrupts.c link.c offloads.c packets.c receive.c received_checksums.c resets.c segmentation.c station.c statistics.c timers.c transmit.c vlans.c \
    ../drivers/e1000.c ../drivers/nic.c
