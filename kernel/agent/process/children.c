#include "process/children.h"
#include "base/sys.h"
#include "loop/loop.h"
#include "process/life.h"
#include <signal.h>
#include <sys/wait.h>

static void reap(struct watch *watch, uint32_t events) {
  char buffer[128 * 4]; /* struct signalfd_siginfo */
  struct usage usage;
  int status;
  long pid;
  (void)events;
  sys_read(watch->fd, buffer, sizeof buffer);
  /* Orphans of the whole guest come here too. */
  while ((pid = SYS(SYS_wait4, -1, &status, WNOHANG | 0x40000000 /* __WALL */, &usage)) > 0)
    process_reaped((int)pid, status, &usage);
}

static struct watch children = {.fd = -1, .ready = reap};

void children_prepare(void) {
  uint64_t all = ~0ull, child = 1ull << (SIGCHLD - 1);
  /* Every thread made later inherits it; children unblock before they exec. */
  SYS(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
  children.fd = (int)SYS(SYS_signalfd4, -1, &child, sizeof child, 02004000 /* SFD_CLOEXEC | SFD_NONBLOCK */);
  loop_want(&children, EPOLLIN);
}
