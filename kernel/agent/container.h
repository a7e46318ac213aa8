/* The running containers, by id. */
#pragma once
#include "fail.h"
#include <stdbool.h>
#include <stdint.h>

enum { container_id_max = 128, container_cgroup_max = 256 };

struct container {
  struct container *next;
  struct process *init; /* NULL once it has exited */
  int pid;
  int memory_watch; /* inotify watch of memory.events or -1 */
  uint64_t oom_kills;
  char id[container_id_max];
  char cgroup[container_cgroup_max];
};

struct container *container_add(const char *id, const char *cgroup, struct failure *failure);
struct container *container_find(const char *id);
/* The container with a running init; fails in Docker's words otherwise. */
struct container *container_running(const char *id, struct failure *failure);
struct container *container_of_watch(int memory_watch);
void container_remove(struct container *container);
/* The file descriptor of inotify, which tells memory.events of all containers. */
int container_inotify(void);
void container_watch_memory(struct container *container);
