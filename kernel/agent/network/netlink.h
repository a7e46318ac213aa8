/* Messages of netlink(7): built in a buffer, sent together, answered by the kernel one by one. */
#pragma once
#include "base/fail.h"
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct netlink {
  uint32_t used;
  uint32_t sequence; /* of the last message */
  struct nlmsghdr *message; /* the one being built */
  int overflow;
  uint8_t buffer[4096] __attribute__((aligned(4)));
};

/* Ends the message before and begins one of `type`, with `size` bytes of its fixed header, zeroed, which it returns. */
void *netlink_begin(struct netlink *netlink, uint16_t type, uint16_t flags, uint32_t size);
void netlink_put(struct netlink *netlink, uint16_t type, const void *value, uint32_t size);
void netlink_put_string(struct netlink *netlink, uint16_t type, const char *text);
void netlink_put_u32(struct netlink *netlink, uint16_t type, uint32_t value);
/* A nest: attributes put between the two are inside it. `size` bytes of fixed header go first. */
struct nlattr *netlink_nest(struct netlink *netlink, uint16_t type, uint32_t size);
void netlink_nest_end(struct netlink *netlink, struct nlattr *nest);
/* Sends all messages; the last one, and every one with NLM_F_ACK, is acknowledged. Returns 0 or the first -errno. */
int netlink_commit(struct netlink *netlink, int socket);

/* Sends messages as they are, to a `family` of netlink in the network that the thread is in. The kernel answers before
 * the send returns. 0 or the first -errno that it says. */
int netlink_send(uint32_t family, const void *messages, size_t size);

/* Dotted quad to network order. */
int netlink_address(const char *text, uint32_t *address);
/* As RFC 5952 writes it, without a dotted end. */
int netlink_address6(const char *text, uint8_t address[16]);
int netlink_mac(const char *text, uint8_t mac[6]);
/* The index of an interface in the name space of `socket` (of any family), or -errno. */
int netlink_index(int socket, const char *name);
