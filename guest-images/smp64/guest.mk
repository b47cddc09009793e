# The same sources as smp, in 64 bits.
BITS := 64
SOURCES := $(addprefix ../smp/,counters.c ipi.c lines.c main.c paging.c patching.c starting.c timers.c waking.c)
