// A driver for the RTL8139 as it was before C+ (RTL8139C data sheet): one receive ring of bytes, four transmit buffers.
//
// It shows what a driver owes this device: a write barrier between a frame and the status register that hands it over, a
// register read that says there is something in the ring and flushes it, a read barrier behind that, everything read
// before CAPR gives the room back.
#pragma once

#include "nic.h"

enum { RTL8139_VENDOR = 0x10EC, RTL8139_DEVICE = 0x8139, RTL8139_CPLUS_REVISION = 0x20 };

enum rtl8139_register {
	RTL_IDR = 0x00, RTL_MAR = 0x08, RTL_TSD = 0x10, RTL_TSAD = 0x20, RTL_RBSTART = 0x30, RTL_ERBCR = 0x34, RTL_ERSR = 0x36,
	RTL_CR = 0x37, RTL_CAPR = 0x38, RTL_CBR = 0x3A, RTL_IMR = 0x3C, RTL_ISR = 0x3E, RTL_TCR = 0x40, RTL_RCR = 0x44, RTL_TCTR = 0x48,
	RTL_MPC = 0x4C, RTL_9346CR = 0x50, RTL_CONFIG0 = 0x51, RTL_CONFIG1 = 0x52, RTL_TIMERINT = 0x54, RTL_MSR = 0x58, RTL_CONFIG3 = 0x59,
	RTL_CONFIG4 = 0x5A, RTL_MULINT = 0x5C, RTL_RERID = 0x5E, RTL_TSAD_ALL = 0x60, RTL_BMCR = 0x62, RTL_BMSR = 0x64, RTL_ANAR = 0x66,
	RTL_ANLPAR = 0x68, RTL_ANER = 0x6A, RTL_CSCR = 0x74, RTL_CONFIG5 = 0xD8,
};

enum rtl8139_command { RTL_BUFE = 1 << 0, RTL_TE = 1 << 2, RTL_RE = 1 << 3, RTL_RST = 1 << 4 }; // CR

enum rtl8139_transmit_status { // TSD; it is handed over by OWN = 0, which is what "the DMA is done" is called when it is 1
	RTL_TSD_SIZE = 0x1FFF, RTL_OWN = 1 << 13, RTL_TUN = 1 << 14, RTL_TOK = 1 << 15, RTL_TABT = 1 << 30,
};
#define RTL_TSD_THRESHOLD(bytes) ((uint32_t)(bytes) / 32 << 16)

enum rtl8139_interrupt { // ISR and IMR
	RTL_ROK = 1 << 0, RTL_RER = 1 << 1, RTL_TXOK = 1 << 2, RTL_TER = 1 << 3, RTL_RXOVW = 1 << 4, RTL_LINKCHG = 1 << 5, RTL_FOVW = 1 << 6,
	RTL_TDU = 1 << 7, RTL_SWINT = 1 << 8, RTL_LENCHG = 1 << 13, RTL_TIMEOUT = 1 << 14, RTL_SERR = 1 << 15,
};

enum rtl8139_receive_configuration { // RCR
	RTL_AAP = 1 << 0, RTL_APM = 1 << 1, RTL_AM = 1 << 2, RTL_AB = 1 << 3, RTL_AR = 1 << 4, RTL_AER = 1 << 5, RTL_WRAP = 1 << 7,
	RTL_RX_BURST_UNLIMITED = 7 << 8, RTL_RX_WHOLE_FRAME = 7 << 13,
};
#define RTL_RBLEN(log2_of_8k) ((uint32_t)(log2_of_8k) << 11) // 0 to 3: 8, 16, 32, 64 KiB and 16 bytes

enum rtl8139_transmit_configuration { // TCR
	RTL_CLRABT = 1 << 0, RTL_TX_BURST_2048 = 7 << 8, RTL_NO_CRC = 1 << 16, RTL_LOOPBACK = 3 << 17, RTL_GAP_NORMAL = 3 << 24,
};

