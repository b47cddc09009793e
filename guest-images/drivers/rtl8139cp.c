// A driver for the RTL8139C+ in its own mode.
#include "rtl8139cp.h"

enum { Controllers = 4, Accept = RTL_APM | RTL_AB, BurstAndThreshold = RTL_RX_BURST_UNLIMITED | RTL_RX_WHOLE_FRAME };

_Static_assert(sizeof(struct rtl8139cp) <= NIC_PRIVATE, "the driver's state fits");
_Static_assert(sizeof(struct rtl8139_counters) == 64, "as the data sheet draws it");

static struct rtl8139cp_memory memories[Controllers];
static struct { struct pci_function owner; bool taken; } owners[Controllers];

// A controller opened again gets its own again.
static struct rtl8139cp_memory *memory_of(struct pci_function pci)
{
	for (unsigned i = 0; i < Controllers; i++) {
		if (!owners[i].taken || memcmp(&owners[i].owner, &pci, sizeof pci) == 0) {
			owners[i].taken = true;
			owners[i].owner = pci;
			return &memories[i];
		}
	}
	return NULL;
}

static void give(struct rtl8139cp *device, unsigned entry)
{
	struct rtl8139cp_descriptor *descriptor = &device->memory->receive[entry];
	uint32_t end = entry + 1 == device->receive_entries ? CP_EOR : 0;
	descriptor->vlan = 0;
	descriptor->buffer = (uintptr_t)device->memory->receive_buffers[entry];
	dma_wmb(); // the body is in memory before OWN is
	WRITE_ONCE(descriptor->status, CP_OWN | end | RTL8139CP_ROOM);
}

void rtl8139cp_start(struct rtl8139cp *device, unsigned receive_entries, unsigned transmit_entries, uint32_t accept, uint16_t command)
{
	const struct rtl8139 *common = &device->common;
	device->receive_entries = receive_entries;
	device->transmit_entries = transmit_entries;
	device->taken = device->handed = device->done = 0;
	memset(device->memory->transmit, 0, sizeof device->memory->transmit);
	for (unsigned i = 0; i < receive_entries; i++) {
		give(device, i);
	}
	wmb(); // the rings are in memory before the device knows of them

	// The mode first: it decides what the registers at 0x20 mean (data sheet, 6.33).
	rtl8139_write16(common, RTL_CPCR, RTL_CPTX | RTL_CPRX | command);
	rtl8139_write(common, RTL_TNPDS, (uint32_t)(uintptr_t)device->memory->transmit);
	rtl8139_write(common, RTL_TNPDS + 4, 0);
	rtl8139_write(common, RTL_THPDS, 0);
	rtl8139_write(common, RTL_THPDS + 4, 0);
	rtl8139_write(common, RTL_RDSAR, (uint32_t)(uintptr_t)device->memory->receive);
	rtl8139_write(common, RTL_RDSAR + 4, 0);
	rtl8139_write8(common, RTL_MTPS, 0x3F);
	rtl8139_write(common, RTL_MAR, UINT32_MAX); // AM alone decides
	rtl8139_write(common, RTL_MAR + 4, UINT32_MAX);
	rtl8139_write8(common, RTL_CR, RTL_TE | RTL_RE); // TCR and RCR can be written only now
	rtl8139_write(common, RTL_TCR, RTL_GAP_NORMAL | RTL_TX_BURST_2048);
	rtl8139_write(common, RTL_RCR, BurstAndThreshold | accept);
	rtl8139_write(common, RTL_MPC, 0);
}

bool rtl8139cp_reclaim(struct rtl8139cp *device)
{
	while (device->done != device->handed) {
		if ((READ_ONCE(device->memory->transmit[device->done % device->transmit_entries].status) & CP_OWN) != 0) {
			return false;
		}
		device->done++;
	}
	mb(); // OWN was seen to be clear before the caller writes to what it has got back
	return true;
}

bool rtl8139cp_describe(struct rtl8139cp *device, uint32_t flags, uint32_t vlan, const void *buffer, unsigned length)
{
	rtl8139cp_reclaim(device);
	if (device->handed - device->done == device->transmit_entries) {
		return false;
	}
	unsigned entry = device->handed % device->transmit_entries;
	struct rtl8139cp_descriptor *descriptor = &device->memory->transmit[entry];
	descriptor->vlan = vlan;
	descriptor->buffer = (uintptr_t)buffer;
	dma_wmb(); // the body, and the frame, are in memory before OWN is: the device may be looking already
	WRITE_ONCE(descriptor->status, CP_OWN | (entry + 1 == device->transmit_entries ? CP_EOR : 0) | flags | length);
	device->handed++;
	return true;
}

