#include "network/netlink.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { index_request = 0x8933 /* SIOCGIFINDEX */, name_bytes = 16 };

static void *room(struct netlink *netlink, uint32_t size) {
  uint32_t whole = (size + 3) & ~3u;
  if (whole > sizeof netlink->buffer - netlink->used) {
    netlink->overflow = 1;
    return NULL;
  }
  void *at = netlink->buffer + netlink->used;
  memset(at, 0, whole);
  netlink->used += whole;
  if (netlink->message != NULL)
    netlink->message->nlmsg_len = (uint32_t)(netlink->buffer + netlink->used - (uint8_t *)netlink->message);
  return at;
}

void *netlink_begin(struct netlink *netlink, uint16_t type, uint16_t flags, uint32_t size) {
  static uint8_t sink[64];
  netlink->message = NULL;
  struct nlmsghdr *header = room(netlink, sizeof *header);
  if (header == NULL) return sink;
  *header = (struct nlmsghdr){sizeof *header, type, flags | NLM_F_REQUEST, ++netlink->sequence, 0};
  netlink->message = header;
  void *fixed = room(netlink, size);
  return fixed == NULL ? sink : fixed;
}

void netlink_put(struct netlink *netlink, uint16_t type, const void *value, uint32_t size) {
  struct nlattr *attribute = room(netlink, (uint32_t)sizeof *attribute + size);
  if (attribute == NULL) return;
  *attribute = (struct nlattr){(uint16_t)(sizeof *attribute + size), type};
  if (size > 0) memcpy(attribute + 1, value, size);
}

void netlink_put_string(struct netlink *netlink, uint16_t type, const char *text) {
  netlink_put(netlink, type, text, (uint32_t)strlen(text) + 1);
}

void netlink_put_u32(struct netlink *netlink, uint16_t type, uint32_t value) {
  netlink_put(netlink, type, &value, sizeof value);
}

struct nlattr *netlink_nest(struct netlink *netlink, uint16_t type, uint32_t size) {
  struct nlattr *nest = room(netlink, (uint32_t)sizeof *nest + size);
  if (nest != NULL) *nest = (struct nlattr){(uint16_t)(sizeof *nest + size), type};
  return nest;
}

void netlink_nest_end(struct netlink *netlink, struct nlattr *nest) {
  if (nest != NULL) nest->nla_len = (uint16_t)(netlink->buffer + netlink->used - (uint8_t *)nest);
}

int netlink_commit(struct netlink *netlink, int socket) {
  uint8_t answer[512] __attribute__((aligned(4)));
  if (netlink->overflow || netlink->message == NULL) return -EMSGSIZE;
  netlink->message->nlmsg_flags |= NLM_F_ACK;
  uint32_t last = netlink->message->nlmsg_seq;
  long result = SYS(SYS_sendto, socket, netlink->buffer, netlink->used, 0);
  netlink->used = 0;
  netlink->message = NULL;
  while (result >= 0) {
    long got = SYS(SYS_recvfrom, socket, answer, sizeof answer, 0);
    if (got < 0) return (int)got;
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    if (got < (long)(sizeof *header + sizeof(int))) return -EPROTO;
    if (header->nlmsg_type != NLMSG_ERROR) continue;
    int error;
    memcpy(&error, answer + sizeof *header, sizeof error);
    if (error != 0 || header->nlmsg_seq == last) return error;
  }
  return (int)result;
}

int netlink_send(uint32_t family, const void *messages, size_t size) {
  uint8_t answer[1024] __attribute__((aligned(4)));
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
  long result = socket;
  if (result >= 0) result = SYS(SYS_sendto, socket, messages, size, 0, NULL, 0);
  while (result >= 0) {
    int error;
    long got = SYS(SYS_recvfrom, socket, answer, sizeof answer, MSG_DONTWAIT, NULL, NULL);
    if (got == -EAGAIN) break;
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    result = got < (long)(sizeof *header + sizeof error) ? (got < 0 ? got : -EPROTO) : 0;
    if (result < 0 || header->nlmsg_type != NLMSG_ERROR) continue;
    memcpy(&error, answer + sizeof *header, sizeof error);
    result = error;
  }
  if (socket >= 0) sys_close(socket);
  return result < 0 ? (int)result : 0;
}

int netlink_address(const char *text, uint32_t *address) {
  uint8_t parts[4];
  for (int i = 0; i < 4; i++) {
    unsigned value = 0, digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
      value = value * 10 + (unsigned)(*text - '0');
    if (digits == 0 || value > 255 || *text != (i < 3 ? '.' : '\0')) return -EINVAL;
    parts[i] = (uint8_t)value;
    text++;
  }
  memcpy(address, parts, 4);
  return 0;
}

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int netlink_address6(const char *text, uint8_t address[16]) {
  int used = 0, gap = -1;
  memset(address, 0, 16);
  if (text[0] == ':' && text[1] == ':') {
    gap = 0;
    text += 2;
  }
  while (*text != '\0') {
    unsigned value = 0, digits = 0;
    for (; hex(*text) >= 0 && digits < 4; text++, digits++)
      value = value << 4 | (unsigned)hex(*text);
    if (digits == 0 || used == 16) return -EINVAL;
    address[used++] = (uint8_t)(value >> 8);
    address[used++] = (uint8_t)value;
    if (*text == '\0') break;
    if (*text++ != ':' || *text == '\0') return -EINVAL;
    if (*text != ':') continue;
    if (gap >= 0) return -EINVAL;
    gap = used;
    text++;
  }
  if (gap < 0 ? used != 16 : used == 16) return -EINVAL;
  if (gap >= 0) {
    memmove(address + 16 - (used - gap), address + gap, (size_t)(used - gap));
    memset(address + gap, 0, (size_t)(16 - used));
  }
  return 0;
}

int netlink_mac(const char *text, uint8_t mac[6]) {
  for (int i = 0; i < 6; i++, text += 3) {
    int high = hex(text[0]), low = high < 0 ? -1 : hex(text[1]);
    if (low < 0 || text[2] != (i < 5 ? ':' : '\0')) return -EINVAL;
    mac[i] = (uint8_t)(high << 4 | low);
  }
  return 0;
}

int netlink_index(int socket, const char *name) {
  struct {
    char name[name_bytes];
    int index;
    char rest[32]; /* struct ifreq is larger */
  } request = {.index = 0};
  text_format(request.name, sizeof request.name, "%s", name);
  long result = sys_ioctl(socket, index_request, &request);
  return result < 0 ? (int)result : request.index;
}
