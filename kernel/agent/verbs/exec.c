/* exec: a process in a running container, or in the guest itself. */
#include "base/sys.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "launch/launch.h"
#include "process/life.h"
#include "verbs/verbs.h"
#include <errno.h>
#include <fcntl.h>

static int enter(struct launch *launch, const struct container *container, struct failure *failure) {
  launch->join = (int)SYS(SYS_pidfd_open, container->pid, 0);
  if (launch->join < 0) return fail(failure, launch->join, "join", "container %s: %E", container->id, -launch->join);
  if (*container->cgroup == '\0') return 0;
  /* A child that is frozen before its first step would hold everybody's files open until it is thawed. */
  if (cgroup_count(container->cgroup, "cgroup.events", "frozen") != 0)
    return fail(failure, EBUSY, "container", "container %s is frozen", container->id);
  launch->cgroup = cgroup_open(container->cgroup, ".", O_RDONLY | O_DIRECTORY);
  if (launch->cgroup < 0) return fail(failure, launch->cgroup, "cgroup", "%s: %E", container->cgroup, -launch->cgroup);
  return 0;
}

int exec_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct launch *launch = launch_new();
  if (launch == NULL) return fail(failure, ENOMEM, "exec", "no memory to start a process");
  struct exec_spec *spec = arena_take(&launch->arena, sizeof *spec);
  struct container *container = NULL;
  int result = 0;
  if (spec == NULL || record_decode(&exec_shape, payload, &launch->arena, spec) < 0)
    result = fail(failure, EPROTO, "decode", "malformed exec");
  else if (spec->process.args.count == 0)
    result = fail(failure, EINVAL, "exec", "no exec command specified");
  else if (*spec->container != '\0' && (container = container_running(spec->container, failure)) == NULL)
    result = -1;
  if (result == 0 && container != NULL) result = enter(launch, container, failure);
  if (result == 0) result = launch_prepare(launch, &spec->process, failure);
  if (result == 0) return process_start(id, launch, container, false, failure);
  launch_free(launch);
  return result;
}
