# lsi-ordering: what an LSI53C895A owes its driver: queues in memory that SCRIPTS and two processors work on, each looked at the moment it may be.
BITS := 64
SOURCES := main.c queue.c words.c starts.c interrupts.c ../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c ../drivers/lsi53c895a_queue_script.c
