// A driver for Intel's 82557, 82558, 82559 and 82559ER (8255x Open Source Software Developer Manual).
//
// It uses what all of them have: command blocks and receive frames in simplified mode, the standard configuration. What a guest
// needs to go further itself is here too: registers, blocks, EEPROM, PHY.
#pragma once

#include "nic.h"

enum eepro100_register {
	E100_STATUS = 0x00, E100_ACKNOWLEDGE = 0x01, E100_COMMAND = 0x02, E100_MASK = 0x03, E100_POINTER = 0x04, E100_PORT = 0x08,
	E100_EEPROM = 0x0E, E100_MDI = 0x10, E100_EARLY = 0x14, E100_FLOW = 0x19, E100_POWER = 0x1B, E100_CONTROL = 0x1C, E100_GENERAL = 0x1D,
};

// STATUS: the states of the command unit and of the receive unit (6.3.1).
#define E100_CUS(status) ((status) >> 6 & 3)
#define E100_RUS(status) ((status) >> 2 & 15)
enum eepro100_command_unit { CU_IS_IDLE, CU_IS_SUSPENDED, CU_IS_ACTIVE, CU_IS_ACTIVE_HIGH };
enum eepro100_receive_unit { RU_IS_IDLE, RU_IS_SUSPENDED, RU_IS_WITHOUT_RESOURCES, RU_IS_READY = 4, RU_IS_WITHOUT_BUFFERS = 10 };

// ACKNOWLEDGE: the causes; MASK: what holds them back, all of them or one kind (82558 and later), and the driver's own interrupt.
enum eepro100_cause { CAUSE_FCP = 0x01, CAUSE_SWI = 0x04, CAUSE_MDI = 0x08, CAUSE_RNR = 0x10, CAUSE_CNA = 0x20, CAUSE_FR = 0x40, CAUSE_CX = 0x80 };
enum eepro100_mask { MASK_ALL = 0x01, MASK_RAISE_SWI = 0x02, MASK_FCP = 0x04, MASK_ER = 0x08, MASK_RNR = 0x10, MASK_CNA = 0x20, MASK_FR = 0x40, MASK_CX = 0x80 };

enum eepro100_unit_command {
	CU_START = 0x10, CU_RESUME = 0x20, CU_LOAD_COUNTERS = 0x40, CU_DUMP_COUNTERS = 0x50, CU_LOAD_BASE = 0x60, CU_DUMP_AND_RESET = 0x70,
	RU_START = 0x01, RU_RESUME = 0x02, RU_ABORT = 0x04, RU_LOAD_HEADER_SIZE = 0x05, RU_LOAD_BASE = 0x06, RU_RESUME_BUFFERS = 0x07,
};

enum eepro100_port { PORT_RESET, PORT_SELF_TEST, PORT_SELECTIVE_RESET, PORT_DUMP };

// The head of a command block: status and command are halves of one dword, and each side stores its own half alone.
struct eepro100_block { uint16_t status, command; uint32_t link; };
enum eepro100_block_status { CB_C = 0x8000, CB_OK = 0x2000, CB_U = 0x1000 };
enum eepro100_block_command {
	CB_NOP, CB_ADDRESS, CB_CONFIGURE, CB_MULTICAST, CB_TRANSMIT, CB_MICROCODE, CB_DUMP, CB_DIAGNOSE,
	CB_SF = 0x0008, CB_NC = 0x0010, CB_I = 0x2000, CB_S = 0x4000, CB_EL = 0x8000,
};

/// A transmit command block; in simplified mode the frame stands behind it, in flexible mode there is an array of buffers.
struct eepro100_transmit {
	struct eepro100_block head;
	uint32_t buffers;
	uint16_t count;
	uint8_t threshold, buffer_count;
};
enum { TCB_EOF = 0x8000, TCB_NO_BUFFERS = -1 };
struct eepro100_buffer { uint32_t address; uint16_t size, el; };

