# net-boot: an address by DHCP and a file by TFTP, over any network controller.
SOURCES := main.c dhcp.c tftp.c udp.c ../drivers/nic.c ../drivers/e1000.c ../drivers/eepro100.c ../drivers/rtl8139.c ../drivers/rtl8139cp.c
