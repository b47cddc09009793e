// Every unit that the controllers have, and reads and writes under way at all of them at once.
#pragma once

#include "units.h"

enum { PlacesMost = 48, PerPlace = 4, PieceBytes = 4096 };

extern struct unit places[PlacesMost];
extern unsigned place_count;

/// Submits a request for each piece of each unit: writes of what `round` says, or reads.
void places_submit(bool write, unsigned round);

/// Waits until all are done for whose unit `awaited` says so. False after a deadline, or if one finishes that is not under way, or not as it
/// ought to, or with other data than those that it was written with in `round`.
bool places_drain(bool (*awaited)(const struct unit *unit), unsigned round, const struct lsi_request *until);

/// Takes back what is still under way; how many that are.
unsigned places_abandon(void);

/// What LOGICAL UNIT RESET and its like leave alone.
void check_place_resets(void);
