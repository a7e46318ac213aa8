/* signal: to a container's init, a pid, or all of a container. */
#include "base/sys.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "process/early.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

static int signal_all(const struct container *container, int signal, struct failure *failure) {
  char text[4096];
  if (signal == SIGKILL) {
    int file = cgroup_open(container->cgroup, "cgroup.kill", O_WRONLY);
    if (file < 0) return fail(failure, file, "signal", "cgroup.kill of %s: %E", container->id, -file);
    sys_write(file, "1", 1);
    sys_close(file);
    return 0;
  }
  int file = cgroup_open(container->cgroup, "cgroup.procs", O_RDONLY);
  if (file < 0) return fail(failure, file, "signal", "cgroup.procs of %s: %E", container->id, -file);
  int pid = 0;
  long got;
  while ((got = sys_read(file, text, sizeof text)) > 0) {
    for (long i = 0; i < got; i++) {
      if (text[i] != '\n') {
        pid = pid * 10 + (text[i] - '0');
        continue;
      }
      SYS(SYS_kill, pid, signal);
      pid = 0;
    }
  }
  sys_close(file);
  return 0;
}

int signal_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct signal_spec *wanted = spec;
  (void)reply;
  int pid = (int)wanted->pid;
  if (pid == 0) {
    const struct container *container = container_running(wanted->container, failure);
    if (container == NULL) return -1;
    if (wanted->all != 0) return signal_all(container, (int)wanted->signal, failure);
    if (early_hold(container->init, (int)wanted->signal)) return 0;
    pid = container->pid;
  }
  long result = pid <= 1 ? -EINVAL : SYS(SYS_kill, pid, wanted->signal);
  return result < 0 ? fail(failure, result, "signal", "signal %u to process %d: %E", wanted->signal, pid, (int)-result)
                    : 0;
}
