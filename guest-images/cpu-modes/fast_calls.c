#include "parts.h"

void fast_calls(void)
{
}
