#include "eepro100.h"

enum { MiiStatus = 1, MiiLink = 0x0004 };
enum { EepromClock = 0x01, EepromSelect = 0x02, EepromIn = 0x04, EepromOut = 0x08, EepromRead = 6 };
enum { MdiWrite = 1 << 26, MdiRead = 2 << 26, MdiReady = 1 << 28 };
enum { Slots = 32, Room = 1520, Drivers = 4, PollsToLook = 256, WithoutEarlyData = 0xE0 };

struct send_slot { struct eepro100_transmit block; uint8_t frame[Room]; } __attribute__((aligned(16)));
struct receive_slot { struct eepro100_receive descriptor; uint8_t frame[Room]; } __attribute__((aligned(16)));
struct rings { struct send_slot send[Slots]; struct receive_slot receive[Slots]; bool taken; };

struct driver {
	struct eepro100 chip;
	struct rings *rings;
	unsigned next_send, next_receive, polls;
	bool started;
	uint8_t configuration[E100_CONFIGURATION];
};
_Static_assert(sizeof(struct driver) <= NIC_PRIVATE, "the state is too large");

static struct rings rings[Drivers] __attribute__((aligned(4096)));

const uint8_t eepro100_configuration[E100_CONFIGURATION] = {
	E100_CONFIGURATION, 0x08, 0, 0, 0, 0, 0x02 | C6_STANDARD_COUNTERS | C6_STANDARD_TCB, 0x02 | C7_DISCARD_SHORT, 0x01, 0,
	0x26 | C10_NO_SOURCE_INSERTION, 0, 0x60, 0, 0xF2, 0x48, 0, 0x40, 0xF0 | C18_PADDING, 0x80, 0x3F, 0x05,
};

static struct driver *driver_of(struct nic *nic) { return (struct driver *)nic->private; }
const struct eepro100 *eepro100_of(const struct nic *nic) { return &((const struct driver *)nic->private)->chip; }

void eepro100_port(const struct eepro100 *chip, enum eepro100_port function, const volatile void *address)
{
	wmb(); // the area is as it was made before the controller writes there
	eepro100_write32(chip, E100_PORT, (uint32_t)(uintptr_t)address | function);
	delay_us(10); // 6.3.3: a reset takes ten clocks of either bus, during which nothing may be read
}

bool eepro100_command_now(const struct eepro100 *chip, enum eepro100_unit_command command, const volatile void *pointer)
{
	return eepro100_command(chip, command, pointer) && within_deadline(eepro100_read8(chip, E100_COMMAND) == 0);
}

bool eepro100_command(const struct eepro100 *chip, enum eepro100_unit_command command, const volatile void *pointer)
{
	if (!within_deadline(eepro100_read8(chip, E100_COMMAND) == 0)) {
		return false;
	}
	wmb(); // blocks and descriptors are in memory before the command that leads to them
	eepro100_write32(chip, E100_POINTER, (uint32_t)(uintptr_t)pointer);
	eepro100_write8(chip, E100_COMMAND, (uint8_t)command);
	return true;
}

bool eepro100_wait(const struct eepro100_block *block)
{
	bool came = within_deadline((READ_ONCE(block->status) & CB_C) != 0);
	dma_rmb(); // pairs with the controller's: the command's work, then its status
	return came;
}

void eepro100_reset(const struct eepro100 *chip)
{
	// A selective reset first, so that no DMA is under way when everything is forgotten (6.3.3.1).
	eepro100_port(chip, PORT_SELECTIVE_RESET, NULL);
	eepro100_port(chip, PORT_RESET, NULL);
	eepro100_write8(chip, E100_MASK, MASK_ALL); // a reset unmasks
}

bool eepro100_attach(struct pci_function pci, struct eepro100 *chip)
{
	chip->pci = pci;
	chip->registers = (volatile uint8_t *)(uintptr_t)pci_bar_read(pci, 0).address;
	chip->ports = (uint16_t)pci_bar_read(pci, 1).address;
	nic_enable(pci);
	eepro100_reset(chip);
	return eepro100_command_now(chip, CU_LOAD_BASE, NULL) && eepro100_command_now(chip, RU_LOAD_BASE, NULL);
}

// Sends one bit, which is taken at the rising edge, and returns what the EEPROM says then.
static bool eeprom_bit(const struct eepro100 *chip, bool bit)
{
	uint16_t lines = EepromSelect | (bit ? EepromIn : 0);
	eepro100_write16(chip, E100_EEPROM, lines);
	eepro100_write16(chip, E100_EEPROM, lines | EepromClock);
	bool answer = (eepro100_read16(chip, E100_EEPROM) & EepromOut) != 0;
	eepro100_write16(chip, E100_EEPROM, lines);
	return answer;
}

static void eeprom_begin(const struct eepro100 *chip)
{
	eepro100_write16(chip, E100_EEPROM, EepromSelect);
	for (unsigned i = 3; i-- != 0;) {
		eeprom_bit(chip, (EepromRead >> i & 1) != 0);
	}
}

