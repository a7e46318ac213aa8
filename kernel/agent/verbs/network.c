/* networkCreate and networkDelete: a bridge with its addresses, or what macvlan and ipvlan are made of. */
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include "network/address.h"
#include "network/netlink.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum { IS_UP = 1 /* IFF_UP */ };
enum { LINK_BRIDGE = 0, LINK_DUMMY = 1, LINK_VLAN = 2 }; /* network_spec.kind */

static int open_socket(struct failure *failure) {
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return socket < 0 ? fail(failure, socket, "network", "netlink socket: %E", -socket) : socket;
}

/* In the words of Docker's drivers. */
static int fail_link(const struct network_spec *network, int error, struct failure *failure) {
  if (network->kind == LINK_DUMMY) return fail(failure, error, "network", "%E", -error);
  const char *format = network->kind == LINK_VLAN ? "failed to create %s vlan link: %E" : "create %s: %E";
  return fail(failure, error, "network", format, network->bridge, -error);
}

/* Up, without addresses. */
static int make_link(int socket, const struct network_spec *network, struct failure *failure) {
  static const char *const kinds[] = {"bridge", "dummy", "vlan"};
  struct netlink netlink = {.used = 0};
  uint8_t mac[6];
  int parent = 0;
  if (network->kind > LINK_VLAN) return fail(failure, EINVAL, "network", "%s: unknown kind", network->bridge);
  if (network->kind == LINK_VLAN && (parent = netlink_index(socket, network->parent)) < 0)
    return fail(failure, parent, "network", "parent %s: %E", network->parent, -parent);
  struct ifinfomsg *info = netlink_begin(&netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
  info->ifi_flags = info->ifi_change = IS_UP;
  netlink_put_string(&netlink, IFLA_IFNAME, network->bridge);
  if (parent != 0) netlink_put_u32(&netlink, IFLA_LINK, (uint32_t)parent);
  if (network->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, network->mtu);
  if (*network->mac != '\0') {
    if (netlink_mac(network->mac, mac) < 0)
      return fail(failure, EINVAL, "network", "bridge %s: bad mac %s", network->bridge, network->mac);
    netlink_put(&netlink, IFLA_ADDRESS, mac, sizeof mac);
  }
  struct nlattr *link = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  netlink_put_string(&netlink, IFLA_INFO_KIND, kinds[network->kind]);
  if (network->kind == LINK_VLAN) {
    uint16_t vlan = (uint16_t)network->vlan;
    struct nlattr *data = netlink_nest(&netlink, IFLA_INFO_DATA, 0);
    netlink_put(&netlink, IFLA_VLAN_ID, &vlan, sizeof vlan);
    netlink_nest_end(&netlink, data);
  }
  netlink_nest_end(&netlink, link);
  int result = netlink_commit(&netlink, socket);
  return result < 0 && result != -EEXIST ? fail_link(network, result, failure) : 0;
}

static int give_address(int socket, const struct network_spec *network, const char *address, uint32_t prefix,
                        struct failure *failure) {
  struct netlink netlink = {.used = 0};
  if (*address == '\0') return 0;
  int index = netlink_index(socket, network->bridge);
  if (index < 0) return fail(failure, index, "network", "bridge %s: %E", network->bridge, -index);
  if (address_put(&netlink, index, address, prefix) < 0)
    return fail(failure, EINVAL, "network", "bridge %s: bad address %s", network->bridge, address);
  int result = netlink_commit(&netlink, socket);
  if (result == 0) return 0;
  return fail(failure, result, "network", "address %s of bridge %s: %E", address, network->bridge, -result);
}

/* As Docker on its first network with IPv6, and for each bridge: the guest leads out of it, asks no other router, and
 * its packets pass the firewall. */
static void route_ipv6(const struct network_spec *network) {
  char path[80];
  if (*network->address6 == '\0') return;
  files_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/forwarding", 0, 0, "1", 1);
  files_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/all/forwarding", 0, 0, "1", 1);
  files_put(AT_FDCWD, "/proc/sys/net/bridge/bridge-nf-call-ip6tables", 0, 0, "1", 1);
  text_format(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_ra", network->bridge);
  files_put(AT_FDCWD, path, 0, 0, "0", 1);
  address_allow6(network->bridge, true);
}

/* A port that is published on 127.0.0.1 leads to a container from there. */
static void route_loopback(const struct network_spec *network) {
  char path[80];
  text_format(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/route_localnet", network->bridge);
  files_put(AT_FDCWD, path, 0, 0, "1", 1);
}

int network_create_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct network_spec *network = spec;
  (void)reply;
  int socket = open_socket(failure);
  if (socket < 0) return -1;
  int result = make_link(socket, network, failure);
  if (result == 0 && network->kind == LINK_BRIDGE) {
    route_ipv6(network);
    result = give_address(socket, network, network->address, network->prefix, failure);
    if (result == 0) result = give_address(socket, network, network->address6, network->prefix6, failure);
    if (result == 0) route_loopback(network);
  }
  sys_close(socket);
  return result;
}

static int remove_link(int socket, const char *bridge) {
  struct netlink netlink = {.used = 0};
  struct ifinfomsg *info = netlink_begin(&netlink, RTM_DELLINK, 0, sizeof *info);
  (void)info;
  netlink_put_string(&netlink, IFLA_IFNAME, bridge);
  return netlink_commit(&netlink, socket);
}

int network_delete_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct network_spec *network = spec;
  (void)reply;
  int socket = open_socket(failure);
  if (socket < 0) return -1;
  int result = remove_link(socket, network->bridge);
  sys_close(socket);
  if (result < 0 && result != -ENODEV)
    return fail(failure, result, "network", "remove %s: %E", network->bridge, -result);
  return 0;
}
