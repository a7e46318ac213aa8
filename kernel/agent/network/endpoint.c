#include "network/endpoint.h"
#include "base/sys.h"
#include "network/address.h"
#include "network/netlink.h"
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

enum { IS_UP = 1 /* IFF_UP */ };

static int fail_endpoint(const struct endpoint_spec *endpoint, const char *what, int error, struct failure *failure) {
  return fail(failure, error, "network", "%s %s in %s: %E", what, endpoint->name, endpoint->bridge, -error);
}

static int bad(const struct endpoint_spec *endpoint, struct failure *failure) {
  return fail(failure, EINVAL, "network", "endpoint %s: bad address %s or %s, gateway %s or %s, or mac %s",
              endpoint->name, endpoint->address, endpoint->address6, endpoint->gateway, endpoint->gateway6,
              endpoint->mac);
}

/* Of the host's end, once it is in its bridge: what came from there may go back there, for a container that uses a port
 * which it publishes itself. */
static int let_hairpin(const struct endpoint_spec *endpoint, int home, struct failure *failure) {
  struct netlink netlink = {.used = 0};
  uint8_t on = 1;
  if (endpoint->hairpin == 0) return 0;
  netlink_begin(&netlink, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, endpoint->host_name);
  struct nlattr *link = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  struct nlattr *port = netlink_nest(&netlink, IFLA_INFO_SLAVE_DATA, 0);
  netlink_put(&netlink, IFLA_BRPORT_MODE, &on, sizeof on);
  netlink_nest_end(&netlink, port);
  netlink_nest_end(&netlink, link);
  int result = netlink_commit(&netlink, home);
  return result < 0 ? fail_endpoint(endpoint, "set the hairpin mode of", result, failure) : 0;
}

/* macvlan or ipvlan: another interface of one of the guest's, made in the container at once. Under the name that nobody
 * else has until endpoint_put: the kernel asks for it among the guest's, where its own may be taken ("eth0"). */
static int make_upon(const struct endpoint_spec *endpoint, int home, struct network_place place,
                     struct failure *failure) {
  struct netlink netlink = {.used = 0};
  uint8_t mac[6];
  bool is_macvlan = endpoint->kind == ENDPOINT_MACVLAN;
  int parent = netlink_index(home, endpoint->bridge);
  if (parent < 0)
    return fail(failure, parent, "network", "the requested parent interface %s was not found on the Docker host",
                endpoint->bridge);
  netlink_begin(&netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, endpoint->host_name);
  netlink_put_u32(&netlink, IFLA_LINK, (uint32_t)parent);
  netlink_put_u32(&netlink, place.is_file ? IFLA_NET_NS_FD : IFLA_NET_NS_PID, (uint32_t)place.number);
  if (is_macvlan && *endpoint->mac != '\0') {
    if (netlink_mac(endpoint->mac, mac) < 0) return bad(endpoint, failure);
    netlink_put(&netlink, IFLA_ADDRESS, mac, sizeof mac);
  }
  struct nlattr *link = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  netlink_put_string(&netlink, IFLA_INFO_KIND, is_macvlan ? "macvlan" : "ipvlan");
  struct nlattr *data = netlink_nest(&netlink, IFLA_INFO_DATA, 0);
  if (is_macvlan) {
    netlink_put_u32(&netlink, IFLA_MACVLAN_MODE, endpoint->mode);
  } else {
    uint16_t mode = (uint16_t)endpoint->mode, flags = (uint16_t)endpoint->flags;
    netlink_put(&netlink, IFLA_IPVLAN_MODE, &mode, sizeof mode);
    netlink_put(&netlink, IFLA_IPVLAN_FLAGS, &flags, sizeof flags);
  }
  netlink_nest_end(&netlink, data);
  netlink_nest_end(&netlink, link);
  int result = netlink_commit(&netlink, home);
  return result < 0 ? fail(failure, result, "network", "failed to create the %s port: %E",
                           is_macvlan ? "macvlan" : "ipvlan", -result)
                    : 0;
}

