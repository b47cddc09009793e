// What network controllers' drivers have in common.
#include "nic.h"

struct search { const struct nic_driver *const *drivers; unsigned count, index; struct nic *nic; bool found; };

static bool visit(struct pci_function f, void *context)
{
	struct search *search = context;
	uint32_t identity = pci_read(f, 0x00);
	for (unsigned i = 0; i < search->count; i++) {
		const struct nic_driver *driver = search->drivers[i];
		if (identity == (driver->vendor | (uint32_t)driver->device << 16) && (!driver->drives || driver->drives(f))) {
			search->found = search->index-- == 0;
			if (search->found) {
				search->nic->driver = driver;
				search->nic->pci = f;
			}
			break;
		}
	}
	return !search->found;
}

bool nic_find(const struct nic_driver *const drivers[], unsigned count, unsigned index, struct nic *nic)
{
	struct search search = { drivers, count, index, nic, false };
	memset(nic, 0, sizeof *nic);
	pci_scan(visit, &search);
	return search.found;
}

bool nic_open(const struct nic_driver *const drivers[], unsigned count, unsigned index, struct nic *nic)
{
	if (!nic_find(drivers, count, index, nic)) {
		return false;
	}
	nic_enable(nic->pci);
	return nic->driver->open(nic) && within_deadline(nic->driver->link_up(nic));
}

void nic_enable(struct pci_function pci)
{
	pci_write16(pci, 0x04, pci_read16(pci, 0x04) | 0x7);
}

bool nic_send(struct nic *nic, const void *frame, unsigned length)
{
	return within_deadline(nic->driver->send(nic, frame, length));
}

unsigned nic_receive(struct nic *nic, void *buffer, unsigned room)
{
	unsigned length = 0;
	(void)within_deadline((length = nic->driver->receive(nic, buffer, room)) != 0);
	return length;
}
