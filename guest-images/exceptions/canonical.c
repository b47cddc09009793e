#include "parts.h"

void canonical(void)
{
}
