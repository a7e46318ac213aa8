#include "network/nft.h"
#include "base/sys.h"
#include "base/text.h"
#include "network/netlink.h"
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>
#include <sys/socket.h>

/* One table. For each bridge a nat chain "masquerade-BRIDGE" and, if isolated, a filter chain "isolate-BRIDGE"; base
 * chains may be many, so a network goes by deleting its chains. The set "isolated" holds the bridges' names. */
static const char table[] = "drydock";
static const char bridges[] = "isolated";

enum { name_bytes = 16 /* IFNAMSIZ */, chain_bytes = 40 };

static void begin(struct netlink *netlink, uint16_t type, uint16_t flags) {
  struct nfgenmsg *header = netlink_begin(netlink, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, sizeof *header);
  *header = (struct nfgenmsg){AF_INET, NFNETLINK_V0, 0};
}

static void begin_batch(struct netlink *netlink, uint16_t type) {
  struct nfgenmsg *header = netlink_begin(netlink, type, 0, sizeof *header);
  *header = (struct nfgenmsg){AF_UNSPEC, NFNETLINK_V0, __builtin_bswap16(NFNL_SUBSYS_NFTABLES)};
}

static void put_be32(struct netlink *netlink, uint16_t type, uint32_t value) {
  netlink_put_u32(netlink, type, __builtin_bswap32(value));
}

static struct nlattr *nest(struct netlink *netlink, uint16_t type) {
  return netlink_nest(netlink, type | NLA_F_NESTED, 0);
}

struct expression {
  struct nlattr *element, *data;
};

static struct expression begin_expression(struct netlink *netlink, const char *name) {
  struct expression expression = {.element = nest(netlink, NFTA_LIST_ELEM)};
  netlink_put_string(netlink, NFTA_EXPR_NAME, name);
  expression.data = nest(netlink, NFTA_EXPR_DATA);
  return expression;
}

static void end_expression(struct netlink *netlink, struct expression expression) {
  netlink_nest_end(netlink, expression.data);
  netlink_nest_end(netlink, expression.element);
}

static void put_value(struct netlink *netlink, uint16_t type, const void *value, uint32_t size) {
  struct nlattr *data = nest(netlink, type);
  netlink_put(netlink, NFTA_DATA_VALUE, value, size);
  netlink_nest_end(netlink, data);
}

static void load_meta(struct netlink *netlink, uint32_t key) {
  struct expression expression = begin_expression(netlink, "meta");
  put_be32(netlink, NFTA_META_DREG, NFT_REG_1);
  put_be32(netlink, NFTA_META_KEY, key);
  end_expression(netlink, expression);
}

static void compare(struct netlink *netlink, uint32_t operation, const void *value, uint32_t size) {
  struct expression expression = begin_expression(netlink, "cmp");
  put_be32(netlink, NFTA_CMP_SREG, NFT_REG_1);
  put_be32(netlink, NFTA_CMP_OP, operation);
  put_value(netlink, NFTA_CMP_DATA, value, size);
  end_expression(netlink, expression);
}

static void compare_interface(struct netlink *netlink, uint32_t key, uint32_t operation, const char *name) {
  char padded[name_bytes] = {0};
  text_format(padded, sizeof padded, "%s", name);
  load_meta(netlink, key);
  compare(netlink, operation, padded, sizeof padded);
}

