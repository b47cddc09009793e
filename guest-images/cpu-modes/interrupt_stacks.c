#include "parts.h"

void interrupt_stacks(void)
{
}
