// What every guest does between the start-up code and main.
#include "guest.h"

__attribute__((noreturn)) void guest_start(uint32_t magic, uintptr_t information);

void guest_start(uint32_t magic, uintptr_t information)
{
	console_init();
#ifndef GUEST_RAW
	multiboot_init(magic, information);
	interrupts_init();
	pic_init();
#else
	(void)magic;
	(void)information;
#endif
	exit_with((uint32_t)main());
}
