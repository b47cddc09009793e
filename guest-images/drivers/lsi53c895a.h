// The LSI53C895A, a SCSI controller that runs programs of its own, SCRIPTS (LSI53C895A technical manual).
//
// This is what any use of it needs: registers, resets, running a script until it stops. lsi53c895a_queue.h is a driver with many
// requests in flight; lsi_disks() in disk.h is for guests that do not care which controller a disk hangs on.
#pragma once

#include "guest.h"
#include "lsi53c895a_registers.h"
#include "lsi53c895a_scripts.h"

struct lsi {
	struct pci_function pci;
	volatile uint8_t *registers;
	uint16_t ports;         // the same registers, as ports
	volatile uint32_t *ram; // script RAM
	uint32_t ram_bus;       // where scripts find it
};

enum { LSI_ID = 7 }; // the controller's own, on its bus

/// Opens the `index`-th one: finds its registers and its RAM, lets it be a bus master, resets it. False if there is none.
bool lsi_open(unsigned index, struct lsi *lsi);

/// Resets the chip by ISTAT0.SRST, and sets what a driver wants: its ID, parity, the time that a selection may take. No interrupt is
/// enabled; causes that do not stop a script are not either.
void lsi_reset(const struct lsi *lsi);

/// Just the reset.
void lsi_software_reset(const struct lsi *lsi);

/// Resets the SCSI bus, by SCNTL1.RST, for 25 microseconds, and takes back the cause that tells so.
void lsi_reset_bus(const struct lsi *lsi);

static inline uint8_t lsi_read8(const struct lsi *lsi, unsigned offset) { return lsi->registers[offset]; }
static inline uint32_t lsi_read(const struct lsi *lsi, unsigned offset) { return *(volatile uint32_t *)(lsi->registers + offset); }
static inline void lsi_write8(const struct lsi *lsi, unsigned offset, uint8_t value) { lsi->registers[offset] = value; }
static inline void lsi_write(const struct lsi *lsi, unsigned offset, uint32_t value) { *(volatile uint32_t *)(lsi->registers + offset) = value; }

/// Everything that it interrupts for, taken back as it is read.
struct lsi_causes { uint8_t istat, dstat, sist0, sist1; };
struct lsi_causes lsi_take(const struct lsi *lsi);

/// True if ISTAT0 shows SIP or DIP: the script has stopped, or something is to be told.
static inline bool lsi_interrupts(const struct lsi *lsi) { return (lsi_read8(lsi, LSI_ISTAT0) & (LSI_ISTAT0_SIP | LSI_ISTAT0_DIP)) != 0; }

/// Starts the script at a bus address.
static inline void lsi_start(const struct lsi *lsi, uint32_t address)
{
	wmb(); // the script and what it works on are in memory before it starts
	lsi_write(lsi, LSI_DSP, address);
}

/// Copies a script to the RAM, from a multiple of four on. It is to be assembled for lsi->ram_bus + offset.
void lsi_copy_to_ram(const struct lsi *lsi, unsigned offset, const uint32_t *words, unsigned count);