/* One message: both ends, the host's in its bridge and up. */
int endpoint_make(const struct endpoint_spec *endpoint, int home, struct network_place place, struct failure *failure) {
  if (endpoint->kind != ENDPOINT_VETH) return make_upon(endpoint, home, place, failure);
  struct netlink netlink = {.used = 0};
  uint8_t mac[6];
  int bridge = *endpoint->bridge == '\0' ? 0 : netlink_index(home, endpoint->bridge);
  if (bridge < 0) return fail_endpoint(endpoint, "find the bridge of", bridge, failure);
  struct ifinfomsg *info = netlink_begin(&netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
  info->ifi_flags = info->ifi_change = IS_UP;
  netlink_put_string(&netlink, IFLA_IFNAME, endpoint->host_name);
  if (endpoint->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, endpoint->mtu);
  if (bridge != 0) netlink_put_u32(&netlink, IFLA_MASTER, (uint32_t)bridge);
  struct nlattr *link = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  netlink_put_string(&netlink, IFLA_INFO_KIND, "veth");
  struct nlattr *data = netlink_nest(&netlink, IFLA_INFO_DATA, 0);
  struct nlattr *peer = netlink_nest(&netlink, VETH_INFO_PEER, sizeof *info);
  netlink_put_string(&netlink, IFLA_IFNAME, endpoint->name);
  netlink_put_u32(&netlink, place.is_file ? IFLA_NET_NS_FD : IFLA_NET_NS_PID, (uint32_t)place.number);
  if (endpoint->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, endpoint->mtu);
  if (*endpoint->mac != '\0') {
    if (netlink_mac(endpoint->mac, mac) < 0) return bad(endpoint, failure);
    netlink_put(&netlink, IFLA_ADDRESS, mac, sizeof mac);
  }
  netlink_nest_end(&netlink, peer);
  netlink_nest_end(&netlink, data);
  netlink_nest_end(&netlink, link);
  int result = netlink_commit(&netlink, home);
  return result < 0 ? fail_endpoint(endpoint, "create", result, failure) : let_hairpin(endpoint, home, failure);
}

/* Moved, named, enslaved and up, in the kernel's order. */
int endpoint_move(const struct endpoint_spec *endpoint, const struct network_files *files, int socket,
                  struct failure *failure) {
  struct netlink netlink = {.used = 0};
  int bridge = *endpoint->bridge == '\0' ? 0 : netlink_index(files->rtnetlink, endpoint->bridge);
  if (bridge < 0) return fail_endpoint(endpoint, "find the bridge of", bridge, failure);
  struct ifinfomsg *info = netlink_begin(&netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = files->spare_index;
  info->ifi_flags = info->ifi_change = IS_UP;
  netlink_put_u32(&netlink, IFLA_NET_NS_FD, (uint32_t)files->home);
  netlink_put_string(&netlink, IFLA_IFNAME, endpoint->host_name);
  if (endpoint->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, endpoint->mtu);
  if (bridge != 0) netlink_put_u32(&netlink, IFLA_MASTER, (uint32_t)bridge);
  int result = netlink_commit(&netlink, socket);
  return result < 0 ? fail_endpoint(endpoint, "move", result, failure)
                    : let_hairpin(endpoint, files->rtnetlink, failure);
}

/* Up, and called `name` (NULL: as it is); what stood ready also gets what it would have been made with. One message,
 * for the kernel tells of each. */
static int put_up(const struct endpoint_spec *dress, const char *name, struct netlink *netlink, int index,
                  struct failure *failure) {
  uint8_t mac[6];
  struct ifinfomsg *info = netlink_begin(netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = index;
  info->ifi_flags = info->ifi_change = IS_UP;
  if (name != NULL) netlink_put_string(netlink, IFLA_IFNAME, name);
  if (dress == NULL) return 0;
  if (dress->mtu != 0) netlink_put_u32(netlink, IFLA_MTU, dress->mtu);
  if (*dress->mac == '\0') return 0;
  if (netlink_mac(dress->mac, mac) < 0) return bad(dress, failure);
  netlink_put(netlink, IFLA_ADDRESS, mac, sizeof mac);
  return 0;
}

int endpoint_put_gateway(const char *gateway, const char *device, struct netlink *netlink, int socket,
                         struct failure *failure) {
  if (*gateway == '\0') return 0;
  int index = *device == '\0' ? 0 : netlink_index(socket, device);
  if (index < 0) return fail(failure, index, "network", "find %s: %E", device, -index);
  if (address_put_default_route(netlink, index, gateway, NLM_F_REPLACE) == 0) return 0;
  return fail(failure, EINVAL, "network", "bad gateway %s", gateway);
}

void endpoint_put_lo(struct netlink *netlink) {
  address_allow6("lo", true);
  struct ifinfomsg *info = netlink_begin(netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = 1;
  info->ifi_flags = info->ifi_change = IS_UP;
}

/* Address and default route of one version of IP; '' = none. */
static int put_version(struct netlink *netlink, int index, const char *address, uint32_t prefix, const char *gateway) {
  if (*address != '\0' && address_put(netlink, index, address, prefix) < 0) return -EINVAL;
  return *gateway == '\0' ? 0 : address_put_default_route(netlink, index, gateway, NLM_F_EXCL);
}

int endpoint_put(const struct endpoint_spec *endpoint, bool spare, struct netlink *netlink, int socket,
                 struct failure *failure) {
  bool is_pair = endpoint->kind == ENDPOINT_VETH;
  const char *made = is_pair ? endpoint->name : endpoint->host_name;
  int index = netlink_index(socket, made);
  if (index < 0) return fail_endpoint(endpoint, "find", index, failure);
  if (*endpoint->address6 != '\0') address_allow6(made, true);
  if (put_up(spare ? endpoint : NULL, is_pair ? NULL : endpoint->name, netlink, index, failure) < 0) return -1;
  if (put_version(netlink, index, endpoint->address, endpoint->prefix, endpoint->gateway) < 0 ||
      put_version(netlink, index, endpoint->address6, endpoint->prefix6, endpoint->gateway6) < 0)
    return bad(endpoint, failure);
  return 0;
}

int endpoint_remove(const char *name) {
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct netlink netlink = {.used = 0};
  if (socket < 0) return socket;
  netlink_begin(&netlink, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, name);
  int result = netlink_commit(&netlink, socket);
  sys_close(socket);
  return result;
}
