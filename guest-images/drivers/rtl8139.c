// A driver for the RTL8139 as it was before C+.
#include "rtl8139.h"

enum { Controllers = 4, RingSize = 2, Accept = RTL_APM | RTL_AB | RTL_WRAP };

_Static_assert(sizeof(struct rtl8139) <= NIC_PRIVATE, "the driver's state fits");

// The device reads and writes here; a controller opened again gets its own again.
static struct memory {
	uint8_t ring[(8192 << RingSize) + RTL8139_RING_TAIL];
	uint8_t transmit[RTL8139_TRANSMIT_BUFFERS][RTL8139_TRANSMIT_ROOM];
	struct pci_function owner;
	bool taken;
} memories[Controllers] __attribute__((aligned(256)));

static struct memory *memory_of(struct pci_function pci)
{
	for (unsigned i = 0; i < Controllers; i++) {
		struct memory *memory = &memories[i];
		if (!memory->taken || memcmp(&memory->owner, &pci, sizeof pci) == 0) {
			memory->taken = true;
			memory->owner = pci;
			return memory;
		}
	}
	return NULL;
}

bool rtl8139_map(struct pci_function pci, struct rtl8139 *device)
{
	memset(device, 0, sizeof *device);
	struct pci_bar ports = pci_bar_read(pci, 0), registers = pci_bar_read(pci, 1);
	nic_enable(pci);
	device->ports = (uint16_t)ports.address;
	device->registers = (volatile uint8_t *)(uintptr_t)registers.address;
	return ports.io && registers.present && rtl8139_read(device, RTL_TCR) != UINT32_MAX;
}

bool rtl8139_reset(const struct rtl8139 *device)
{
	rtl8139_write8(device, RTL_CR, RTL_RST);
	return within_deadline((rtl8139_read8(device, RTL_CR) & RTL_RST) == 0);
}

void rtl8139_station(const struct rtl8139 *device, uint8_t address[NIC_ADDRESS])
{
	for (unsigned i = 0; i < NIC_ADDRESS; i++) {
		address[i] = rtl8139_read8(device, RTL_IDR + i);
	}
}

void rtl8139_start(struct rtl8139 *device, unsigned log2_of_8k, uint32_t accept)
{
	device->ring_size = 8192u << log2_of_8k;
	device->handed = device->done = device->aborted = 0;
	rtl8139_write(device, RTL_MAR, UINT32_MAX); // AM alone decides
	rtl8139_write(device, RTL_MAR + 4, UINT32_MAX);
	rtl8139_write(device, RTL_RBSTART, (uint32_t)(uintptr_t)device->ring);
	for (unsigned i = 0; i < RTL8139_TRANSMIT_BUFFERS; i++) {
		rtl8139_write(device, RTL_TSAD + i * 4, (uint32_t)(uintptr_t)device->transmit[i]);
	}
	rtl8139_write8(device, RTL_CR, RTL_TE | RTL_RE); // TCR and RCR can be written only now (data sheet, 5.6 and 5.7)
	rtl8139_write(device, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048);
	rtl8139_restart_receiver(device, RTL_RBLEN(log2_of_8k) | accept);
	rtl8139_write(device, RTL_MPC, 0);
}

void rtl8139_restart_receiver(struct rtl8139 *device, uint32_t accept)
{
	uint32_t still = (RTL_RBLEN(3) & accept) | (RTL_WRAP & accept) | RTL_RX_BURST_UNLIMITED | RTL_RX_WHOLE_FRAME;
	rtl8139_write8(device, RTL_CR, RTL_TE);
	within_deadline((rtl8139_read8(device, RTL_CR) & RTL_RE) == 0); // until the frame that it is receiving is in
	rtl8139_write(device, RTL_RCR, still);
	rtl8139_write8(device, RTL_CR, RTL_TE | RTL_RE);
	// It accepts nothing yet, so this is where the first frame will be.
	device->position = rtl8139_read16(device, RTL_CBR) % device->ring_size;
	rtl8139_write16(device, RTL_CAPR, (uint16_t)(device->position - 16));
	rtl8139_write16(device, RTL_ISR, RTL_ROK | RTL_RER | RTL_RXOVW | RTL_FOVW);
	device->configuration = still | accept;
	rtl8139_write(device, RTL_RCR, device->configuration);
	(void)rtl8139_read(device, RTL_RCR);
}

bool rtl8139_reclaim(struct rtl8139 *device)
{
	while (device->done != device->handed) {
		uint32_t status = rtl8139_read(device, RTL_TSD + device->done % RTL8139_TRANSMIT_BUFFERS * 4);
		if ((status & RTL_TABT) != 0) { // it stops there; told so, it sends that frame again
			device->aborted++;
			rtl8139_write(device, RTL_TCR, rtl8139_read(device, RTL_TCR) | RTL_CLRABT);
			return false;
		}
		if ((status & (RTL_TOK | RTL_TUN)) == 0) {
			return false;
		}
		device->done++;
	}
	return true;
}