enum rtl8139_receive_status { // the header's lower half
	RTL_RX_OK = 1 << 0, RTL_RX_ALIGNMENT = 1 << 1, RTL_RX_CRC = 1 << 2, RTL_RX_LONG = 1 << 3, RTL_RX_RUNT = 1 << 4, RTL_RX_SYMBOL = 1 << 5,
	RTL_RX_BROADCAST = 1 << 13, RTL_RX_PHYSICAL = 1 << 14, RTL_RX_MULTICAST = 1 << 15,
};

enum rtl8139_media { RTL_LINKB = 1 << 2 };                                                              // MSR, 0 is up
enum rtl8139_eeprom { RTL_EEDO = 1, RTL_EEDI = 2, RTL_EESK = 4, RTL_EECS = 8, RTL_EEM_PROGRAM = 0x80, RTL_EEM_CONFIG = 0xC0 }; // 9346CR

enum {
	RTL8139_TRANSMIT_BUFFERS = 4, RTL8139_TRANSMIT_ROOM = 2048, RTL8139_CRC = 4, RTL8139_HEADER = 4,
	RTL8139_IN_PROGRESS = 0xFFF0, // what stands for the length while the device still copies
	RTL8139_RING_MOST = 0x10000, RTL8139_RING_TAIL = 16 + 2048, // a frame that has begun before the end may go on behind it if WRAP is set
};

/// The driver's state: a window of registers, a ring, and where it stands in it.
struct rtl8139 {
	volatile uint8_t *registers;
	uint16_t ports;
	uint8_t *ring, (*transmit)[RTL8139_TRANSMIT_ROOM];
	uint32_t ring_size;     // without the tail
	uint32_t configuration; // RCR
	uint32_t position;      // of the next header
	uint32_t handed, done;  // frames handed over to be sent, and given back
	uint32_t aborted;       // how often the device gave one up, and was told to send it again
};

static inline uint8_t rtl8139_read8(const struct rtl8139 *device, unsigned offset)
{
	return device->registers[offset];
}

static inline uint16_t rtl8139_read16(const struct rtl8139 *device, unsigned offset)
{
	return *(volatile uint16_t *)(device->registers + offset);
}

static inline uint32_t rtl8139_read(const struct rtl8139 *device, unsigned offset)
{
	return *(volatile uint32_t *)(device->registers + offset);
}

static inline void rtl8139_write8(const struct rtl8139 *device, unsigned offset, uint8_t value)
{
	device->registers[offset] = value;
}

static inline void rtl8139_write16(const struct rtl8139 *device, unsigned offset, uint16_t value)
{
	*(volatile uint16_t *)(device->registers + offset) = value;
}

static inline void rtl8139_write(const struct rtl8139 *device, unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(device->registers + offset) = value;
}

/// Finds the windows, and sees whether anything answers there.
bool rtl8139_map(struct pci_function pci, struct rtl8139 *device);

/// A software reset, by CR; false if it never ends.
bool rtl8139_reset(const struct rtl8139 *device);

/// Reads the station's address out of IDR.
void rtl8139_station(const struct rtl8139 *device, uint8_t address[NIC_ADDRESS]);

/// Starts a controller that was just reset with this ring (8 KiB << `log2_of_8k`, and a tail), these buffers and these bits of RCR.
void rtl8139_start(struct rtl8139 *device, unsigned log2_of_8k, uint32_t accept);

/// Stops the receiver and starts it anew, with these bits of RCR; what is in the ring is lost.
void rtl8139_restart_receiver(struct rtl8139 *device, uint32_t accept);

/// Hands a frame over, padded to the shortest that may be sent; false if all four buffers are in use.
bool rtl8139_send(struct rtl8139 *device, const void *frame, unsigned length);

/// Takes back the buffers of the frames that have been sent. True if there are none left.
bool rtl8139_reclaim(struct rtl8139 *device);

/// The next frame's header; 0 if the ring is empty. Everything of the frame is visible.
uint32_t rtl8139_peek(struct rtl8139 *device);

/// Copies `count` bytes out of the ring, from an offset behind the next header on.
void rtl8139_copy(const struct rtl8139 *device, void *to, uint32_t offset, uint32_t count);

/// Gives the room of the frame with this header back.
void rtl8139_consume(struct rtl8139 *device, uint32_t header);

/// As the driver's receive().
unsigned rtl8139_receive(struct rtl8139 *device, void *buffer, unsigned room);
