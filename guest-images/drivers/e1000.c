#include "e1000.h"

enum { Vendor = 0x8086, Device = 0x100E };

uint32_t e1000_read(const struct e1000 *nic, unsigned offset)
{
	return nic->registers[offset / 4];
}

void e1000_write(const struct e1000 *nic, unsigned offset, uint32_t value)
{
	nic->registers[offset / 4] = value;
}

void e1000_flush(const struct e1000 *nic)
{
	(void)e1000_read(nic, E1000_STATUS);
}

static void pins(const struct e1000 *nic, uint32_t levels)
{
	e1000_write(nic, E1000_EECD, E1000_EECD_REQ | levels);
	e1000_flush(nic);
}

// A Microwire EEPROM takes a bit, and gives the next, as SK rises (5.3.1).
static unsigned clock_bit(const struct e1000 *nic, unsigned bit)
{
	uint32_t levels = E1000_EECD_CS | (bit != 0 ? E1000_EECD_DI : 0);
	pins(nic, levels);
	pins(nic, levels | E1000_EECD_SK);
	unsigned out = (e1000_read(nic, E1000_EECD) & E1000_EECD_DO) != 0;
	pins(nic, levels);
	return out;
}

uint16_t e1000_eeprom_word_by_pins(const struct e1000 *nic, unsigned index)
{
	enum { Read = 6, AddressBits = 6, CommandBits = 3 + AddressBits };
	pins(nic, 0);
	(void)within_deadline(e1000_read(nic, E1000_EECD) & E1000_EECD_GNT);
	pins(nic, E1000_EECD_CS);
	uint32_t command = Read << AddressBits | index, word = 0;
	for (unsigned bit = CommandBits; bit-- > 0;) {
		clock_bit(nic, command >> bit & 1);
	}
	for (unsigned bit = 0; bit < 16; bit++) {
		word = word << 1 | clock_bit(nic, 0);
	}
	pins(nic, 0);
	e1000_write(nic, E1000_EECD, 0); // the controller may have its EEPROM back
	return (uint16_t)word;
}

uint16_t e1000_eeprom_word(const struct e1000 *nic, unsigned index)
{
	e1000_write(nic, E1000_EERD, index << E1000_EERD_ADDRESS | E1000_EERD_START);
	uint32_t value = 0;
	(void)within_deadline((value = e1000_read(nic, E1000_EERD)) & E1000_EERD_DONE);
	return (uint16_t)(value >> E1000_EERD_DATA);
}

bool e1000_phy_access(const struct e1000 *nic, unsigned phy, unsigned index, bool write, uint16_t *value)
{
	uint32_t command = phy << E1000_MDIC_PHY | index << E1000_MDIC_REGISTER, answer = 0;
	e1000_write(nic, E1000_MDIC, command | (write ? E1000_MDIC_WRITE | *value : (uint32_t)E1000_MDIC_READ));
	bool ready = within_deadline((answer = e1000_read(nic, E1000_MDIC)) & E1000_MDIC_READY);
	if (!write) {
		*value = (uint16_t)answer;
	}
	return ready && (answer & E1000_MDIC_ERROR) == 0;
}

uint16_t e1000_phy_read(const struct e1000 *nic, unsigned index)
{
	uint16_t value = 0;
	return e1000_phy_access(nic, 1, index, false, &value) ? value : 0xFFFF;
}

void e1000_phy_write(const struct e1000 *nic, unsigned index, uint16_t value)
{
	(void)e1000_phy_access(nic, 1, index, true, &value);
}

bool e1000_link_up(const struct e1000 *nic)
{
	return (e1000_read(nic, E1000_STATUS) & E1000_STATUS_LU) != 0;
}

void e1000_set_address(const struct e1000 *nic, unsigned index, const uint8_t *address)
{
	e1000_write(nic, E1000_RAH(index), 0); // no frame meets half an address
	if (address != NULL) {
		e1000_write(nic, E1000_RAL(index), address[0] | address[1] << 8 | address[2] << 16 | (uint32_t)address[3] << 24);
		e1000_write(nic, E1000_RAH(index), E1000_RAH_AV | address[4] | address[5] << 8);
	}
}

