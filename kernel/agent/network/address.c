#include "network/address.h"
#include "base/text.h"
#include "files/files.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* In network order. */
struct ip {
  uint8_t family;
  uint32_t size;
  uint8_t bytes[16];
};

static int parse(const char *text, struct ip *ip) {
  uint32_t quad;
  if (strchr(text, ':') != NULL) {
    *ip = (struct ip){.family = AF_INET6, .size = 16};
    return netlink_address6(text, ip->bytes);
  }
  *ip = (struct ip){.family = AF_INET, .size = sizeof quad};
  if (netlink_address(text, &quad) < 0) return -EINVAL;
  memcpy(ip->bytes, &quad, sizeof quad);
  return 0;
}

int address_put(struct netlink *netlink, int index, const char *address, uint32_t prefix) {
  struct ip ip;
  if (parse(address, &ip) < 0 || prefix > ip.size * 8) return -EINVAL;
  struct ifaddrmsg *message = netlink_begin(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof *message);
  *message = (struct ifaddrmsg){.ifa_family = ip.family,
                                .ifa_prefixlen = (uint8_t)prefix,
                                .ifa_flags = ip.family == AF_INET6 ? IFA_F_NODAD : 0,
                                .ifa_index = (uint32_t)index};
  netlink_put(netlink, IFA_LOCAL, ip.bytes, ip.size);
  netlink_put(netlink, IFA_ADDRESS, ip.bytes, ip.size);
  if (ip.family == AF_INET6 || prefix >= 31) return 0;
  uint32_t broadcast;
  memcpy(&broadcast, ip.bytes, sizeof broadcast);
  broadcast |= __builtin_bswap32((uint32_t)((1ull << (32 - prefix)) - 1));
  netlink_put(netlink, IFA_BROADCAST, &broadcast, sizeof broadcast);
  return 0;
}

int address_put_default_route(struct netlink *netlink, int index, const char *gateway, uint16_t flag) {
  struct ip ip;
  if (parse(gateway, &ip) < 0) return -EINVAL;
  struct rtmsg *route = netlink_begin(netlink, RTM_NEWROUTE, (uint16_t)(NLM_F_CREATE | flag), sizeof *route);
  *route = (struct rtmsg){.rtm_family = ip.family,
                          .rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_BOOT,
                          .rtm_scope = RT_SCOPE_UNIVERSE,
                          .rtm_type = RTN_UNICAST};
  /* "0.0.0.0", "::": no gateway, all are neighbours there. */
  static const uint8_t none[16];
  if (memcmp(ip.bytes, none, ip.size) != 0)
    netlink_put(netlink, RTA_GATEWAY, ip.bytes, ip.size);
  else if (ip.family == AF_INET)
    route->rtm_scope = RT_SCOPE_LINK;
  if (index != 0) netlink_put_u32(netlink, RTA_OIF, (uint32_t)index);
  return 0;
}

void address_allow6(const char *interface, bool allowed) {
  char path[80];
  text_format(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", interface);
  files_put(AT_FDCWD, path, 0, 0, allowed ? "0" : "1", 1);
}
