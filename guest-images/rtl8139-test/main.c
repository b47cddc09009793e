// Two RTL8139 on one wire: what the data sheet says of the first, check by check, with the second at the other end.
// driver=classic takes the old mode of a controller that has both; driver=cplus is what it has by its revision.
#include "parts.h"

struct nic dut, peer;
struct rtl8139 *device;
struct rtl8139cp *cplus;
uint8_t ring[RTL8139_RING_MOST + RTL8139_RING_TAIL] __attribute__((aligned(256)));
uint8_t frame[FrameRoom], came[FrameRoom];
const uint8_t broadcast[NIC_ADDRESS] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

static uint32_t crc_table[256];

bool on_qemu(void)
{
	enum { FirmwareSelector = 0x510, FirmwareData = 0x511 }; // fw_cfg, whose first entry is its name
	out16(FirmwareSelector, 0);
	char name[4];
	for (unsigned i = 0; i < sizeof name; i++) {
		name[i] = (char)in8(FirmwareData);
	}
	return memcmp(name, "QEMU", sizeof name) == 0;
}

static void make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t value = i;
		for (unsigned bit = 0; bit < 8; bit++) {
			value = value >> 1 ^ ((value & 1) != 0 ? 0xEDB88320 : 0);
		}
		crc_table[i] = value;
	}
}

uint32_t crc32(const uint8_t *bytes, unsigned length)
{
	uint32_t crc = UINT32_MAX;
	for (unsigned i = 0; i < length; i++) {
		crc = crc >> 8 ^ crc_table[(crc ^ bytes[i]) & 0xFF];
	}
	return ~crc;
}

unsigned multicast_bit(const uint8_t *address)
{
	// The upper six bits of the register that the CRC is computed in: the last bit shifted in is the first.
	uint32_t crc = ~crc32(address, NIC_ADDRESS);
	unsigned bit = 0;
	for (unsigned i = 0; i < 6; i++) {
		bit = bit << 1 | (crc >> i & 1);
	}
	return bit;
}

void make_frame(uint8_t *to, const uint8_t *destination, const uint8_t *source, uint32_t serial, unsigned length)
{
	memcpy(to, destination, NIC_ADDRESS);
	memcpy(to + 6, source, NIC_ADDRESS);
	to[12] = Types >> 8;
	to[13] = Types & 0xFF;
	for (unsigned i = 14; i < length; i++) {
		to[i] = (uint8_t)(serial * 31 + i * 7 + (i >> 8));
	}
	memcpy(to + 14, &serial, sizeof serial);
}

bool is_frame(const uint8_t *bytes, const uint8_t *destination, const uint8_t *source, uint32_t serial, unsigned length)
{
	static uint8_t expected[FrameRoom];
	make_frame(expected, destination, source, serial, length);
	return memcmp(bytes, expected, length) == 0;
}

bool peer_sends(const uint8_t *destination, uint32_t serial, unsigned length)
{
	static uint8_t bytes[FrameRoom];
	make_frame(bytes, destination != NULL ? destination : dut.address, peer.address, serial, length);
	return nic_send(&peer, bytes, length);
}

bool peer_gets(uint32_t serial, unsigned length)
{
	return nic_receive(&peer, came, sizeof came) == length && is_frame(came, peer.address, dut.address, serial, length);
}

bool dut_sends(uint32_t serial, unsigned length)
{
	make_frame(frame, peer.address, dut.address, serial, length);
	return nic_send(&dut, frame, length);
}

bool dut_gets(const uint8_t *destination, uint32_t serial, unsigned length)
{
	unsigned with_crc = length + RTL8139_CRC;
	uint32_t crc = 0;
	bool whole = false;
	if (cplus != NULL) {
		struct rtl8139cp_descriptor *descriptor = NULL;
		if (!within_deadline((descriptor = rtl8139cp_peek(cplus)) != NULL)) {
			return false;
		}
		whole = (descriptor->status & CP_RX_SIZE) == with_crc && (descriptor->status & (CP_FS | CP_LS | CP_RX_RES)) == (CP_FS | CP_LS);
		memcpy(came, (const void *)(uintptr_t)descriptor->buffer, with_crc);
		rtl8139cp_consume(cplus);
	} else {
		uint32_t header = 0;
		if (!within_deadline((header = rtl8139_peek(device)) != 0)) {
			return false;
		}
		whole = header >> 16 == with_crc && (header & 0x3F) == RTL_RX_OK;
		rtl8139_copy(device, came, 0, with_crc);
		rtl8139_consume(device, header);
	}
	memcpy(&crc, came + length, sizeof crc);
	return whole && is_frame(came, destination != NULL ? destination : dut.address, peer.address, serial, length) && crc == crc32(came, length);
}

void drain_peer(void)
{
	within_deadline(dut.driver->all_sent(&dut));
	while (peer.driver->receive(&peer, came, sizeof came) != 0) {
	}
}

bool begin_classic(unsigned log2_of_8k, uint32_t accept)
{
	bool ended = rtl8139_reset(device);
	rtl8139_start(device, log2_of_8k, accept);
	return ended;
}

bool begin_cplus(unsigned receive_entries, unsigned transmit_entries, uint32_t accept, uint16_t command)
{
	bool ended = rtl8139_reset(device);
	rtl8139cp_start(cplus, receive_entries, transmit_entries, accept, command);
	return ended;
}

bool begin(void)
{
	return cplus != NULL ? begin_cplus(RTL8139CP_RING, RTL8139CP_RING, RTL_APM | RTL_AB, 0) : begin_classic(2, RTL_APM | RTL_AB | RTL_WRAP);
}

// Opens the `index`-th controller, in the mode that the guest was told or else the one that its revision calls for.
static bool open_one(unsigned index, int told, struct nic *nic)
{
	static const struct nic_driver *const drivers[] = { &rtl8139_driver, &rtl8139cp_driver };
	if (!nic_find(drivers, 2, index, nic)) {
		return false;
	}
	nic->driver = told >= 0 ? drivers[told] : nic->driver;
	return nic->driver->open(nic) && within_deadline(nic->driver->link_up(nic));
}

int main(void)
{
	static const char *const names[] = { "classic", "cplus" };
	int told = multiboot_choice("driver", names, 2);
	tsc_frequency();
	make_crc_table();
	if (!report("there are two controllers", open_one(0, told, &dut) && open_one(1, told, &peer))) {
		return report_summary();
	}
	cplus = dut.driver == &rtl8139cp_driver ? (struct rtl8139cp *)dut.private : NULL;
	device = cplus != NULL ? &cplus->common : (struct rtl8139 *)dut.private;
	peer.driver->set_promiscuous(&peer, true);
	printf("NOTE the %s driver, revision 0x%x\n", dut.driver->name, pci_read8(dut.pci, 0x08));
	if (cplus == NULL) {
		device->ring = ring;
	}

	check_registers();
	check_eeprom();
	if (cplus == NULL) {
		check_receive_ring();
		check_transmit_buffers();
	} else {
		check_cplus();
		check_offload();
		check_segments();
	}
	check_filters();
	check_interrupts();
	check_resets();
	dut.driver->close(&dut);
	peer.driver->close(&peer);
	return report_summary();
}
