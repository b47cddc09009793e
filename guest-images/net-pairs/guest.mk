# net-pairs: two network controllers exchange a megabyte each way.
SOURCES := main.c exchange.c ../drivers/nic.c ../drivers/e1000.c ../drivers/eepro100.c ../drivers/rtl8139.c ../drivers/rtl8139cp.c
