#include "../probe/probe.S"
