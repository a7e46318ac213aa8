/* Files of another process, which the agent uses without changing them: O_NONBLOCK belongs to the open file, and the
 * shell shares that. Terminals and pipes are opened a second time; sockets are asked not to wait call by call; others
 * do not wait anyway. */
#pragma once
#include "base/queue.h"
#include "loop/loop.h"

struct passed {
  int fd; /* as it came, -1 when gone */
  struct watch watch; /* what is read or written; its own fd */
  bool is_socket, is_terminal;
  bool may_refuse; /* a regular file or a device other than a terminal and /dev/null: writes end well or not at once */
  struct queue queue;
};

/* Looks at what `fd` is; opens nothing yet. `written`: whether it may refuse is of interest. */
void passed_adopt(struct passed *passed, int fd, void (*ready)(struct watch *, uint32_t), void *owner, bool written);
/* Makes watch.fd usable for O_RDONLY or O_WRONLY. 0 or -errno. */
int passed_open(struct passed *passed, int access);
void passed_release(struct passed *passed);
