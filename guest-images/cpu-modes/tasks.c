#include "parts.h"

void tasks(void)
{
}
