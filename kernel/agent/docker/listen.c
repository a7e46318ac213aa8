#include "docker/listen.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static uint32_t docker_group(void) {
  char text[4096];
  int file = sys_open(AT_FDCWD, "/etc/group", O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return 0;
  long got = sys_read(file, text, sizeof text - 1);
  sys_close(file);
  if (got <= 0) return 0;
  text[got] = '\0';
  for (char *line = text; line != NULL && *line != '\0';) {
    if (text_starts(line, "docker:") && (line = strchr(line + 7, ':')) != NULL) {
      uint32_t gid = 0;
      for (line++; *line >= '0' && *line <= '9'; line++)
        gid = gid * 10 + (uint32_t)(*line - '0');
      return gid;
    }
    if (line != NULL && (line = strchr(line, '\n')) != NULL) line++;
  }
  return 0;
}

int listen_unix(struct watch *watch, const char *path, int type, struct failure *failure) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  text_format(address.sun_path, sizeof address.sun_path, "%s", path);
  int socket = (int)SYS(SYS_socket, AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  long result = socket;
  SYS(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result >= 0) result = SYS(SYS_bind, socket, &address, sizeof address);
  if (result >= 0) result = SYS(SYS_fchownat, AT_FDCWD, path, 0, docker_group(), 0);
  if (result >= 0) result = SYS(SYS_fchmodat, AT_FDCWD, path, 0660);
  if (result >= 0) result = SYS(SYS_listen, socket, 128);
  if (result < 0) return fail(failure, result, "listen", "listen on %s: %E", path, (int)-result);
  watch->fd = socket;
  loop_want(watch, EPOLLIN);
  return 0;
}

int listen_accept(const struct watch *watch, uint32_t *pid, uint32_t *uid, uint32_t *gid) {
  int socket = (int)SYS(SYS_accept4, watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  struct {
    uint32_t pid, uid, gid;
  } peer = {0, (uint32_t)-1, (uint32_t)-1};
  int size = sizeof peer;
  if (socket < 0) return socket;
  SYS(SYS_getsockopt, socket, SOL_SOCKET, SO_PEERCRED, &peer, &size);
  *pid = peer.pid;
  *uid = peer.uid;
  *gid = peer.gid;
  return socket;
}
