# five-devices: three network controllers and two disk controllers at work at once; then the monitor. It is what `make run` boots.
BITS := 64
SOURCES := main.c nets.c disks.c ../monitor/commands.c ../monitor/line.c ../monitor/machine.c ../monitor/memory.c \
	../drivers/nic.c ../drivers/e1000.c ../drivers/eepro100.c ../drivers/rtl8139.c ../drivers/rtl8139cp.c \
	../drivers/lsi_requester.c ../drivers/virtio_requester.c ../drivers/lsi53c895a.c ../drivers/lsi53c895a_queue.c \
	../drivers/lsi53c895a_queue_script.c ../drivers/virtio.c ../drivers/virtq.c ../drivers/virtio_blk.c