void e1000_reset(struct e1000 *nic)
{
	e1000_write(nic, E1000_IMC, UINT32_MAX);
	e1000_write(nic, E1000_RCTL, 0);
	e1000_write(nic, E1000_TCTL, 0);
	e1000_flush(nic);
	e1000_write(nic, E1000_CTRL, e1000_read(nic, E1000_CTRL) | E1000_CTRL_RST);
	delay_us(10); // no access within a microsecond of it (13.4.1)
	(void)within_deadline((e1000_read(nic, E1000_CTRL) & E1000_CTRL_RST) == 0);

	// What follows is true of hardware after a reset, or left undefined by it; a driver does not count on either.
	e1000_write(nic, E1000_IMC, UINT32_MAX);
	(void)e1000_causes(nic);
	e1000_write(nic, E1000_CTRL, E1000_CTRL_FD | E1000_CTRL_ASDE | E1000_CTRL_SLU);
	for (unsigned i = 0; i < E1000_RECEIVE_ADDRESSES; i++) {
		e1000_set_address(nic, i, i == 0 ? nic->address : NULL);
	}
	for (unsigned i = 0; i < E1000_MTA_WORDS; i++) {
		e1000_write(nic, E1000_MTA + i * 4, 0);
	}
	for (unsigned i = 0; i < E1000_VFTA_WORDS; i++) {
		e1000_write(nic, E1000_VFTA + i * 4, 0);
	}
	for (unsigned offset = E1000_MPC; offset <= E1000_LAST_STATISTIC; offset += 4) {
		(void)e1000_read(nic, offset);
	}
	static const uint16_t zeros[] = { E1000_ITR, E1000_RDTR, E1000_RADV, E1000_TIDV, E1000_TADV, E1000_RXCSUM, E1000_RXDCTL, E1000_TXDCTL };
	for (unsigned i = 0; i < sizeof zeros / sizeof *zeros; i++) {
		e1000_write(nic, zeros[i], 0);
	}
	e1000_write(nic, E1000_VET, 0x8100);
	memset(&nic->transmit, 0, sizeof nic->transmit);
	memset(&nic->receive, 0, sizeof nic->receive);
}

bool e1000_open_function(struct pci_function pci, struct e1000 *nic)
{
	memset(nic, 0, sizeof *nic);
	nic->pci = pci;
	nic->registers = (volatile uint32_t *)(uintptr_t)pci_bar_read(pci, 0).address;
	nic_enable(pci);
	uint16_t sum = 0;
	for (unsigned i = 0; i < E1000_EEPROM_WORDS; i++) {
		uint16_t word = e1000_eeprom_word(nic, i);
		sum = (uint16_t)(sum + word);
		if (i < NIC_ADDRESS / 2) {
			nic->address[i * 2] = (uint8_t)word;
			nic->address[i * 2 + 1] = (uint8_t)(word >> 8);
		}
	}
	e1000_reset(nic);
	return sum == E1000_EEPROM_SUM;
}

bool e1000_open(unsigned index, struct e1000 *nic)
{
	struct pci_function pci;
	return pci_find(Vendor, Device, index, &pci) && e1000_open_function(pci, nic);
}

void e1000_use_rings(struct e1000 *nic, union e1000_transmit_descriptor *transmit, unsigned transmit_count,
					 struct e1000_receive_descriptor *receive, unsigned receive_count)
{
	memset(transmit, 0, transmit_count * sizeof *transmit);
	memset(receive, 0, receive_count * sizeof *receive);
	nic->transmit.descriptors = transmit;
	nic->transmit.count = transmit_count;
	nic->transmit.next = 0;
	nic->receive.descriptors = receive;
	nic->receive.count = receive_count;
	nic->receive.next = nic->receive.oldest = 0;
	e1000_write(nic, E1000_TDBAL, (uint32_t)(uintptr_t)transmit);
	e1000_write(nic, E1000_TDBAH, (uint32_t)((uint64_t)(uintptr_t)transmit >> 32));
	e1000_write(nic, E1000_TDLEN, transmit_count * sizeof *transmit);
	e1000_write(nic, E1000_TDH, 0);
	e1000_write(nic, E1000_TDT, 0);
	e1000_write(nic, E1000_RDBAL, (uint32_t)(uintptr_t)receive);
	e1000_write(nic, E1000_RDBAH, (uint32_t)((uint64_t)(uintptr_t)receive >> 32));
	e1000_write(nic, E1000_RDLEN, receive_count * sizeof *receive);
	e1000_write(nic, E1000_RDH, 0);
	e1000_write(nic, E1000_RDT, 0);
}

