#include "parts.h"

void restart(void)
{
}
