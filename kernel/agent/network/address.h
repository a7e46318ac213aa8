/* Addresses and default routes of interfaces, of IPv4 and IPv6, in netlink messages. */
#pragma once
#include "network/netlink.h"
#include <stdbool.h>
#include <stdint.h>

/* Adds an address to `netlink`, of a link that is up or will be: one of IPv6 is good at once (RFC 4429's wait would be
 * a second), as Docker has it, and needs IPv6 on the interface. Returns 0 or -EINVAL. */
int address_put(struct netlink *netlink, int index, const char *address, uint32_t prefix);
/* Adds a default route, by whatever interface the gateway is reached where `index` is 0. `flag`: NLM_F_EXCL or
 * NLM_F_REPLACE. Returns 0 or -EINVAL. */
int address_put_default_route(struct netlink *netlink, int index, const char *gateway, uint16_t flag);
/* Of an interface in the name space of the caller: IPv6 on or off on it. */
void address_allow6(const char *interface, bool allowed);
