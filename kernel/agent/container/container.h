/* The running containers, by id. */
#pragma once
#include "base/fail.h"
#include <stdbool.h>
#include <stdint.h>

enum { container_id_max = 128, container_cgroup_max = 256 };

struct process;

struct container {
  struct container *next;
  struct process *init; /* NULL once it has exited */
  int pid;
  int memory_mark; /* inotify's number of memory.events (process/oom.h), or -1 */
  uint64_t oom_kills;
  char id[container_id_max];
  char cgroup[container_cgroup_max];
};

struct container *container_add(const char *id, const char *cgroup, struct failure *failure);
struct container *container_find(const char *id);
/* The container with a running init; fails in Docker's words otherwise. */
struct container *container_running(const char *id, struct failure *failure);
struct container *container_of_memory_mark(int mark);
/* A file of the network name space of a running container, which is the caller's to close, or fails. */
int container_open_network(const char *id, struct failure *failure);
void container_remove(struct container *container);
