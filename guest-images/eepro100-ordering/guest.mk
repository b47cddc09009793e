# eepro100-ordering: what an 8255x owes its driver, by polling what the driver polls and looking at what must be there already.
BITS := 64
SOURCES := main.c doorbells.c lists.c results.c stream.c ../drivers/eepro100.c ../drivers/nic.c
