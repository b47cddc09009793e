#include "parts.h"

void segments(void)
{
}
