#include "docker/socket.h"
#include "base/sys.h"
#include "docker/listen.h"
#include "loop/splice.h"
#include <sys/socket.h>

static const char *socket_path;

static void accept_client(struct watch *watch, uint32_t events) {
  uint8_t buffer[256];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  uint32_t pid, uid, gid;
  (void)events;
  int client = listen_accept(watch, &pid, &uid, &gid);
  if (client < 0) return;
  struct splice *splice = splice_new(client, "the client of the Docker socket", false);
  if (splice == NULL) {
    sys_close(client);
    return;
  }
  write_string(&record, DD_TAG_SOCKET_SPEC_PATH, socket_path);
  write_u32(&record, DD_TAG_SOCKET_SPEC_PID, pid);
  write_u32(&record, DD_TAG_SOCKET_SPEC_UID, uid);
  write_u32(&record, DD_TAG_SOCKET_SPEC_GID, gid);
  stream_open(&splice->stream, &splice_calls, DD_AGENT_KIND_SOCKET, &record);
  splice_begin(splice);
}

static struct watch listener = {.fd = -1, .ready = accept_client};

int socket_listen(const char *path, struct failure *failure) {
  socket_path = path;
  return listen_unix(&listener, path, SOCK_STREAM, failure);
}
