// An address by DHCP (RFC 2131).
#pragma once

#include "udp.h"

struct lease { ipv4 address, server, mask, router, dns, next_server; };

/// Asks for an address, and takes the first that is offered. The host has it afterwards.
bool dhcp_lease(struct udp_host *host, struct lease *lease);
