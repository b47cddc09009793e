#include "parts.h"

void alignment(void)
{
}
