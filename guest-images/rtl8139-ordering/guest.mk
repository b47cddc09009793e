# rtl8139-ordering: what an RTL8139 owes its driver, in either mode: polled for the moment it shows, and looked at then.
BITS := 64
SOURCES := main.c classic.c cplus.c frames.c interrupts.c ../drivers/nic.c ../drivers/rtl8139.c ../drivers/rtl8139cp.c
