# e1000-ordering: what a driver of the 82540EM finds in memory the moment that the controller says it is there.
BITS := 64
SOURCES := main.c frames.c interrupts.c load.c ../drivers/e1000.c ../drivers/nic.c