unsigned eepro100_eeprom_width(const struct eepro100 *chip)
{
	// The EEPROM answers the last bit of an address with a zero (6.3.4.1).
	unsigned width = 0;
	bool answer = true;
	eeprom_begin(chip);
	while (answer && width <= 8) {
		answer = eeprom_bit(chip, false);
		width++;
	}
	eepro100_write16(chip, E100_EEPROM, 0);
	return answer ? 0 : width;
}

uint16_t eepro100_eeprom(const struct eepro100 *chip, unsigned word)
{
	unsigned value = 0;
	unsigned width = eepro100_eeprom_width(chip);
	eeprom_begin(chip);
	for (unsigned i = width; i-- != 0;) {
		eeprom_bit(chip, (word >> i & 1) != 0);
	}
	for (unsigned i = 0; i < 16; i++) {
		value = value << 1 | (eeprom_bit(chip, false) ? 1 : 0);
	}
	eepro100_write16(chip, E100_EEPROM, 0);
	return (uint16_t)value;
}

static uint32_t phy_cycle(const struct eepro100 *chip, uint32_t command, unsigned phy, unsigned number)
{
	eepro100_write32(chip, E100_MDI, command | phy << 21 | number << 16);
	(void)within_deadline((eepro100_read32(chip, E100_MDI) & MdiReady) != 0);
	return eepro100_read32(chip, E100_MDI);
}

uint16_t eepro100_phy_read(const struct eepro100 *chip, unsigned phy, unsigned number)
{
	return (uint16_t)phy_cycle(chip, MdiRead, phy, number);
}

void eepro100_phy_write(const struct eepro100 *chip, unsigned phy, unsigned number, uint16_t value)
{
	(void)phy_cycle(chip, MdiWrite | value, phy, number);
}

// The block at next_send, or null while it is still the controller's.
static struct send_slot *claim(struct driver *driver)
{
	struct send_slot *slot = &driver->rings->send[driver->next_send];
	if ((READ_ONCE(slot->block.head.status) & CB_C) == 0) {
		return NULL;
	}
	dma_rmb(); // what the block held is free only behind its C: pairs with the controller's reading it before
	return slot;
}

// The list never ends: its last block has S, and the controller waits there. It goes on when S has gone and it is told so.
static bool append(struct driver *driver, struct send_slot *slot, uint16_t command)
{
	struct send_slot *before = &driver->rings->send[(driver->next_send + Slots - 1) % Slots];
	driver->next_send = (driver->next_send + 1) % Slots;
	WRITE_ONCE(slot->block.head.status, 0);
	WRITE_ONCE(slot->block.head.command, command | CB_S);
	if (!driver->started) {
		driver->started = true;
		return eepro100_command(&driver->chip, CU_START, slot);
	}
	dma_wmb(); // the block is whole, its S too, before the one in front of it lets the controller pass
	WRITE_ONCE(before->block.head.command, before->block.head.command & ~CB_S);
	// S has gone before the resume comes. Pairs with the controller's full barrier between suspending and looking again: either
	// it finds S gone, or the resume finds it suspended.
	dma_mb();
	return eepro100_command(&driver->chip, CU_RESUME, NULL);
}

// A command with its parameters, and waits for its end.
static bool perform(struct driver *driver, uint16_t command, const void *parameters, unsigned size)
{
	struct send_slot *slot;
	if (!within_deadline((slot = claim(driver)) != NULL)) {
		return false;
	}
	memcpy((uint8_t *)slot + sizeof slot->block.head, parameters, size);
	return append(driver, slot, command) && eepro100_wait(&slot->block.head) && (READ_ONCE(slot->block.head.status) & CB_OK) != 0;
}

static void make_rings(struct rings *made)
{
	for (unsigned i = 0; i < Slots; i++) {
		struct send_slot *send = &made->send[i];
		send->block.head = (struct eepro100_block){ .status = CB_C, .link = (uint32_t)(uintptr_t)&made->send[(i + 1) % Slots] };
		made->receive[i].descriptor = (struct eepro100_receive){
			.head = { .command = i == Slots - 1 ? RFD_EL : 0, .link = (uint32_t)(uintptr_t)&made->receive[(i + 1) % Slots] },
			.buffers = UINT32_MAX,
			.size = Room,
		};
	}
}

static struct rings *take_rings(void)
{
	for (unsigned i = 0; i < Drivers; i++) {
		if (!rings[i].taken) {
			rings[i].taken = true;
			return &rings[i];
		}
	}
	return NULL;
}

static void close(struct nic *nic)
{
	struct driver *driver = driver_of(nic);
	eepro100_reset(&driver->chip);
	driver->rings->taken = false;
}

