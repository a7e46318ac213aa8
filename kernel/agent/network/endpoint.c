#include "network/endpoint.h"
#include "base/sys.h"
#include "network/netlink.h"
#include <errno.h>
#include <linux/if_addr.h>
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
  return fail(failure, EINVAL, "network", "endpoint %s: bad address %s, gateway %s or mac %s", endpoint->name,
              endpoint->address, endpoint->gateway, endpoint->mac);
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

/* One message: both ends, the host's in its bridge and up. */
int endpoint_make(const struct endpoint_spec *endpoint, int home, struct network_place place, struct failure *failure) {
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

/* Up; what stood ready also gets what it would have been made with. One message, for the kernel tells of each. */
static int put_up(const struct endpoint_spec *dress, struct netlink *netlink, int index, struct failure *failure) {
  uint8_t mac[6];
  struct ifinfomsg *info = netlink_begin(netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = index;
  info->ifi_flags = info->ifi_change = IS_UP;
  if (dress == NULL) return 0;
  if (dress->mtu != 0) netlink_put_u32(netlink, IFLA_MTU, dress->mtu);
  if (*dress->mac == '\0') return 0;
  if (netlink_mac(dress->mac, mac) < 0) return bad(dress, failure);
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

/* `index` 0: by whatever interface the gateway is reached. */
static void put_default_route(struct netlink *netlink, int index, uint32_t gateway, uint16_t flag) {
  struct rtmsg *route = netlink_begin(netlink, RTM_NEWROUTE, NLM_F_CREATE | flag, sizeof *route);
  *route = (struct rtmsg){.rtm_family = AF_INET,
                          .rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_BOOT,
                          .rtm_scope = RT_SCOPE_UNIVERSE,
                          .rtm_type = RTN_UNICAST};
  netlink_put(netlink, RTA_GATEWAY, &gateway, sizeof gateway);
  if (index != 0) netlink_put_u32(netlink, RTA_OIF, (uint32_t)index);
}

int endpoint_put_gateway(const char *gateway, struct netlink *netlink, struct failure *failure) {
  uint32_t address;
  if (netlink_address(gateway, &address) < 0) return fail(failure, EINVAL, "network", "bad gateway %s", gateway);
  put_default_route(netlink, 0, address, NLM_F_REPLACE);
  return 0;
}

void endpoint_put_lo(struct netlink *netlink) {
  struct ifinfomsg *info = netlink_begin(netlink, RTM_NEWLINK, 0, sizeof *info);
  info->ifi_index = 1;
  info->ifi_flags = info->ifi_change = IS_UP;
}

int endpoint_put(const struct endpoint_spec *endpoint, bool spare, struct netlink *netlink, int socket,
                 struct failure *failure) {
  uint32_t address, gateway;
  int index = netlink_index(socket, endpoint->name);
  if (index < 0) return fail_endpoint(endpoint, "find", index, failure);
  if (put_up(spare ? endpoint : NULL, netlink, index, failure) < 0) return -1;
  if (*endpoint->address != '\0') {
    if (netlink_address(endpoint->address, &address) < 0) return bad(endpoint, failure);
    put_address(netlink, index, address, endpoint->prefix);
  }
  if (*endpoint->gateway != '\0') {
    if (netlink_address(endpoint->gateway, &gateway) < 0) return bad(endpoint, failure);
    put_default_route(netlink, index, gateway, NLM_F_EXCL);
  }
  return 0;
}

int endpoint_remove(const char *host_name) {
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct netlink netlink = {.used = 0};
  if (socket < 0) return socket;
  netlink_begin(&netlink, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, host_name);
  int result = netlink_commit(&netlink, socket);
  sys_close(socket);
  return result;
}