/// A receive frame descriptor; in simplified mode the frame is put behind it, in flexible mode into buffers.
struct eepro100_receive {
	struct eepro100_block head;
	uint32_t buffers;
	uint16_t count, size;
};
enum { RFD_COUNT = 0x3FFF, RFD_F = 0x4000, RFD_EOF = 0x8000 };
enum eepro100_receive_status {
	RFD_C = 0x8000, RFD_OK = 0x2000, RFD_NO_ROOM = 0x0200, RFD_SHORT = 0x0080, RFD_TYPE = 0x0020, RFD_NO_MATCH = 0x0004, RFD_NOT_INDIVIDUAL = 0x0002,
};
enum eepro100_receive_command { RFD_SF = 0x0008, RFD_H = 0x0010, RFD_S = 0x4000, RFD_EL = 0x8000 };

/// The bytes of a configuration that the driver changes, and their bits (6.4.2.3).
enum { E100_CONFIGURATION = 22 };
extern const uint8_t eepro100_configuration[E100_CONFIGURATION];
enum eepro100_configuration_bits {
	C6_SAVE_BAD = 0x80, C6_STANDARD_COUNTERS = 0x20, C6_STANDARD_TCB = 0x10, C6_TCO_COUNTERS = 0x04, C7_DISCARD_SHORT = 0x01,
	C10_LOOPBACK = 0x40, C10_NO_SOURCE_INSERTION = 0x08, C15_PROMISCUOUS = 0x01, C15_NO_BROADCAST = 0x02, C18_PADDING = 0x02,
	C18_CRC_TRANSFER = 0x04, C18_LONG_RECEIVE = 0x08, C20_MULTIPLE_ADDRESSES = 0x40, C21_ALL_MULTICAST = 0x08,
};

/// A controller and its windows: the registers are at `registers` and, the same ones, at `ports`.
struct eepro100 {
	struct pci_function pci;
	volatile uint8_t *registers;
	uint16_t ports;
};

static inline uint8_t eepro100_read8(const struct eepro100 *chip, unsigned offset) { return chip->registers[offset]; }
static inline void eepro100_write8(const struct eepro100 *chip, unsigned offset, uint8_t value) { chip->registers[offset] = value; }

static inline uint16_t eepro100_read16(const struct eepro100 *chip, unsigned offset)
{
	return *(volatile uint16_t *)(chip->registers + offset);
}

static inline void eepro100_write16(const struct eepro100 *chip, unsigned offset, uint16_t value)
{
	*(volatile uint16_t *)(chip->registers + offset) = value;
}

static inline uint32_t eepro100_read32(const struct eepro100 *chip, unsigned offset)
{
	return *(volatile uint32_t *)(chip->registers + offset);
}

static inline void eepro100_write32(const struct eepro100 *chip, unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(chip->registers + offset) = value;
}

/// Finds the windows and resets the controller; its interrupts are masked and both bases are 0. False if it does not answer.
bool eepro100_attach(struct pci_function pci, struct eepro100 *chip);

/// Resets it: nothing of what it did goes on, and its interrupts are masked.
void eepro100_reset(const struct eepro100 *chip);

/// Writes to PORT and waits for as long as a reset takes. `address`, on 16 bytes, is where self-test and dump put their results.
void eepro100_port(const struct eepro100 *chip, enum eepro100_port function, const volatile void *address);

/// Gives a command to the units once the one before has been accepted. What was stored before is visible to them. False if it never is.
bool eepro100_command(const struct eepro100 *chip, enum eepro100_unit_command command, const volatile void *pointer);

/// The same, and waits until this one has been accepted.
bool eepro100_command_now(const struct eepro100 *chip, enum eepro100_unit_command command, const volatile void *pointer);

/// Waits for a block to be complete. What it wrote is visible.
bool eepro100_wait(const struct eepro100_block *block);

/// Reads a word of the EEPROM, by bits; and how many bits its addresses have, 6 or 8, or 0 if none answers.
uint16_t eepro100_eeprom(const struct eepro100 *chip, unsigned word);
unsigned eepro100_eeprom_width(const struct eepro100 *chip);

/// Registers of a PHY; the board's own one is at E100_PHY.
enum { E100_PHY = 1 };
uint16_t eepro100_phy_read(const struct eepro100 *chip, unsigned phy, unsigned number);
void eepro100_phy_write(const struct eepro100 *chip, unsigned phy, unsigned number, uint16_t value);

/// The controller that the driver has opened: registers may be read, the rings are the driver's.
const struct eepro100 *eepro100_of(const struct nic *nic);
