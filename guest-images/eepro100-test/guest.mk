# eepro100-test: Intel's 8255x, by its manual: commands, frames, filters, counters, resets, interrupts.
BITS := 64
SOURCES := main.c buffers.c commands.c counters.c filters.c interrupts.c link.c load.c receive.c registers.c resets.c station.c transmit.c \
    ../drivers/eepro100.c ../drivers/nic.c
