#include "container/socket.h"
#include "base/sys.h"
#include "base/thread.h"
#include "container/container.h"
#include "network/netlink.h"
#include <errno.h>
#include <sched.h>
#include <sys/socket.h>

struct making {
  int network, type;
};

/* A socket belongs to the network that its maker was in. */
static int make(void *argument) {
  const struct making *making = argument;
  long result = making->network < 0 ? 0 : SYS(SYS_setns, making->network, CLONE_NEWNET);
  return result < 0 ? (int)result : (int)SYS(SYS_socket, AF_INET, making->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int container_socket(const char *container, int type, struct failure *failure) {
  struct making making = {-1, type};
  if (*container != '\0' && (making.network = container_open_network(container, failure)) < 0) return -1;
  int socket = making.network < 0 ? make(&making) : thread_run(make, &making);
  if (making.network >= 0) sys_close(making.network);
  return socket < 0 ? fail(failure, socket, "socket", "socket: %E", -socket) : socket;
}

int container_address(const char *text, uint32_t port, struct sockaddr_in *address, struct failure *failure) {
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (port > 65535 || netlink_address(text, &address->sin_addr.s_addr) < 0)
    return fail(failure, EINVAL, "socket", "bad address %s:%u", text, port);
  return 0;
}
