/* resolver: the sockets of Docker's DNS inside a network name space, handed to the host. They are not on port 53, which
 * belongs to the container's programs: rules lead there what is sent to 127.0.0.11:53. */
#include "base/sys.h"
#include "base/thread.h"
#include "container/container.h"
#include "idle/spare_network.h"
#include "loop/datagrams.h"
#include "loop/splice.h"
#include "network/netlink.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { waiting_connections = 16 };

struct resolver {
  struct datagrams datagrams; /* first: freed with it */
  struct watch connections;
};

static void closing(struct datagrams *datagrams) {
  loop_close(&((struct resolver *)datagrams)->connections);
}

/* How many there may be is the host's to say: it resets what is too much. */
static void connected(struct watch *watch, uint32_t events) {
  const struct resolver *resolver = watch->owner;
  uint8_t buffer[16];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  (void)events;
  int client = (int)SYS(SYS_accept4, watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  struct splice *splice = splice_new(client, "who asked for a name", false);
  if (splice == NULL) {
    sys_close(client);
    return;
  }
  write_u32(&record, DD_TAG_RESOLVER_CONNECTION_SPEC_RESOLVER, resolver->datagrams.stream.id);
  stream_open(&splice->stream, &splice_calls, DD_AGENT_KIND_RESOLVER_CONNECTION, &record);
  splice_begin(splice);
}

struct making {
  const struct resolver_spec *spec;
  int network, datagrams, connections;
  struct failure *failure;
};

/* lo may not be up yet. */
static int bind_socket(int type, uint32_t port, struct failure *failure) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(0x7f00000b /* 127.0.0.11 */)};
  int on = 1;
  int socket = (int)SYS(SYS_socket, AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  long result = socket;
  if (result >= 0) result = SYS(SYS_setsockopt, socket, IPPROTO_IP, 15 /* IP_FREEBIND */, &on, sizeof on);
  if (result >= 0) result = SYS(SYS_bind, socket, &address, sizeof address);
  if (result >= 0 && type == SOCK_STREAM) result = SYS(SYS_listen, socket, waiting_connections);
  if (result >= 0) return socket;
  if (socket >= 0) sys_close(socket);
  return fail(failure, result, "bind", "127.0.0.11:%u: %E", port, (int)-result);
}

/* A socket belongs to the network that its maker was in. */
static int make_inside(void *argument) {
  struct making *making = argument;
  const struct resolver_spec *spec = making->spec;
  long result = SYS(SYS_setns, making->network, CLONE_NEWNET);
  if (result < 0) return fail(making->failure, result, "bind", "setns: %E", (int)-result);
  if ((making->datagrams = bind_socket(SOCK_DGRAM, spec->udp_port, making->failure)) < 0) return -1;
  if ((making->connections = bind_socket(SOCK_STREAM, spec->tcp_port, making->failure)) < 0) return -1;
  result = spec->rules.size == 0 ? 0 : netlink_send(NETLINK_NETFILTER, spec->rules.at, spec->rules.size);
  return result < 0 ? fail(making->failure, result, "nft", "rules of 127.0.0.11: %E", (int)-result) : 0;
}

static int make(struct making *making) {
  const struct resolver_spec *spec = making->spec;
  struct failure *failure = making->failure;
  if (spec->udp_port > 65535 || spec->tcp_port > 65535)
    return fail(failure, EINVAL, "bind", "bad port %u or %u", spec->udp_port, spec->tcp_port);
  making->network = spec->ahead != 0 ? spare_network_reserve(spec->container, failure)
                                     : container_open_network(spec->container, failure);
  if (making->network < 0) return -1;
  int result = thread_run(make_inside, making);
  sys_close(making->network);
  return result;
}

static int begin(uint32_t id, const struct resolver_spec *spec, struct failure *failure) {
  struct resolver *resolver = calloc(1, sizeof *resolver);
  struct making making = {spec, -1, -1, -1, failure};
  if (resolver == NULL) return fail(failure, ENOMEM, "bind", "no memory");
  if (make(&making) < 0) {
    if (making.datagrams >= 0) sys_close(making.datagrams);
    if (making.connections >= 0) sys_close(making.connections);
    free(resolver);
    return -1;
  }
  resolver->connections = (struct watch){.fd = making.connections, .ready = connected, .owner = resolver};
  resolver->datagrams.closing = closing;
  datagrams_begin(&resolver->datagrams, id, making.datagrams, &(struct writer){0});
  loop_want(&resolver->connections, EPOLLIN);
  return 0;
}

int resolver_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct arena arena = {0};
  struct resolver_spec spec;
  int result = record_decode(&resolver_shape, payload, &arena, &spec) < 0
                   ? fail(failure, EPROTO, "decode", "malformed resolver")
                   : begin(id, &spec, failure);
  arena_free(&arena);
  return result;
}