static bool start(struct nic *nic)
{
	struct driver *driver = driver_of(nic);
	if (!eepro100_attach(nic->pci, &driver->chip)) {
		return false;
	}
	for (unsigned i = 0; i < NIC_ADDRESS / 2; i++) {
		uint16_t word = eepro100_eeprom(&driver->chip, i);
		nic->address[i * 2] = (uint8_t)word;
		nic->address[i * 2 + 1] = (uint8_t)(word >> 8);
	}
	make_rings(driver->rings);
	memcpy(driver->configuration, eepro100_configuration, sizeof driver->configuration);
	return perform(driver, CB_CONFIGURE, driver->configuration, sizeof driver->configuration)
		   && perform(driver, CB_ADDRESS, nic->address, NIC_ADDRESS)
		   && eepro100_command_now(&driver->chip, RU_START, &driver->rings->receive[0]);
}

static bool open(struct nic *nic)
{
	struct driver *driver = driver_of(nic);
	memset(driver, 0, sizeof *driver);
	driver->rings = take_rings();
	if (driver->rings == NULL) {
		return false;
	}
	bool started = start(nic);
	if (!started) {
		close(nic);
	}
	return started;
}

static bool send(struct nic *nic, const void *frame, unsigned length)
{
	struct driver *driver = driver_of(nic);
	struct send_slot *slot = length <= Room ? claim(driver) : NULL;
	if (slot == NULL) {
		return false;
	}
	slot->block.buffers = (uint32_t)TCB_NO_BUFFERS;
	slot->block.count = (uint16_t)(length | TCB_EOF);
	slot->block.threshold = WithoutEarlyData;
	slot->block.buffer_count = 0;
	memcpy(slot->frame, frame, length);
	return append(driver, slot, CB_TRANSMIT);
}

static bool all_sent(struct nic *nic)
{
	struct driver *driver = driver_of(nic);
	const struct send_slot *last = &driver->rings->send[(driver->next_send + Slots - 1) % Slots];
	return (READ_ONCE(last->block.head.status) & CB_C) != 0;
}

// The receive unit stops behind a descriptor that had EL when it was read; it is started again where the driver waits.
static void look_after_receiving(struct driver *driver)
{
	struct receive_slot *slot = &driver->rings->receive[driver->next_receive];
	if (E100_RUS(eepro100_read8(&driver->chip, E100_STATUS)) == RU_IS_WITHOUT_RESOURCES) {
		rmb(); // it wrote its last frame before it stopped: if that was into this one, it has come by now
		if ((READ_ONCE(slot->descriptor.head.status) & RFD_C) == 0) {
			eepro100_command(&driver->chip, RU_START, slot);
		}
	}
}

// Gives a descriptor back, as the new last one.
static void give_back(struct driver *driver, struct receive_slot *slot)
{
	struct receive_slot *last = &driver->rings->receive[(driver->next_receive + Slots - 1) % Slots];
	slot->descriptor.count = 0;
	WRITE_ONCE(slot->descriptor.head.command, RFD_EL);
	WRITE_ONCE(slot->descriptor.head.status, 0);
	dma_wmb(); // it is empty and ends the list before the one in front of it no longer does
	WRITE_ONCE(last->descriptor.head.command, 0);
	driver->next_receive = (driver->next_receive + 1) % Slots;
}

static unsigned receive(struct nic *nic, void *buffer, unsigned room)
{
	struct driver *driver = driver_of(nic);
	struct receive_slot *slot = &driver->rings->receive[driver->next_receive];
	uint16_t status = READ_ONCE(slot->descriptor.head.status);
	if ((status & RFD_C) == 0) {
		if (++driver->polls % PollsToLook == 0) { // a register read costs more than a poll
			look_after_receiving(driver);
		}
		return 0;
	}
	dma_rmb(); // pairs with the controller's: frame, then count, then status
	unsigned length = (status & RFD_OK) != 0 ? slot->descriptor.count & RFD_COUNT : 0;
	length = length > Room ? Room : length;
	memcpy(buffer, slot->frame, length < room ? length : room);
	give_back(driver, slot); // the copy was made before: stores do not pass earlier loads
	return length;
}

static bool link_up(struct nic *nic)
{
	const struct eepro100 *chip = &driver_of(nic)->chip;
	(void)eepro100_phy_read(chip, E100_PHY, MiiStatus); // the first reading remembers that it was down (IEEE 802.3, 22.2.4.2.13)
	return (eepro100_phy_read(chip, E100_PHY, MiiStatus) & MiiLink) != 0;
}

static void set_promiscuous(struct nic *nic, bool on)
{
	struct driver *driver = driver_of(nic);
	driver->configuration[15] = (uint8_t)(eepro100_configuration[15] | (on ? C15_PROMISCUOUS : 0));
	(void)perform(driver, CB_CONFIGURE, driver->configuration, sizeof driver->configuration);
}

const struct nic_driver eepro100_driver = {
	.name = "eepro100", .vendor = 0x8086, .device = 0x1229, .open = open, .send = send, .receive = receive, .all_sent = all_sent,
	.link_up = link_up, .set_promiscuous = set_promiscuous, .close = close,
};

const struct nic_driver eepro100_er_driver = {
	.name = "eepro100er", .vendor = 0x8086, .device = 0x1209, .open = open, .send = send, .receive = receive, .all_sent = all_sent,
	.link_up = link_up, .set_promiscuous = set_promiscuous, .close = close,
};
