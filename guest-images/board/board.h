// What the parts of this guest share.
#pragma once

#include "guest.h"

void check_pci(void);
void check_power(void);
void check_tables(void);
void check_uart(void);
