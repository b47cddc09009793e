#include "parts.h"

void call_gates(void)
{
}
