/* A container's end of a network: a veth pair, the host's end in its bridge; or a macvlan or ipvlan of an interface of
 * the host's, which has no end there and is called `host_name` until it is dressed. */
#pragma once
#include "base/fail.h"
#include "network/netlink.h"
#include "wire/spec.h"
#include <stdbool.h>

/* What a start has from the host's network. All -1 when absent. */
struct network_files {
  int rtnetlink; /* a socket there */
  int home; /* the network itself, where a pair that was made ahead (idle/spare_network.h) has its host's end to go to
             */
  int spare_index; /* of that end in the spare name space */
};

/* endpoint_spec.kind */
enum { ENDPOINT_VETH = 0, ENDPOINT_MACVLAN = 1, ENDPOINT_IPVLAN = 2 };

/* A network name space: a file of it, or one of its processes. */
struct network_place {
  bool is_file;
  int number;
};

/* Makes the pair by `home`, a socket of the host's network: the host's end there, the container's in `place`. */
int endpoint_make(const struct endpoint_spec *endpoint, int home, struct network_place place, struct failure *failure);
/* The host's end of a pair that was made ahead goes from the name space of `socket` to its bridge. */
int endpoint_move(const struct endpoint_spec *endpoint, const struct network_files *files, int socket,
                  struct failure *failure);
/* Adds to `netlink` what puts the container's end up, with addresses and default routes; the caller is in the
 * container's name space, for IPv6 has to be switched on there. `spare`: the pair stood ready,
 * and gets here what it would have been made with. `socket` is one of the container's name space. */
int endpoint_put(const struct endpoint_spec *endpoint, bool spare, struct netlink *netlink, int socket,
                 struct failure *failure);
/* Adds to `netlink` the default route, in place of another; '' = none. `socket` is of the container's name space, where
 * it leads out of `device`; '' = the kernel finds that. */
int endpoint_put_gateway(const char *gateway, const char *device, struct netlink *netlink, int socket,
                         struct failure *failure);
/* Takes an interface away by its name in the name space of the caller: the host's end of a pair, and the other with it.
 * 0 or -errno. */
int endpoint_remove(const char *name);
/* Adds to `netlink` what puts lo up, and lets it have ::1, as in Docker on every network. */
void endpoint_put_lo(struct netlink *netlink);
