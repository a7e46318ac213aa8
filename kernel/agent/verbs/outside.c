/* outside: the network that the guest's default route leads to, as a name space with two sockets. Its rules, which come
 * with the request, lead every connection to the one and every question for a name to the other. */
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "files/files.h"
#include "loop/datagrams.h"
#include "loop/splice.h"
#include "network/netlink.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { waiting_connections = 128, original_destination = 80 /* SO_ORIGINAL_DST */ };

struct outside {
  struct datagrams datagrams; /* first: freed with it */
  struct watch connections;
};

static void closing(struct datagrams *datagrams) {
  loop_close(&((struct outside *)datagrams)->connections);
}

static void write_address(struct writer *record, uint16_t tag, const struct sockaddr_in *address) {
  char text[16];
  uint32_t number = ntohl(address->sin_addr.s_addr);
  text_format(text, sizeof text, "%u.%u.%u.%u", number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255);
  write_string(record, tag, text);
  write_u32(record, (uint16_t)(tag + 1), ntohs(address->sin_port));
}

/* How many there may be is the host's to say: it resets what is too much. */
static void connected(struct watch *watch, uint32_t events) {
  const struct outside *outside = watch->owner;
  uint8_t buffer[96];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  struct sockaddr_in from = {0}, to = {0};
  int size = sizeof from, to_size = sizeof to;
  (void)events;
  int client = (int)SYS(SYS_accept4, watch->fd, &from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  struct splice *splice = NULL;
  if (SYS(SYS_getsockopt, client, IPPROTO_IP, original_destination, &to, &to_size) == 0)
    splice = splice_new(client, "who went outside", false);
  if (splice == NULL) {
    sys_close(client);
    return;
  }
  write_u32(&record, DD_TAG_OUTSIDE_CONNECTION_SPEC_OUTSIDE, outside->datagrams.stream.id);
  write_address(&record, DD_TAG_OUTSIDE_CONNECTION_SPEC_ADDRESS, &to);
  write_address(&record, DD_TAG_OUTSIDE_CONNECTION_SPEC_FROM, &from);
  stream_open(&splice->stream, &splice_calls, DD_AGENT_KIND_OUTSIDE_CONNECTION, &record);
  splice_begin(splice);
}

struct making {
  const struct outside_spec *spec;
  int datagrams, connections;
  struct failure *failure;
};

static int bind_socket(int type, uint32_t port, struct failure *failure) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int socket = (int)SYS(SYS_socket, AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  long result = socket;
  if (result >= 0) result = SYS(SYS_bind, socket, &address, sizeof address);
  if (result >= 0 && type == SOCK_STREAM) result = SYS(SYS_listen, socket, waiting_connections);
  if (result >= 0) return socket;
  if (socket >= 0) sys_close(socket);
  return fail(failure, result, "bind", "port %u outside: %E", port, (int)-result);
}

/* Inherited by what is accepted: a container that is gone with its network says nothing more. */
static void keep_alive(int socket) {
  int on = 1, idle = 60, interval = 15, times = 4;
  SYS(SYS_setsockopt, socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  SYS(SYS_setsockopt, socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  SYS(SYS_setsockopt, socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  SYS(SYS_setsockopt, socket, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

/* What is for nobody there is turned away, each time (icmp(7): the kernel would say so only
 * once a second). The sockets hold the name space. */
static int make_inside(void *argument) {
  struct making *making = argument;
  const struct netlink_spec *batches = making->spec->setup.at;
  long result = SYS(SYS_unshare, CLONE_NEWNET);
  if (result < 0) return fail(making->failure, result, "network", "unshare: %E", (int)-result);
  files_put(AT_FDCWD, "/proc/sys/net/ipv4/icmp_ratelimit", 0, 0, "0", 1);
  for (uint32_t i = 0; i < making->spec->setup.count; i++) {
    result = netlink_send(batches[i].family, batches[i].messages.at, batches[i].messages.size);
    if (result < 0) return fail(making->failure, result, "network", "batch %u of outside: %E", i, (int)-result);
  }
  if ((making->datagrams = bind_socket(SOCK_DGRAM, making->spec->udp_port, making->failure)) < 0) return -1;
  making->connections = bind_socket(SOCK_STREAM, making->spec->tcp_port, making->failure);
  if (making->connections >= 0) keep_alive(making->connections);
  return making->connections < 0 ? -1 : 0;
}

static int begin(uint32_t id, const struct outside_spec *spec, struct failure *failure) {
  struct making making = {spec, -1, -1, failure};
  if (spec->udp_port > 65535 || spec->tcp_port > 65535)
    return fail(failure, EINVAL, "bind", "bad port %u or %u", spec->udp_port, spec->tcp_port);
  struct outside *outside = calloc(1, sizeof *outside);
  if (outside == NULL) return fail(failure, ENOMEM, "bind", "no memory");
  if (thread_run(make_inside, &making) < 0) {
    if (making.datagrams >= 0) sys_close(making.datagrams);
    if (making.connections >= 0) sys_close(making.connections);
    free(outside);
    return -1;
  }
  outside->connections = (struct watch){.fd = making.connections, .ready = connected, .owner = outside};
  outside->datagrams.closing = closing;
  datagrams_begin(&outside->datagrams, id, making.datagrams, &(struct writer){0});
  loop_want(&outside->connections, EPOLLIN);
  return 0;
}

int outside_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct arena arena = {0};
  struct outside_spec spec;
  int result = record_decode(&outside_shape, payload, &arena, &spec) < 0
                   ? fail(failure, EPROTO, "decode", "malformed outside")
                   : begin(id, &spec, failure);
  arena_free(&arena);
  return result;
}
