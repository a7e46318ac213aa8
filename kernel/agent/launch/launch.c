#include "launch/launch.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static int null_file = -1;

/* One stack is kept: touching its pages for the first time is dearer than the rest of launch_new. */
static uint8_t *spare_stack;

struct launch *launch_new(void) {
  struct launch *launch = calloc(1, sizeof *launch);
  if (launch == NULL) return NULL;
  launch->stack = spare_stack != NULL ? spare_stack : malloc(launch_stack_bytes);
  spare_stack = NULL;
  launch->cgroup = launch->join = launch->join_network = launch->join_ipc = launch->join_pid = -1;
  launch->network = (struct network_files){-1, -1, -1};
  launch->rootfs.init = launch->rootfs.root = launch->rootfs.overlay = -1;
  launch->report = launch->hold = launch->null = -1;
  launch->stdio[0] = launch->stdio[1] = launch->stdio[2] = -1;
  if (launch->stack != NULL) return launch;
  free(launch);
  return NULL;
}

int launch_prepare(struct launch *launch, const struct process_spec *spec, struct failure *failure) {
  struct environment *environment = &launch->environment;
  launch->process = spec;
  environment->at = arena_take(&launch->arena, (spec->env.count + 2) * sizeof *environment->at);
  if (environment->at == NULL) return fail(failure, ENOMEM, "launch", "no memory for the environment");
  memcpy(environment->at, spec->env.at, spec->env.count * sizeof *environment->at);
  environment->count = spec->env.count;
  if (null_file < 0) null_file = sys_open(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
  launch->null = null_file;
  return 0;
}

struct launch_files launch_files(const struct launch *launch) {
  return (struct launch_files){{launch->cgroup, launch->join, launch->join_network, launch->join_ipc, launch->join_pid,
                                launch->network.rtnetlink, launch->stdio[0], launch->stdio[1], launch->stdio[2],
                                launch->report, launch->hold, launch->rootfs.overlay}};
}

void launch_close(const struct launch_files *files) {
  for (int i = 0; i < launch_files_count; i++)
    if (files->at[i] >= 0) sys_close(files->at[i]);
}

void launch_free(struct launch *launch) {
  if (!launch->cloned) {
    struct launch_files files = launch_files(launch);
    launch_close(&files);
  }
  arena_free(&launch->arena);
  if (spare_stack == NULL)
    spare_stack = launch->stack;
  else
    free(launch->stack);
  free(launch);
}
