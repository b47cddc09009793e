// The smallest guest: prints a few lines and ends with success.
#include "guest.h"

int main(void)
{
	printf("Hello from the guest.\n");
	printf("It was started by %s", multiboot != NULL ? "a Multiboot loader" : "something else");
	printf(" and runs in %u-bit mode.\n", (unsigned)sizeof(void *) * 8);
	printf("Good bye.\n");
	return 0;
}