bool rtl8139_send(struct rtl8139 *device, const void *frame, unsigned length)
{
	rtl8139_reclaim(device);
	if (device->handed - device->done == RTL8139_TRANSMIT_BUFFERS) {
		return false;
	}
	unsigned entry = device->handed % RTL8139_TRANSMIT_BUFFERS;
	memcpy(device->transmit[entry], frame, length);
	if (length < NIC_SHORTEST_FRAME) { // the device sends what it is given
		memset(device->transmit[entry] + length, 0, NIC_SHORTEST_FRAME - length);
		length = NIC_SHORTEST_FRAME;
	}
	wmb(); // the frame is in memory before the device is told; it reads behind this write
	rtl8139_write(device, RTL_TSD + entry * 4, RTL_TSD_THRESHOLD(256) | length);
	device->handed++;
	return true;
}

uint32_t rtl8139_peek(struct rtl8139 *device)
{
	if ((rtl8139_read8(device, RTL_CR) & RTL_BUFE) != 0) {
		return 0;
	}
	rmb(); // the register read flushed the frame and its header; nothing of them is read before it
	uint32_t header = READ_ONCE(*(uint32_t *)(device->ring + device->position));
	return header >> 16 == RTL8139_IN_PROGRESS ? 0 : header;
}

void rtl8139_copy(const struct rtl8139 *device, void *to, uint32_t offset, uint32_t count)
{
	uint32_t from = device->position + RTL8139_HEADER + offset, before_end = count;
	if ((device->configuration & RTL_WRAP) == 0 || device->ring_size == RTL8139_RING_MOST) { // WRAP is ignored with 64 KiB
		from %= device->ring_size;
		before_end = device->ring_size - from < count ? device->ring_size - from : count;
	}
	memcpy(to, device->ring + from, before_end);
	memcpy((uint8_t *)to + before_end, device->ring, count - before_end);
}

void rtl8139_consume(struct rtl8139 *device, uint32_t header)
{
	device->position = (device->position + RTL8139_HEADER + (header >> 16) + 3) / 4 * 4 % device->ring_size;
	mb(); // the frame has been read before the device may write over it
	rtl8139_write16(device, RTL_CAPR, (uint16_t)(device->position - 16));
	rtl8139_write16(device, RTL_ISR, RTL_ROK | RTL_RXOVW | RTL_FOVW);
}

unsigned rtl8139_receive(struct rtl8139 *device, void *buffer, unsigned room)
{
	uint32_t header = rtl8139_peek(device), size = header >> 16;
	if (header == 0) {
		return 0;
	}
	if ((header & RTL_RX_OK) == 0 || size < RTL8139_CRC + NIC_ADDRESS || size > RTL8139_RING_TAIL - 16) {
		rtl8139_restart_receiver(device, device->configuration); // whatever that is, the next header cannot be found by it
		return 0;
	}
	unsigned length = size - RTL8139_CRC;
	length = length < room ? length : room;
	rtl8139_copy(device, buffer, 0, length);
	rtl8139_consume(device, header);
	return length;
}

static struct rtl8139 *of(struct nic *nic)
{
	return (struct rtl8139 *)nic->private;
}

static bool drives(struct pci_function pci)
{
	return pci_read8(pci, 0x08) < RTL8139_CPLUS_REVISION;
}

static bool open(struct nic *nic)
{
	struct rtl8139 *device = of(nic);
	struct memory *memory = memory_of(nic->pci);
	if (memory == NULL || !rtl8139_map(nic->pci, device) || !rtl8139_reset(device)) {
		return false;
	}
	device->ring = memory->ring;
	device->transmit = memory->transmit;
	rtl8139_station(device, nic->address);
	rtl8139_start(device, RingSize, Accept);
	return true;
}

static bool send(struct nic *nic, const void *frame, unsigned length) { return rtl8139_send(of(nic), frame, length); }
static unsigned receive(struct nic *nic, void *buffer, unsigned room) { return rtl8139_receive(of(nic), buffer, room); }
static bool all_sent(struct nic *nic) { return rtl8139_reclaim(of(nic)); }
static bool link_up(struct nic *nic) { return (rtl8139_read8(of(nic), RTL_MSR) & RTL_LINKB) == 0; }
static void close(struct nic *nic) { rtl8139_reset(of(nic)); }

static void set_promiscuous(struct nic *nic, bool on)
{
	rtl8139_restart_receiver(of(nic), RTL_RBLEN(RingSize) | Accept | (on ? RTL_AAP | RTL_AM : 0));
}

const struct nic_driver rtl8139_driver = {
	.name = "rtl8139", .vendor = RTL8139_VENDOR, .device = RTL8139_DEVICE, .drives = drives, .open = open, .send = send, .receive = receive,
	.all_sent = all_sent, .link_up = link_up, .set_promiscuous = set_promiscuous, .close = close,
};
