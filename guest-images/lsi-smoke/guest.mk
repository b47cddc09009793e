BITS := 64
SOURCES := main.c ../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c ../drivers/lsi53c895a_queue_script.c ../drivers/lsi53c895a_disk.c
