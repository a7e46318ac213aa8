/* connect: a TCP connection from inside a network name space, spliced to its stream. */
#include "base/sys.h"
#include "base/thread.h"
#include "container/container.h"
#include "loop/splice.h"
#include "network/netlink.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

/* A socket belongs to the network that its maker was in. */
static int open_socket(void *network) {
  const int *file = network;
  long result = *file < 0 ? 0 : SYS(SYS_setns, *file, CLONE_NEWNET);
  return result < 0 ? (int)result
                    : (int)SYS(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

static int open_in(const char *container, struct failure *failure) {
  int network = -1;
  if (*container != '\0' && (network = container_open_network(container, failure)) < 0) return -1;
  int socket = network < 0 ? open_socket(&network) : thread_run(open_socket, &network);
  if (network >= 0) sys_close(network);
  return socket < 0 ? fail(failure, socket, "connect", "socket: %E", -socket) : socket;
}

static void connected(struct watch *watch, uint32_t events) {
  struct splice *splice = watch->owner;
  int error = 0, size = sizeof error;
  (void)events;
  SYS(SYS_getsockopt, watch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    struct failure failure;
    fail(&failure, error, "connect", "connect: %E", error);
    splice_fail(splice, &failure);
    return;
  }
  watch->ready = splice_ready;
  stream_reply(&splice->stream, &(struct writer){0});
  splice_begin(splice);
}

static int begin(uint32_t id, const struct connect_spec *spec, struct failure *failure) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)spec->port)};
  if (netlink_address(spec->address, &peer.sin_addr.s_addr) < 0 || spec->port == 0 || spec->port > 65535)
    return fail(failure, EINVAL, "connect", "bad address %s:%u", spec->address, spec->port);
  int socket = open_in(spec->container, failure);
  if (socket < 0) return -1;
  long result = SYS(SYS_connect, socket, &peer, sizeof peer);
  struct splice *splice = result < 0 && result != -EINPROGRESS ? NULL : splice_new(socket, "the peer", true);
  if (splice == NULL) {
    sys_close(socket);
    result = result == 0 || result == -EINPROGRESS ? -ENOMEM : result;
    return fail(failure, result, "connect", "%s:%u: %E", spec->address, spec->port, (int)-result);
  }
  splice->watch.ready = connected;
  stream_accept(&splice->stream, id, &splice_calls);
  loop_want(&splice->watch, EPOLLOUT);
  return 0;
}

int connect_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct arena arena = {0};
  struct connect_spec spec;
  int result = record_decode(&connect_shape, payload, &arena, &spec) < 0
                   ? fail(failure, EPROTO, "decode", "malformed connect")
                   : begin(id, &spec, failure);
  arena_free(&arena);
  return result;
}
