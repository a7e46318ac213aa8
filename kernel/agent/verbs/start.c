/* start: a container's first process. */
#include "base/sys.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "container/device_filter.h"
#include "container/shared_memory.h"
#include "idle/idle.h"
#include "idle/spare_folders.h"
#include "idle/spare_network.h"
#include "idle/spare_overlay.h"
#include "launch/launch.h"
#include "process/life.h"
#include "process/oom.h"
#include "verbs/verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

static bool limits_memory(const struct container_spec *spec) {
  for (uint32_t i = 0; i < spec->cgroup_files.count; i++)
    if (strcmp(((const struct cgroup_file_spec *)spec->cgroup_files.at)[i].name, "memory.max") == 0) return true;
  return false;
}

/* A file that stands for the name spaces of another container. */
static int open_neighbour(const char *id, int *file, struct failure *failure) {
  if (*id == '\0') return 0;
  struct container *container = container_running(id, failure);
  if (container == NULL) return -1;
  *file = (int)SYS(SYS_pidfd_open, container->pid, 0);
  return *file < 0 ? fail(failure, *file, "join", "container %s: %E", id, -*file) : 0;
}

static int prepare_files(struct launch *launch, const struct container_spec *spec, struct failure *failure) {
  if (open_neighbour(spec->join_network, &launch->join_network, failure) < 0) return -1;
  if (open_neighbour(spec->join_ipc, &launch->join_ipc, failure) < 0) return -1;
  if (open_neighbour(spec->join_pid, &launch->join_pid, failure) < 0) return -1;
  if (spec->endpoints.count > 0) {
    launch->network.rtnetlink = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (launch->network.rtnetlink < 0)
      return fail(failure, launch->network.rtnetlink, "network", "netlink socket: %E", -launch->network.rtnetlink);
  }
  launch->rootfs.mounts = arena_take(&launch->arena, (spec->mounts.count + 1) * sizeof(int));
  launch->rootfs.files = arena_take(&launch->arena, (spec->files.count + 1) * sizeof(int));
  if (launch->rootfs.mounts == NULL || launch->rootfs.files == NULL)
    return fail(failure, ENOMEM, "start", "no memory for mounts");
  return 0;
}

/* Room for "/sbin/docker-init --" before the words of the user (clone.c steps back to it). */
static int put_init_arguments(struct launch *launch, struct process_spec *process, struct failure *failure) {
  const char **words = arena_take(&launch->arena, (process->args.count + 3) * sizeof *words);
  if (words == NULL) return fail(failure, ENOMEM, "start", "no memory for arguments");
  words[0] = "/sbin/docker-init";
  words[1] = "--";
  memcpy(words + 2, process->args.at, process->args.count * sizeof *words);
  process->args.at = words + 2;
  return 0;
}

static int prepare_cgroup(struct launch *launch, const struct container_spec *spec, struct failure *failure) {
  if (*spec->cgroup == '\0') return 0;
  launch->cgroup = cgroup_create(spec->cgroup, &spec->cgroup_files, failure);
  if (launch->cgroup < 0) return -1;
  return spec->process.privileged != 0 ? 0 : device_filter_attach(launch->cgroup, &spec->device_rules, failure);
}

static uint64_t new_namespaces(const struct container_spec *spec) {
  uint64_t flags = spec->namespaces & (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
  if (*spec->join_network != '\0') flags &= ~(uint64_t)CLONE_NEWNET;
  if (*spec->join_ipc != '\0') flags &= ~(uint64_t)CLONE_NEWIPC;
  if (*spec->join_pid != '\0') flags &= ~(uint64_t)CLONE_NEWPID;
  return flags | CLONE_NEWNS;
}

static int prepare(struct launch *launch, struct container_spec *spec, struct failure *failure) {
  if (*spec->merged != '/') return fail(failure, EINVAL, "start", "no folder for the root file system of %s", spec->id);
  if (spec->process.args.count == 0) return fail(failure, EINVAL, "start", "no command specified");
  if (*spec->join_network != '\0') spec->namespaces &= ~(uint32_t)CLONE_NEWNET;
  if (spec->init != 0 && put_init_arguments(launch, &spec->process, failure) < 0) return -1;
  launch->container = spec;
  launch->clone_flags = new_namespaces(spec);
  if (launch_prepare(launch, &spec->process, failure) < 0) return -1;
  if (prepare_files(launch, spec, failure) < 0) return -1;
  if (shared_memory_make(spec->id, spec->shared_memory, failure) < 0) return -1;
  if (prepare_cgroup(launch, spec, failure) < 0) return -1;
  if (spec->lowers.count > 0 && (launch->rootfs.overlay = spare_overlay_take(spec)) < 0)
    spare_folders_take(spec->upper, spec->work, spec->merged);
  spare_overlay_expect(spec);
  if ((launch->join_network >= 0) ||
      (launch->join_network = spare_network_take(spec->id, spec, &launch->network.spare_index)) < 0)
    return 0;
  if (launch->network.spare_index >= 0) launch->network.home = spare_network_home();
  launch->clone_flags &= ~(uint64_t)CLONE_NEWNET;
  return 0;
}

int start_open(uint32_t id, struct bytes payload, struct failure *failure) {
  idle_disturb();
  struct launch *launch = launch_new();
  if (launch == NULL) return fail(failure, ENOMEM, "start", "no memory to start a container");
  struct container_spec *spec = arena_take(&launch->arena, sizeof *spec);
  struct container *container = NULL;
  int result = -1;
  if (spec == NULL || record_decode(&container_shape, payload, &launch->arena, spec) < 0)
    fail(failure, EPROTO, "decode", "malformed container");
  else if ((container = container_add(spec->id, spec->cgroup, failure)) != NULL)
    result = prepare(launch, spec, failure);
  if (result < 0) {
    launch_free(launch);
  } else {
    if (limits_memory(spec)) oom_hear(container);
    result = process_start(id, launch, container, true, failure);
  }
  if (result < 0 && container != NULL) {
    shared_memory_drop(container->id);
    oom_forget(container);
    container_remove(container);
  }
  return result;
}
