#include "parts.h"

void privileges(void)
{
}
