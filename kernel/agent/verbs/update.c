/* update: cgroup files of a running container. */
#include "container/cgroup.h"
#include "container/container.h"
#include "verbs/verbs.h"
#include "wire/spec.h"

int update_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct cgroup_spec *update = spec;
  (void)reply;
  const struct container *container = container_running(update->container, failure);
  return container == NULL ? -1 : cgroup_write(container->cgroup, &update->files, failure);
}
