/* connect: a TCP connection from inside a network name space, spliced to its stream. */
#include "base/sys.h"
#include "container/socket.h"
#include "loop/splice.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <sys/socket.h>

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
  struct sockaddr_in peer;
  if (container_address(spec->address, spec->port, &peer, failure) < 0) return -1;
  int socket = container_socket(spec->container, SOCK_STREAM, failure);
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
