#include "parts.h"

void transitions(void)
{
}
