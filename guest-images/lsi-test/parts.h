// What the parts of this guest share: the controller that is looked at, scripts to run on it, commands for its units.
#pragma once

#include "../drivers/lsi53c895a_queue.h"
#include "../drivers/scsi.h"

#define BUS(place) ((uint32_t)(uintptr_t)(place))

/// The first controller, by itself; and a script for it, in memory.
extern struct lsi lsi;
extern struct lsi_script script;

enum { ScriptWords = 4096, ScratchSize = 65536 };
extern uint8_t scratch[ScratchSize], scratch2[ScratchSize];

/// Begins a script. What has labels ahead of it is assembled twice.
void script_begin(void);

/// The same in script RAM, where script_end copies it to.
void script_begin_in_ram(void);

/// Starts it, waits until the chip interrupts, and takes back why. All zeros after a deadline: then the chip has been reset.
struct lsi_causes script_run(void);

/// Starts it and waits; true if INT with that code stopped it, and nothing else is to be told.
bool script_stops_at(uint32_t code);

/// Waits for what has been started.
struct lsi_causes wait_for_causes(void);

/// True if it is INT with that code, and nothing else.
bool is_int(const struct lsi_causes *causes, uint32_t code);

/// True if `causes` are just these.
bool causes_are(const struct lsi_causes *causes, unsigned dstat, unsigned sist0, unsigned sist1);

/// A dword by SCRIPTS: what it finds there.
enum { End = 0xE0D }; // the code of the last INT

/// True on QEMU, whose models leave out some of what manual and standards have: such checks are skipped there, and say why.
bool on_qemu(void);

/// report_skip with that reason, if so.
bool left_out_by_qemu(const char *name, const char *what);

/// Takes the controller's interrupts, by the PIC, until it is called with null. False if it has no line. Interrupts are on meanwhile.
bool take_interrupts(const struct lsi *from, interrupt_handler handler);

void check_registers(void);
void check_arithmetic(void);
void check_control(void);
void check_memory(void);
void check_phases(void);
void check_selection(void);
void check_interrupts(void);
void check_timers(void);
void check_endless(void);
void check_parity(void);
