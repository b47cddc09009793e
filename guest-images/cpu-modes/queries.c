#include "parts.h"

void queries(void)
{
}
