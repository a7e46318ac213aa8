/* networkCreate and networkDelete: a bridge with an address. */
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include "network/netlink.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum { IS_UP = 1 /* IFF_UP */ };

static int open_socket(struct failure *failure) {
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return socket < 0 ? fail(failure, socket, "network", "netlink socket: %E", -socket) : socket;
}

static int make_bridge(int socket, const struct network_spec *network, struct failure *failure) {
  struct netlink netlink = {.used = 0};
  uint8_t mac[6];
  struct ifinfomsg *info = netlink_begin(&netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
  info->ifi_flags = info->ifi_change = IS_UP;
  netlink_put_string(&netlink, IFLA_IFNAME, network->bridge);
  if (network->mtu != 0) netlink_put_u32(&netlink, IFLA_MTU, network->mtu);
  if (*network->mac != '\0') {
    if (netlink_mac(network->mac, mac) < 0)
      return fail(failure, EINVAL, "network", "bridge %s: bad mac %s", network->bridge, network->mac);
    netlink_put(&netlink, IFLA_ADDRESS, mac, sizeof mac);
  }
  struct nlattr *link = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  netlink_put_string(&netlink, IFLA_INFO_KIND, "bridge");
  netlink_nest_end(&netlink, link);
  int result = netlink_commit(&netlink, socket);
  return result < 0 && result != -EEXIST
             ? fail(failure, result, "network", "create bridge %s: %E", network->bridge, -result)
             : 0;
}

static int give_address(int socket, const struct network_spec *network, struct failure *failure) {
  struct netlink netlink = {.used = 0};
  uint32_t address;
  if (*network->address == '\0') return 0;
  int index = netlink_index(socket, network->bridge);
  if (index < 0) return fail(failure, index, "network", "bridge %s: %E", network->bridge, -index);
  if (netlink_address(network->address, &address) < 0)
    return fail(failure, EINVAL, "network", "bridge %s: bad address %s", network->bridge, network->address);
  uint32_t broadcast =
      network->prefix < 31 ? address | __builtin_bswap32((uint32_t)((1ull << (32 - network->prefix)) - 1)) : 0;
  struct ifaddrmsg *message = netlink_begin(&netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof *message);
  *message = (struct ifaddrmsg){
      .ifa_family = AF_INET, .ifa_prefixlen = (uint8_t)network->prefix, .ifa_index = (uint32_t)index};
  netlink_put(&netlink, IFA_LOCAL, &address, sizeof address);
  netlink_put(&netlink, IFA_ADDRESS, &address, sizeof address);
  if (broadcast != 0) netlink_put(&netlink, IFA_BROADCAST, &broadcast, sizeof broadcast);
  int result = netlink_commit(&netlink, socket);
  if (result == 0) return 0;
  return fail(failure, result, "network", "address %s of bridge %s: %E", network->address, network->bridge, -result);
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
  int result = make_bridge(socket, network, failure);
  if (result == 0) result = give_address(socket, network, failure);
  sys_close(socket);
  if (result == 0) route_loopback(network);
  return result;
}

static int remove_bridge(int socket, const char *bridge) {
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
  int result = remove_bridge(socket, network->bridge);
  sys_close(socket);
  if (result < 0 && result != -ENODEV)
    return fail(failure, result, "network", "remove bridge %s: %E", network->bridge, -result);
  return 0;
}
