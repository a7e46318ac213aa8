#include "runc/start.h"
#include "base/sys.h"
#include "base/text.h"
#include "container/cgroup.h"
#include "container/device_filter.h"
#include "files/files.h"
#include "launch/clone.h"
#include "launch/report.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's ends: a terminal of the container's own, or what this process has. */
static int open_files(struct launch *launch, int report[2], struct failure *failure) {
  bool tty = launch->process->tty != 0;
  long result =
      tty ? SYS(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report) : SYS(SYS_pipe2, report, O_CLOEXEC);
  if (result < 0) return fail(failure, result, "launch", "report: %E", (int)-result);
  launch->report = report[1];
  for (int i = 0; i < 3 && !tty; i++)
    launch->stdio[i] = (int)SYS(SYS_FCNTL, i, F_DUPFD_CLOEXEC, 3);
  return 0;
}

/* Waits until the child has said how it went: 0 when its program runs, or waits at `hold`. */
static int hear(struct launch *launch, int report, int *terminal, struct failure *failure) {
  struct pollfd wait = {report, POLLIN, 0};
  SYS(SYS_FCNTL, report, F_SETFL, O_NONBLOCK);
  do
    while (SYS(SYS_poll, &wait, 1, -1) == -EINTR)
      continue;
  while (!report_hear(launch, report, terminal));
  if (launch->execs) return 0;
  if (launch->failure.stage == NULL)
    return fail(failure, ECANCELED, "launch", "unable to start container process: it was killed");
  *failure = launch->failure;
  return -1;
}

int runc_launch(struct launch *launch, int hold, struct runc_started *started, struct failure *failure) {
  int report[2] = {-1, -1};
  int status;
  launch->hold = hold;
  started->terminal = -1;
  int result = open_files(launch, report, failure);
  if (result == 0) result = started->pid = launch_clone(launch, failure);
  if (result > 0) result = hear(launch, report[0], &started->terminal, failure);
  if (result < 0 && started->pid > 0) SYS(SYS_wait4, started->pid, &status, 0x40000000 /* __WALL */, NULL);
  if (report[0] >= 0) sys_close(report[0]);
  launch_free(launch);
  return result < 0 ? -1 : 0;
}

static int open_join(const char *path, int *file, struct failure *failure) {
  if (*path == '\0') return 0;
  *file = sys_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  return *file < 0 ? fail(failure, *file, "join", "lstat %s: %E", path, -*file) : 0;
}

static int prepare(struct launch *launch, struct runc_config *config, struct failure *failure) {
  struct container_spec *spec = &config->spec;
  uint32_t namespaces = spec->namespaces;
  if (*config->join_network != '\0') namespaces &= ~(uint32_t)CLONE_NEWNET;
  if (*config->join_ipc != '\0') namespaces &= ~(uint32_t)CLONE_NEWIPC;
  if (!config->has_pid_namespace) namespaces &= ~(uint32_t)CLONE_NEWPID;
  launch->container = spec;
  launch->clone_flags = CLONE_NEWNS | (namespaces & (CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET));
  if (launch_prepare(launch, &spec->process, failure) < 0) return -1;
  if (open_join(config->join_network, &launch->join_network, failure) < 0) return -1;
  if (open_join(config->join_ipc, &launch->join_ipc, failure) < 0) return -1;
  if (open_join(config->join_pid, &launch->join_pid, failure) < 0) return -1;
  launch->rootfs.mounts = arena_take(&launch->arena, (spec->mounts.count + 1) * sizeof(int));
  launch->rootfs.files = arena_take(&launch->arena, sizeof(int));
  if (launch->rootfs.mounts == NULL || launch->rootfs.files == NULL)
    return fail(failure, ENOMEM, "start", "no memory for mounts");
  launch->cgroup = cgroup_create(spec->cgroup, &spec->cgroup_files, failure);
  if (launch->cgroup < 0) return -1;
  return device_filter_attach(launch->cgroup, &spec->device_rules, failure);
}

int runc_start_container(struct launch *launch, struct runc_config *config, int hold, struct runc_started *started,
                         struct failure *failure) {
  started->pid = 0;
  started->terminal = -1;
  if (prepare(launch, config, failure) == 0) return runc_launch(launch, hold, started, failure);
  launch_free(launch);
  return -1;
}

int runc_write_pid(const char *path, int pid, struct failure *failure) {
  char text[16];
  if (path == NULL) return 0;
  int result = files_put(AT_FDCWD, path, O_CREAT | O_TRUNC, 0644, text, text_format(text, sizeof text, "%d", pid));
  return result < 0 ? fail(failure, result, "pid", "open %s: %E", path, -result) : 0;
}
