#include "parts.h"

void gates_of_idt(void)
{
}