/* ip saddr & mask == subnet */
static void compare_source(struct netlink *netlink, uint32_t subnet, uint32_t mask) {
  static const uint32_t zero;
  struct expression load = begin_expression(netlink, "payload");
  put_be32(netlink, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_be32(netlink, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
  put_be32(netlink, NFTA_PAYLOAD_OFFSET, 12);
  put_be32(netlink, NFTA_PAYLOAD_LEN, 4);
  end_expression(netlink, load);
  struct expression bitwise = begin_expression(netlink, "bitwise");
  put_be32(netlink, NFTA_BITWISE_SREG, NFT_REG_1);
  put_be32(netlink, NFTA_BITWISE_DREG, NFT_REG_1);
  put_be32(netlink, NFTA_BITWISE_LEN, 4);
  put_value(netlink, NFTA_BITWISE_MASK, &mask, 4);
  put_value(netlink, NFTA_BITWISE_XOR, &zero, 4);
  end_expression(netlink, bitwise);
  compare(netlink, NFT_CMP_EQ, &subnet, 4);
}

static void verdict(struct netlink *netlink, uint32_t code) {
  struct expression expression = begin_expression(netlink, "immediate");
  put_be32(netlink, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  struct nlattr *data = nest(netlink, NFTA_IMMEDIATE_DATA);
  struct nlattr *nested = nest(netlink, NFTA_DATA_VERDICT);
  put_be32(netlink, NFTA_VERDICT_CODE, code);
  netlink_nest_end(netlink, nested);
  netlink_nest_end(netlink, data);
  end_expression(netlink, expression);
}

static void chain_name(char name[chain_bytes], const char *prefix, const char *bridge) {
  text_format(name, chain_bytes, "%s-%s", prefix, bridge);
}

static void add_table(struct netlink *netlink) {
  begin(netlink, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  netlink_put_string(netlink, NFTA_TABLE_NAME, table);
}

static void add_chain(struct netlink *netlink, const char *name, const char *type, uint32_t hook, uint32_t priority) {
  begin(netlink, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  netlink_put_string(netlink, NFTA_CHAIN_TABLE, table);
  netlink_put_string(netlink, NFTA_CHAIN_NAME, name);
  netlink_put_string(netlink, NFTA_CHAIN_TYPE, type);
  struct nlattr *nested = nest(netlink, NFTA_CHAIN_HOOK);
  put_be32(netlink, NFTA_HOOK_HOOKNUM, hook);
  put_be32(netlink, NFTA_HOOK_PRIORITY, priority);
  netlink_nest_end(netlink, nested);
}

static void remove_rules(struct netlink *netlink, const char *chain) {
  begin(netlink, NFT_MSG_DELRULE, 0);
  netlink_put_string(netlink, NFTA_RULE_TABLE, table);
  netlink_put_string(netlink, NFTA_RULE_CHAIN, chain);
}

static struct nlattr *begin_rule(struct netlink *netlink, const char *chain) {
  begin(netlink, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  netlink_put_string(netlink, NFTA_RULE_TABLE, table);
  netlink_put_string(netlink, NFTA_RULE_CHAIN, chain);
  return nest(netlink, NFTA_RULE_EXPRESSIONS);
}

static void add_masquerade(struct netlink *netlink, const struct network_spec *network, uint32_t subnet,
                           uint32_t mask) {
  char chain[chain_bytes];
  chain_name(chain, "masquerade", network->bridge);
  add_chain(netlink, chain, "nat", NF_INET_POST_ROUTING, (uint32_t)NF_IP_PRI_NAT_SRC);
  remove_rules(netlink, chain);
  struct nlattr *expressions = begin_rule(netlink, chain);
  compare_source(netlink, subnet, mask);
  compare_interface(netlink, NFT_META_OIFNAME, NFT_CMP_NEQ, network->bridge);
  end_expression(netlink, begin_expression(netlink, "masq"));
  netlink_nest_end(netlink, expressions);
}

static void put_bridge(struct netlink *netlink, uint16_t message, uint16_t flags, const char *bridge) {
  char padded[name_bytes] = {0};
  text_format(padded, sizeof padded, "%s", bridge);
  begin(netlink, message, flags);
  netlink_put_string(netlink, NFTA_SET_ELEM_LIST_TABLE, table);
  netlink_put_string(netlink, NFTA_SET_ELEM_LIST_SET, bridges);
  struct nlattr *elements = nest(netlink, NFTA_SET_ELEM_LIST_ELEMENTS);
  struct nlattr *element = nest(netlink, NFTA_LIST_ELEM);
  put_value(netlink, NFTA_SET_ELEM_KEY, padded, sizeof padded);
  netlink_nest_end(netlink, element);
  netlink_nest_end(netlink, elements);
}

enum { isolates_all = 2 };

/* iifname BRIDGE oifname != BRIDGE oifname @isolated drop; and iifname BRIDGE oifname BRIDGE drop */
static void add_isolation(struct netlink *netlink, const struct network_spec *network) {
  const char *bridge = network->bridge;
  char chain[chain_bytes];
  begin(netlink, NFT_MSG_NEWSET, NLM_F_CREATE);
  netlink_put_string(netlink, NFTA_SET_TABLE, table);
  netlink_put_string(netlink, NFTA_SET_NAME, bridges);
  put_be32(netlink, NFTA_SET_FLAGS, 0);
  put_be32(netlink, NFTA_SET_KEY_TYPE, 41 /* nft's own number of "ifname", for those who list it */);
  put_be32(netlink, NFTA_SET_KEY_LEN, name_bytes);
  put_be32(netlink, NFTA_SET_ID, 1);
  put_bridge(netlink, NFT_MSG_NEWSETELEM, NLM_F_CREATE, bridge);
  chain_name(chain, "isolate", bridge);
  add_chain(netlink, chain, "filter", NF_INET_FORWARD, 0);
  remove_rules(netlink, chain);
  struct nlattr *expressions = begin_rule(netlink, chain);
  compare_interface(netlink, NFT_META_IIFNAME, NFT_CMP_EQ, bridge);
  compare_interface(netlink, NFT_META_OIFNAME, NFT_CMP_NEQ, bridge);
  load_meta(netlink, NFT_META_OIFNAME);
  struct expression lookup = begin_expression(netlink, "lookup");
  netlink_put_string(netlink, NFTA_LOOKUP_SET, bridges);
  put_be32(netlink, NFTA_LOOKUP_SREG, NFT_REG_1);
  end_expression(netlink, lookup);
  verdict(netlink, NF_DROP);
  netlink_nest_end(netlink, expressions);
  if (network->isolate != isolates_all) return;
  expressions = begin_rule(netlink, chain);
  compare_interface(netlink, NFT_META_IIFNAME, NFT_CMP_EQ, bridge);
  compare_interface(netlink, NFT_META_OIFNAME, NFT_CMP_EQ, bridge);
  verdict(netlink, NF_DROP);
  netlink_nest_end(netlink, expressions);
}

static void remove_chain(struct netlink *netlink, const char *prefix, const char *bridge) {
  char chain[chain_bytes];
  chain_name(chain, prefix, bridge);
  remove_rules(netlink, chain);
  begin(netlink, NFT_MSG_DELCHAIN, 0);
  netlink_put_string(netlink, NFTA_CHAIN_TABLE, table);
  netlink_put_string(netlink, NFTA_CHAIN_NAME, chain);
}

/* A batch is one transaction: the kernel acknowledges its messages once it has ended. */
static int commit(struct netlink *netlink) {
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (socket < 0) return socket;
  netlink->message->nlmsg_flags |= NLM_F_ACK;
  uint32_t last = netlink->message->nlmsg_seq;
  begin_batch(netlink, NFNL_MSG_BATCH_END);
  long result = netlink->overflow ? -EMSGSIZE : SYS(SYS_sendto, socket, netlink->buffer, netlink->used, 0);
  while (result >= 0) {
    uint8_t answer[512] __attribute__((aligned(4)));
    long got = SYS(SYS_recvfrom, socket, answer, sizeof answer, 0);
    if (got < 20) {
      result = got < 0 ? got : -EPROTO;
      break;
    }
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    if (header->nlmsg_type != NLMSG_ERROR) continue;
    int error;
    memcpy(&error, answer + sizeof *header, sizeof error);
    result = error;
    if (error != 0 || header->nlmsg_seq == last) break;
  }
  sys_close(socket);
  return (int)result;
}

int nft_network_add(const struct network_spec *network, struct failure *failure) {
  struct netlink netlink = {.used = 0};
  uint32_t address;
  if (network->masquerade == 0 && network->isolate == 0) return 0;
  if (strlen(network->bridge) >= name_bytes || network->prefix > 32 || netlink_address(network->address, &address) < 0)
    return fail(failure, EINVAL, "nft", "network %s: bad name or address %s/%u", network->bridge, network->address,
                network->prefix);
  uint32_t mask = network->prefix == 0 ? 0 : __builtin_bswap32(~0u << (32 - network->prefix));
  begin_batch(&netlink, NFNL_MSG_BATCH_BEGIN);
  add_table(&netlink);
  if (network->masquerade != 0) add_masquerade(&netlink, network, address & mask, mask);
  if (network->isolate != 0) add_isolation(&netlink, network);
  int result = commit(&netlink);
  return result < 0 ? fail(failure, result, "nft", "rules of %s: %E", network->bridge, -result) : 0;
}

/* Each in a transaction of its own: what is not there does not keep the rest. */
int nft_network_remove(const char *bridge, struct failure *failure) {
  int results[3];
  for (int i = 0; i < 3; i++) {
    struct netlink netlink = {.used = 0};
    begin_batch(&netlink, NFNL_MSG_BATCH_BEGIN);
    if (i == 2)
      put_bridge(&netlink, NFT_MSG_DELSETELEM, 0, bridge);
    else
      remove_chain(&netlink, i == 0 ? "masquerade" : "isolate", bridge);
    results[i] = commit(&netlink);
  }
  for (int i = 0; i < 3; i++)
    if (results[i] < 0 && results[i] != -ENOENT)
      return fail(failure, results[i], "nft", "rules of %s: %E", bridge, -results[i]);
  return 0;
}
