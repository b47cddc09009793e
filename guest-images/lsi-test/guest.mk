# lsi-test: the SCSI controller LSI53C895A by its technical manual, and the disks behind it by the SCSI standards.
BITS := 64
SOURCES := main.c rig.c registers.c arithmetic.c control.c memory.c phases.c selection.c interrupts.c timers.c endless.c parity.c nexus.c units.c inquiry.c modes.c blocks.c ranges.c \
    requests.c large_blocks.c places.c place_resets.c load.c aborts.c resets.c \
    ../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c ../drivers/lsi53c895a_queue_script.c