void rtl8139cp_poll(const struct rtl8139cp *device)
{
	wmb(); // OWN is in memory before the device is told to look
	rtl8139_write8(&device->common, RTL_TPPOLL, RTL_NPQ);
}

bool rtl8139cp_send(struct rtl8139cp *device, const void *frame, unsigned length, uint32_t flags, uint32_t vlan)
{
	rtl8139cp_reclaim(device);
	if (device->handed - device->done == device->transmit_entries) {
		return false;
	}
	uint8_t *buffer = device->memory->transmit_buffers[device->handed % device->transmit_entries];
	memcpy(buffer, frame, length);
	if (length < NIC_SHORTEST_FRAME) { // the device sends what it is given
		memset(buffer + length, 0, NIC_SHORTEST_FRAME - length);
		length = NIC_SHORTEST_FRAME;
	}
	rtl8139cp_describe(device, CP_FS | CP_LS | flags, vlan, buffer, length);
	rtl8139cp_poll(device);
	return true;
}

struct rtl8139cp_descriptor *rtl8139cp_peek(struct rtl8139cp *device)
{
	struct rtl8139cp_descriptor *descriptor = &device->memory->receive[device->taken % device->receive_entries];
	if ((READ_ONCE(descriptor->status) & CP_OWN) != 0) {
		return NULL;
	}
	dma_rmb(); // OWN first, then what it hands back
	return descriptor;
}

void rtl8139cp_consume(struct rtl8139cp *device)
{
	mb(); // the frame has been read before the device may write over it
	give(device, device->taken++ % device->receive_entries);
}

unsigned rtl8139cp_receive(struct rtl8139cp *device, void *buffer, unsigned room)
{
	const struct rtl8139cp_descriptor *descriptor = rtl8139cp_peek(device);
	if (descriptor == NULL) {
		return 0;
	}
	uint32_t status = descriptor->status, size = status & CP_RX_SIZE, length = 0;
	if ((status & (CP_FS | CP_LS | CP_RX_RES)) == (CP_FS | CP_LS) && size > RTL8139_CRC && size <= RTL8139CP_ROOM) {
		length = size - RTL8139_CRC < room ? size - RTL8139_CRC : room;
		memcpy(buffer, (const void *)(uintptr_t)descriptor->buffer, length);
	}
	rtl8139cp_consume(device);
	return length;
}

bool rtl8139cp_dump(const struct rtl8139cp *device, struct rtl8139_counters *counters)
{
	rtl8139_write(&device->common, RTL_DTCCR + 4, 0);
	rtl8139_write(&device->common, RTL_DTCCR, (uint32_t)(uintptr_t)counters | RTL_DUMP);
	bool done = within_deadline((rtl8139_read(&device->common, RTL_DTCCR) & RTL_DUMP) == 0);
	rmb(); // the register read flushed them
	return done;
}

static struct rtl8139cp *of(struct nic *nic)
{
	return (struct rtl8139cp *)nic->private;
}

static bool drives(struct pci_function pci)
{
	return pci_read8(pci, 0x08) >= RTL8139_CPLUS_REVISION;
}

static bool open(struct nic *nic)
{
	struct rtl8139cp *device = of(nic);
	device->memory = memory_of(nic->pci);
	if (device->memory == NULL || !rtl8139_map(nic->pci, &device->common) || !rtl8139_reset(&device->common)) {
		return false;
	}
	rtl8139_station(&device->common, nic->address);
	rtl8139cp_start(device, RTL8139CP_RING, RTL8139CP_RING, Accept, 0);
	return true;
}

static bool send(struct nic *nic, const void *frame, unsigned length) { return rtl8139cp_send(of(nic), frame, length, 0, 0); }
static unsigned receive(struct nic *nic, void *buffer, unsigned room) { return rtl8139cp_receive(of(nic), buffer, room); }
static bool all_sent(struct nic *nic) { return rtl8139cp_reclaim(of(nic)); }
static bool link_up(struct nic *nic) { return (rtl8139_read8(&of(nic)->common, RTL_MSR) & RTL_LINKB) == 0; }
static void close(struct nic *nic) { rtl8139_reset(&of(nic)->common); }

static void set_promiscuous(struct nic *nic, bool on)
{
	rtl8139_write(&of(nic)->common, RTL_RCR, BurstAndThreshold | Accept | (on ? RTL_AAP | RTL_AM : 0));
}

const struct nic_driver rtl8139cp_driver = {
	.name = "rtl8139cp", .vendor = RTL8139_VENDOR, .device = RTL8139_DEVICE, .drives = drives, .open = open, .send = send, .receive = receive,
	.all_sent = all_sent, .link_up = link_up, .set_promiscuous = set_promiscuous, .close = close,
};
