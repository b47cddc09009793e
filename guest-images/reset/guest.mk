# reset: a raw ROM image that starts at the reset vector and stays in real mode.
BITS := raw
