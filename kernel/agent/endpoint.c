/* A container's network: lo up, and for each endpoint a veth pair made from inside (so that the kernel moves nothing).
 */
#include "files.h"
#include "launch.h"
#include "netlink.h"
#include "sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

enum { IS_UP = 1 /* IFF_UP */ };

static int fail_endpoint(struct launch *launch, const struct endpoint_spec *endpoint, const char *what, int error) {
  return LAUNCH_FAIL(launch, error, "network", "%s %s in %s: %E", what, endpoint->name, endpoint->bridge, -error);
}

static int bad(struct launch *launch, const struct endpoint_spec *endpoint) {
  return LAUNCH_FAIL(launch, EINVAL, "network", "endpoint %s: bad address %s, gateway %s or mac %s", endpoint->name,
                     endpoint->address, endpoint->gateway, endpoint->mac);
}

/* One message: both ends, the host's in its bridge and up, the peer in this process's name space. */
static int make_pair(struct launch *launch, const struct endpoint_spec *endpoint) {
  struct netlink netlink = {.used = 0};
  uint8_t mac[6];
  int bridge = *endpoint->bridge == '\0' ? 0 : netlink_index(launch->link_socket, endpoint->bridge);
  if (bridge < 0) return fail_endpoint(launch, endpoint, "find the bridge of", bridge);
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
  netlink_put_u32(&netlink, IFLA_NET_NS_PID, (uint32_t)SYS(SYS_getpid));
  if (endpoint->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, endpoint->mtu);
  if (*endpoint->mac != '\0') {
    if (netlink_mac(endpoint->mac, mac) < 0) return bad(launch, endpoint);
    netlink_put(&netlink, IFLA_ADDRESS, mac, sizeof mac);
  }
  netlink_nest_end(&netlink, peer);
  netlink_nest_end(&netlink, data);
  netlink_nest_end(&netlink, link);
  int result = netlink_commit(&netlink, launch->link_socket);
  return result < 0 ? fail_endpoint(launch, endpoint, "create", result) : 0;
}

/* The host's end of a pair that was made ahead goes to its bridge: moved, named, enslaved and up, in the kernel's
 * order. */
static int move_pair(struct launch *launch, const struct endpoint_spec *endpoint, int socket) {
  struct netlink netlink = {.used = 0};
  int bridge = *endpoint->bridge == '\0' ? 0 : netlink_index(launch->link_socket, endpoint->bridge);
  if (bridge < 0) return fail_endpoint(launch, endpoint, "find the bridge of", bridge);
  struct ifinfomsg *info = netlink_begin(&netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = launch->spare_index;
  info->ifi_flags = info->ifi_change = IS_UP;
  netlink_put_u32(&netlink, IFLA_NET_NS_FD, (uint32_t)launch->home_network);
  netlink_put_string(&netlink, IFLA_IFNAME, endpoint->host_name);
  if (endpoint->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, endpoint->mtu);
  if (bridge != 0) netlink_put_u32(&netlink, IFLA_MASTER, (uint32_t)bridge);
  int result = netlink_commit(&netlink, socket);
  return result < 0 ? fail_endpoint(launch, endpoint, "move", result) : 0;
}

/* Up; what stood ready also gets what it would have been made with. One message, for the kernel tells of each. */
static int put_up(struct launch *launch, const struct endpoint_spec *dress, struct netlink *netlink, int index) {
  uint8_t mac[6];
  struct ifinfomsg *info = netlink_begin(netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = index;
  info->ifi_flags = info->ifi_change = IS_UP;
  if (dress == NULL) return 0;
  if (dress->mtu != 0) netlink_put_u32(netlink, IFLA_MTU, dress->mtu);
  if (*dress->mac == '\0') return 0;
  if (netlink_mac(dress->mac, mac) < 0) return bad(launch, dress);
  netlink_put(netlink, IFLA_ADDRESS, mac, sizeof mac);
  return 0;
}

static void put_address(struct netlink *netlink, int index, uint32_t address, uint32_t prefix) {
  uint32_t broadcast = prefix < 31 ? address | __builtin_bswap32(prefix == 0 ? ~0u : (1u << (32 - prefix)) - 1) : 0;
  struct ifaddrmsg *message = netlink_begin(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof *message);
  *message = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = (uint8_t)prefix, .ifa_index = (uint32_t)index};
  netlink_put(netlink, IFA_LOCAL, &address, sizeof address);
  netlink_put(netlink, IFA_ADDRESS, &address, sizeof address);
  if (broadcast != 0) netlink_put(netlink, IFA_BROADCAST, &broadcast, sizeof broadcast);
}

static void put_default_route(struct netlink *netlink, int index, uint32_t gateway) {
  struct rtmsg *route = netlink_begin(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *route);
  *route = (struct rtmsg){.rtm_family = AF_INET,
                          .rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_BOOT,
                          .rtm_scope = RT_SCOPE_UNIVERSE,
                          .rtm_type = RTN_UNICAST};
  netlink_put(netlink, RTA_GATEWAY, &gateway, sizeof gateway);
  netlink_put_u32(netlink, RTA_OIF, (uint32_t)index);
}

static int put_endpoint(struct launch *launch, const struct endpoint_spec *endpoint, struct netlink *netlink,
                        int socket) {
  uint32_t address, gateway;
  int index = netlink_index(socket, endpoint->name);
  if (index < 0) return fail_endpoint(launch, endpoint, "find", index);
  bool spare = launch->home_network >= 0 && endpoint == launch->container->endpoints.at;
  if (put_up(launch, spare ? endpoint : NULL, netlink, index) < 0) return -1;
  if (*endpoint->address != '\0') {
    if (netlink_address(endpoint->address, &address) < 0) return bad(launch, endpoint);
    put_address(netlink, index, address, endpoint->prefix);
  }
  if (*endpoint->gateway != '\0') {
    if (netlink_address(endpoint->gateway, &gateway) < 0) return bad(launch, endpoint);
    put_default_route(netlink, index, gateway);
  }
  return 0;
}

int launch_network(struct launch *launch) {
  const struct list *endpoints = &launch->container->endpoints;
  if ((launch->container->namespaces & CLONE_NEWNET) == 0) return 0;
  bool spare = launch->home_network >= 0;
  /* As Docker does on networks without IPv6; it also spares duplicate address detection and multicast joins. */
  if (endpoints->count > 0 && !spare) files_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", 0, 0, "1", 1);
  for (uint32_t i = spare ? 1 : 0; i < endpoints->count; i++)
    if (make_pair(launch, (const struct endpoint_spec *)endpoints->at + i) < 0) return -1;
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket < 0) return LAUNCH_FAIL(launch, socket, "network", "netlink socket: %E", -socket);
  if (spare && move_pair(launch, endpoints->at, socket) < 0) return -1;
  struct netlink netlink = {.used = 0};
  if (!spare) put_up(launch, NULL, &netlink, 1);
  for (uint32_t i = 0; i < endpoints->count; i++)
    if (put_endpoint(launch, (const struct endpoint_spec *)endpoints->at + i, &netlink, socket) < 0) return -1;
  int result = netlink_commit(&netlink, socket);
  sys_close(socket);
  return result < 0 ? LAUNCH_FAIL(launch, result, "network", "configure the interfaces: %E", -result) : 0;
}