void e1000_start(struct e1000 *nic, uint32_t receive_control)
{
	e1000_write(nic, E1000_TIPG, 10 | 8 << 10 | 6 << 20); // 13.4.34
	e1000_write(nic, E1000_TCTL, E1000_TCTL_EN | E1000_TCTL_PSP | 0x0F << E1000_TCTL_CT | 0x40 << E1000_TCTL_COLD);
	e1000_write(nic, E1000_RCTL, E1000_RCTL_EN | E1000_RCTL_SECRC | receive_control);
}

unsigned e1000_put(struct e1000 *nic, union e1000_transmit_descriptor descriptor)
{
	unsigned place = nic->transmit.next;
	nic->transmit.descriptors[place] = descriptor;
	nic->transmit.next = (place + 1) % nic->transmit.count;
	return place;
}

unsigned e1000_put_legacy(struct e1000 *nic, const void *buffer, unsigned length, uint8_t command)
{
	union e1000_transmit_descriptor descriptor = { .legacy = { .buffer = (uintptr_t)buffer, .length = (uint16_t)length, .command = command } };
	return e1000_put(nic, descriptor);
}

void e1000_send(struct e1000 *nic)
{
	// The frame and its descriptors are in memory before the controller learns that they are there. It reads descriptors only
	// behind the tail that it was told: its side of e1000.tail-before-descriptor.
	wmb();
	e1000_write(nic, E1000_TDT, nic->transmit.next);
}

bool e1000_is_sent(const struct e1000 *nic, unsigned place)
{
	if ((READ_ONCE(nic->transmit.descriptors[place].legacy.status) & E1000_TXD_DD) == 0) {
		return false;
	}

	// Nothing that the caller does to the buffer comes before DD was seen. The controller had read it by then: e1000.tx.read-before-dd.
	dma_rmb();
	return true;
}

void e1000_put_buffer(struct e1000 *nic, const void *buffer)
{
	nic->receive.descriptors[nic->receive.next] = (struct e1000_receive_descriptor){ .buffer = (uintptr_t)buffer };
	nic->receive.next = (nic->receive.next + 1) % nic->receive.count;
}

void e1000_offer(struct e1000 *nic)
{
	// The old status is gone, and the buffer's contents are no longer looked at, before the controller may write them.
	wmb();
	e1000_write(nic, E1000_RDT, nic->receive.next);
}

const struct e1000_receive_descriptor *e1000_came(const struct e1000 *nic)
{
	const struct e1000_receive_descriptor *descriptor = &nic->receive.descriptors[nic->receive.oldest];
	if ((READ_ONCE(descriptor->status) & E1000_RXD_DD) == 0) {
		return NULL;
	}

	// DD is what the controller writes last. Length, errors and frame, read from here on, are no older: e1000.rx.body-before-dd.
	dma_rmb();
	return descriptor;
}

void e1000_take(struct e1000 *nic)
{
	nic->receive.oldest = (nic->receive.oldest + 1) % nic->receive.count;
}

uint32_t e1000_causes(const struct e1000 *nic)
{
	uint32_t causes = e1000_read(nic, E1000_ICR);
	rmb(); // INTx does not wait for data; the read of a register does, and nothing is looked at before it
	return causes;
}

// As nic.h wants it: a ring each way, with a buffer for every descriptor.

enum { Nics = 4, Descriptors = 64, BufferSize = 2048, OfferedAtOnce = 8 };

