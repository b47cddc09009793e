// What an 8255x owes its driver: polls as a driver does, and the moment the bit shows looks at what must be there already. Two of
// them on one wire, two processors. rounds=N says how many packets; from=N leaves out the first N parts, parts=N those behind
// the first N. What must never be seen is the same under every ordering and in every memory model.
#include "parts.h"

struct eepro100 sender, receiver;
struct block blocks[Ring];
uint8_t receiver_address[NIC_ADDRESS];
uint32_t most_looks;

void idle(uint32_t round, uint32_t most)
{
	uint32_t laps = (round * 0x9E3779B1u >> 16) % most;
	__asm__ volatile("test %0, %0\n\tjz 2f\n1:\tdec %0\n\tjnz 1b\n2:" : "+r"(laps) : : "cc");
}

bool perform(const struct eepro100 *chip, uint16_t command, const void *parameters, unsigned size)
{
	static struct block alone;
	alone.head = (struct eepro100_block){ .command = command | CB_EL };
	memcpy(alone.bytes, parameters, size);
	return eepro100_command(chip, CU_START, &alone) && eepro100_wait(&alone.head) && (alone.head.status & CB_OK) != 0
		   && within_deadline(E100_CUS(eepro100_read8(chip, E100_STATUS)) == CU_IS_IDLE);
}

void make_ring(void)
{
	for (unsigned i = 0; i < Ring; i++) {
		blocks[i].head = (struct eepro100_block){ .status = CB_C, .link = (uint32_t)(uintptr_t)&blocks[(i + 1) % Ring] };
	}
}

void append(unsigned index, uint16_t command, bool look_first)
{
	struct block *block = &blocks[index], *before = &blocks[(index + Ring - 1) % Ring];
	WRITE_ONCE(block->head.status, 0);
	WRITE_ONCE(block->head.command, command | CB_S);
	dma_wmb(); // the block is whole before the one in front of it lets the controller pass
	WRITE_ONCE(before->head.command, before->head.command & ~CB_S);
	// Pairs with the full barrier of eepro100.suspend-recheck: one of us sees what the other has stored.
	dma_mb();
	if (!look_first || E100_CUS(eepro100_read8(&sender, E100_STATUS)) != CU_IS_ACTIVE) {
		(void)eepro100_command(&sender, CU_RESUME, NULL);
	}
}

static bool set_up(unsigned index, struct eepro100 *chip, uint8_t *address)
{
	static const struct nic_driver *const drivers[] = { &eepro100_driver, &eepro100_er_driver };
	struct nic nic;
	if (!nic_find(drivers, 2, index, &nic) || !eepro100_attach(nic.pci, chip)) {
		return false;
	}
	for (unsigned i = 0; i < NIC_ADDRESS; i++) {
		address[i] = (uint8_t)(eepro100_eeprom(chip, i / 2) >> i % 2 * 8);
	}
	return perform(chip, CB_CONFIGURE, eepro100_configuration, E100_CONFIGURATION) && perform(chip, CB_ADDRESS, address, NIC_ADDRESS);
}

int main(void)
{
	static void (*const parts[])(uint32_t rounds) = { check_stream, check_results, check_lists, check_doorbells };
	uint8_t own[NIC_ADDRESS];
	uint32_t rounds = multiboot_option("rounds", 10000), count = sizeof parts / sizeof *parts, wanted = multiboot_option("parts", count);
	most_looks = multiboot_option("looks", 30) * 1000000;
	tsc_frequency();
	if (!report("two processors", smp_start(NULL) >= 2) || !report("two controllers", set_up(0, &sender, own) && set_up(1, &receiver, receiver_address))) {
		return report_summary();
	}
	for (uint32_t i = multiboot_option("from", 0); i < wanted && i < count; i++) {
		parts[i](rounds);
	}
	return report_summary();
}
