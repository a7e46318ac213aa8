/* Sockets that belong to the network of a container. */
#pragma once
#include "base/fail.h"
#include <netinet/in.h>

/* Makes one that does not block, of `type` (SOCK_STREAM, SOCK_DGRAM), in the network name space of the running
 * container, or of the guest where `container` is "", or fails. With the channel's lock held. */
int container_socket(const char *container, int type, struct failure *failure);
/* Fills in an address from its text. */
int container_address(const char *text, uint32_t port, struct sockaddr_in *address, struct failure *failure);