static struct memory {
	union e1000_transmit_descriptor transmit[Descriptors];
	struct e1000_receive_descriptor receive[Descriptors];
	uint8_t sent[Descriptors][BufferSize], received[Descriptors][BufferSize];
	bool used;
} __attribute__((aligned(4096))) memories[Nics];

struct state {
	struct e1000 nic;
	struct memory *memory;
	unsigned oldest; // descriptor that has not been seen sent
};
_Static_assert(sizeof(struct state) <= NIC_PRIVATE, "the state is the nic's own");

static struct state *state_of(struct nic *nic)
{
	return (struct state *)nic->private;
}

static struct memory *take_memory(void)
{
	for (unsigned i = 0; i < Nics; i++) {
		if (!memories[i].used) {
			memories[i].used = true;
			return &memories[i];
		}
	}
	return NULL;
}

static bool open(struct nic *nic)
{
	struct state *state = state_of(nic);
	memset(state, 0, sizeof *state);
	if (!e1000_open_function(nic->pci, &state->nic) || (state->memory = take_memory()) == NULL) {
		return false;
	}
	memcpy(nic->address, state->nic.address, NIC_ADDRESS);
	e1000_use_rings(&state->nic, state->memory->transmit, Descriptors, state->memory->receive, Descriptors);
	for (unsigned i = 0; i < Descriptors - 1; i++) {
		e1000_put_buffer(&state->nic, state->memory->received[i]);
	}
	e1000_start(&state->nic, E1000_RCTL_BAM);
	e1000_offer(&state->nic);
	return true;
}

static bool all_sent(struct nic *nic)
{
	struct state *state = state_of(nic);
	while (state->oldest != state->nic.transmit.next && e1000_is_sent(&state->nic, state->oldest)) {
		state->oldest = (state->oldest + 1) % Descriptors;
	}
	return state->oldest == state->nic.transmit.next;
}

static bool send(struct nic *nic, const void *frame, unsigned length)
{
	struct state *state = state_of(nic);
	unsigned place = state->nic.transmit.next;
	(void)all_sent(nic);
	if ((place + 1) % Descriptors == state->oldest) {
		return false;
	}
	memcpy(state->memory->sent[place], frame, length);
	e1000_put_legacy(&state->nic, state->memory->sent[place], length, E1000_TXD_EOP | E1000_TXD_IFCS | E1000_TXD_RS);
	e1000_send(&state->nic);
	return true;
}

static unsigned receive(struct nic *nic, void *buffer, unsigned room)
{
	struct state *state = state_of(nic);
	const struct e1000_receive_descriptor *came;
	unsigned length = 0;
	while (length == 0 && (came = e1000_came(&state->nic)) != NULL) {
		// A frame longer than a buffer does not come while LPE is off.
		if ((came->status & E1000_RXD_EOP) != 0 && came->errors == 0) {
			length = came->length < room ? came->length : room;
			memcpy(buffer, state->memory->received[state->nic.receive.oldest], length);
		}
		e1000_take(&state->nic);
		e1000_put_buffer(&state->nic, state->memory->received[state->nic.receive.next]);
		if (state->nic.receive.next % OfferedAtOnce == 0) {
			e1000_offer(&state->nic);
		}
	}
	return length;
}

static bool link_up(struct nic *nic)
{
	return e1000_link_up(&state_of(nic)->nic);
}

static void set_promiscuous(struct nic *nic, bool on)
{
	struct state *state = state_of(nic);
	uint32_t control = e1000_read(&state->nic, E1000_RCTL) & ~(uint32_t)(E1000_RCTL_UPE | E1000_RCTL_MPE);
	e1000_write(&state->nic, E1000_RCTL, control | (on ? E1000_RCTL_UPE | E1000_RCTL_MPE : 0));
	e1000_flush(&state->nic);
}

static void close(struct nic *nic)
{
	struct state *state = state_of(nic);
	e1000_reset(&state->nic);
	state->memory->used = false;
}

const struct nic_driver e1000_driver = {
	.name = "e1000",
	.vendor = Vendor,
	.device = Device,
	.open = open,
	.send = send,
	.receive = receive,
	.all_sent = all_sent,
	.link_up = link_up,
	.set_promiscuous = set_promiscuous,
	.close = close,
};
