# rtl8139-test: two RTL8139 on one wire: what the data sheet says of the one, seen through its driver and by the other.
BITS := 64
SOURCES := main.c cplus.c eeprom.c filters.c interrupts.c offload.c packets.c receive.c registers.c resets.c segments.c transmit.c \
    ../drivers/nic.c ../drivers/rtl8139.c ../drivers/rtl8139cp.c
