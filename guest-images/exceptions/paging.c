#include "parts.h"

void paging(void)
{
}
