#include "network/netlink.h"
#include "test.h"
#include <linux/rtnetlink.h>

TEST("dotted quads are four numbers up to 255 and nothing else") {
  uint32_t address = 0;
  CHECK(netlink_address("172.17.0.2", &address) == 0 && memcmp(&address, "\254\21\0\2", 4) == 0);
  CHECK(netlink_address("256.1.1.1", &address) < 0 && netlink_address("1.2.3", &address) < 0);
  CHECK(netlink_address("1.2.3.4.5", &address) < 0 && netlink_address("1.2.3.4 ", &address) < 0 &&
        netlink_address("", &address) < 0);
}

static bool reads6(const char *text, const char *bytes) {
  uint8_t address[16];
  return netlink_address6(text, address) == 0 && memcmp(address, bytes, 16) == 0;
}

TEST("addresses of IPv6 are eight groups, or fewer around one gap") {
  uint8_t address[16];
  CHECK(reads6("fd00::1", "\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1") && reads6("::", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
  CHECK(reads6("1:2:3:4:5:6:7:8", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\10"));
  CHECK(reads6("fd00:1::", "\375\0\0\1\0\0\0\0\0\0\0\0\0\0\0") &&
        reads6("::FfFf", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377"));
  static const char *const wrong[] = {"",           ":",
                                      "1",          ":::",
                                      "1::2::3",    "1:2:3:4:5:6:7:8:9",
                                      "12345::",    "1:2:",
                                      ":1::2",      "::1.2.3.4",
                                      "fd00::1/64", "1:2:3:4::5:6:7:8",
                                      "g::",        "1:2:3:4:5:6:7:8::"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CHECK(netlink_address6(wrong[i], address) < 0);
}

TEST("a MAC address is six pairs of hexadecimal digits") {
  uint8_t mac[6];
  CHECK(netlink_mac("02:42:ac:11:00:0F", mac) == 0 && memcmp(mac, "\2\102\254\21\0\17", 6) == 0);
  CHECK(netlink_mac("02:42:ac:11:00", mac) < 0 && netlink_mac("02:42:ac:11:00:0g", mac) < 0 &&
        netlink_mac("", mac) < 0);
  CHECK(netlink_mac("02:42:ac:11:00:0f:11", mac) < 0);
}

TEST("messages and nests carry their lengths, padded to four bytes") {
  struct netlink netlink = {.used = 0};
  netlink_begin(&netlink, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, "eth0");
  struct nlattr *nest = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  netlink_put_string(&netlink, IFLA_INFO_KIND, "veth");
  netlink_nest_end(&netlink, nest);
  const struct nlmsghdr *header = (const struct nlmsghdr *)netlink.buffer;
  CHECK(header->nlmsg_len == 16 + 16 + 12 + 4 + 12 && nest->nla_len == 4 + 12 && netlink.used == header->nlmsg_len);
  netlink_begin(&netlink, RTM_NEWLINK, 0, 1);
  const struct nlmsghdr *second = (const struct nlmsghdr *)(netlink.buffer + header->nlmsg_len);
  CHECK(second->nlmsg_len == 20 && second->nlmsg_seq == 2 && header->nlmsg_len == 60);
}

TEST("messages that do not fit are never sent in part") {
  struct netlink netlink = {.used = 0};
  static char large[5000];
  netlink_begin(&netlink, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
  netlink_put(&netlink, IFLA_IFNAME, large, sizeof large);
  CHECK(netlink.overflow && netlink_commit(&netlink, -1) < 0);
}
