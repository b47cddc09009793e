#include "dma_test.h"

enum { Vendor = 0x1234, Device = 0xD3A7, Id = 0x54414D44, MasterBit = 4 };

unsigned dma_test_add(struct dma_test_script *script, struct dma_test_instruction instruction)
{
	script->slots[script->count] = instruction;
	return script->count++;
}

uint32_t dma_test_read(const struct dma_test *device, unsigned offset)
{
	return device->registers[offset / 4];
}

void dma_test_write(const struct dma_test *device, unsigned offset, uint32_t value)
{
	device->registers[offset / 4] = value;
}

uint64_t dma_test_read64(const struct dma_test *device, unsigned offset)
{
	uint32_t low = dma_test_read(device, offset);
	return (uint64_t)dma_test_read(device, offset + 4) << 32 | low;
}

void dma_test_write64(const struct dma_test *device, unsigned offset, uint64_t value)
{
	dma_test_write(device, offset, (uint32_t)value);
	dma_test_write(device, offset + 4, (uint32_t)(value >> 32));
}

void dma_test_master(const struct dma_test *device, bool on)
{
	uint16_t command = pci_read16(device->pci, 4) & (uint16_t)~MasterBit;
	pci_write16(device->pci, 4, command | (on ? MasterBit : 0));
}

bool dma_test_open(unsigned index, struct dma_test *device)
{
	memset(device, 0, sizeof *device);
	if (!pci_find(Vendor, Device, index, &device->pci)) {
		return false;
	}
	device->registers = (volatile uint32_t *)(uintptr_t)pci_bar_read(device->pci, 0).address;
	device->ports = (uint16_t)pci_bar_read(device->pci, 1).address;
	pci_write16(device->pci, 4, pci_read16(device->pci, 4) | 3);
	if (dma_test_read(device, DT_ID) != Id || !msix_open(device->pci, &device->msix)) {
		return false;
	}
	msix_enable(&device->msix, false, false);
	dma_test_reset(device);
	dma_test_master(device, true);
	return true;
}

void dma_test_reset(struct dma_test *device)
{
	// Nothing of an old script happens once this write is over. A read makes sure that it is.
	dma_test_write(device, DT_CONTROL, DT_RESET);
	(void)dma_test_read(device, DT_STATUS);
	device->sequence = 0;
}

void dma_test_load(const struct dma_test *device, const struct dma_test_script *script)
{
	const uint32_t *words = (const uint32_t *)script->slots;
	for (unsigned i = 0; i < script->count * 4; i++) {
		dma_test_write(device, DT_SCRIPT + i * 4, words[i]);
	}
}

void dma_test_start(struct dma_test *device, unsigned slot)
{
	device->sequence++;
	wmb(); // what the script reads is in memory before the doorbell rings
	dma_test_write(device, DT_DOORBELL, slot);
}

uint32_t dma_test_wait(const struct dma_test *device)
{
	uint32_t status = 0;
	within_deadline(DT_STATE(status = dma_test_read(device, DT_STATUS)) != DT_RUNNING);
	rmb(); // the register read flushed what the script wrote; nothing is read before it
	return status;
}

void dma_test_use_record(struct dma_test *device, struct dma_test_record *record)
{
	dma_test_write64(device, DT_RECORD_ADDRESS, (uintptr_t)record);
	dma_test_write(device, DT_CONTROL, record != NULL ? DT_WITH_RECORD : 0);
}

bool dma_test_wait_record(const struct dma_test *device, const struct dma_test_record *record)
{
	bool came = within_deadline(READ_ONCE(record->sequence) == device->sequence);
	dma_rmb(); // pairs with the publishing of status and sequence behind the rest of the record
	return came;
}

uint32_t dma_test_run(struct dma_test *device, const struct dma_test_script *script)
{
	dma_test_load(device, script);
	dma_test_start(device, 0);
	return dma_test_wait(device);
}
