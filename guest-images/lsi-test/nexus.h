// A command for target 0, unit 0, by a script of this guest's own, untagged. The parts put the block moves of its data.
#pragma once

#include "parts.h"

enum nexus_label { Dispatch, StatusPhase, Message, Completed, Disconnected, Lost, Again, NexusLabels };

/// How a block move finds its data.
enum nexus_form { Direct, Indirect, FromTable, Chained, NexusForms };
extern enum nexus_form nexus_form;

/// What came of it: the status, and how often the target let go of the bus. SSID as it was at the last reselection.
extern struct nexus { uint8_t status, ssid; unsigned disconnects; } nexus;

enum { BadTarget = 0xBAD };

/// A block move of that form.
void nexus_move(enum lsi_phase phase, uint32_t count, const void *at);

/// The script, in memory, with what `data` puts in it in the place of the data phases. It ends by INT End.
void nexus_assemble(const struct scsi_command *command, void (*data)(void));

/// Assembles and runs it; true if it has come to its end.
bool nexus_run(const struct scsi_command *command, void (*data)(void));

/// True if it has come to its end by these causes.
bool nexus_ended(const struct lsi_causes *causes);

/// Goes on at a label.
bool nexus_continue(enum nexus_label label);

/// The unit has nothing left to say of a reset.
bool nexus_make_ready(void);

/// No data.
void nexus_no_data(void);
