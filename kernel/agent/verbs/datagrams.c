/* datagrams: a UDP socket inside a network name space, handed to the host. */
#include "loop/datagrams.h"
#include "base/sys.h"
#include "container/socket.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

static int bind_in(const struct datagrams_spec *spec, struct sockaddr_in *address, struct failure *failure) {
  int size = sizeof *address;
  if (container_address(spec->address, spec->port, address, failure) < 0) return -1;
  int socket = container_socket(spec->container, SOCK_DGRAM, failure);
  if (socket < 0) return -1;
  long result = SYS(SYS_bind, socket, address, sizeof *address);
  if (result == 0) result = SYS(SYS_getsockname, socket, address, &size);
  if (result == 0) return socket;
  sys_close(socket);
  return fail(failure, result, "bind", "%s:%u: %E", spec->address, spec->port, (int)-result);
}

static int begin(uint32_t id, const struct datagrams_spec *spec, struct failure *failure) {
  uint8_t buffer[16];
  struct writer bound = {buffer, buffer, buffer + sizeof buffer, false};
  struct sockaddr_in address;
  struct datagrams *datagrams = calloc(1, sizeof *datagrams);
  if (datagrams == NULL) return fail(failure, ENOMEM, "bind", "no memory");
  int socket = bind_in(spec, &address, failure);
  if (socket < 0) {
    free(datagrams);
    return -1;
  }
  write_u32(&bound, DD_TAG_DATAGRAMS_BOUND_PORT, ntohs(address.sin_port));
  datagrams_begin(datagrams, id, socket, &bound);
  return 0;
}

int datagrams_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct arena arena = {0};
  struct datagrams_spec spec;
  int result = record_decode(&datagrams_shape, payload, &arena, &spec) < 0
                   ? fail(failure, EPROTO, "decode", "malformed datagrams")
                   : begin(id, &spec, failure);
  arena_free(&arena);
  return result;
}
