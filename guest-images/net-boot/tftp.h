// A file by TFTP (RFC 1350), in blocks of 512 bytes.
#pragma once

#include "udp.h"

/// Fetches a file; returns its length, at most `room`, or -1. `why` then says what went wrong.
int tftp_get(struct udp_host *host, ipv4 server, const char *name, uint8_t *data, unsigned room, const char **why);
