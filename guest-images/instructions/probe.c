#include "../probe/probe.c"
