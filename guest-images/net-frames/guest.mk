# net-frames: how many frames a second go from one network controller to another.
SOURCES := main.c ../drivers/nic.c ../drivers/e1000.c ../drivers/eepro100.c ../drivers/rtl8139.c ../drivers/rtl8139cp.c
