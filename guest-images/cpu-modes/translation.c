#include "parts.h"

void translation(void)
{
}
