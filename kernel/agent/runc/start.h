/* A container or a process in one, begun by the agent's own launch in this process, and what is said through it. */
#pragma once
#include "base/fail.h"
#include "launch/launch.h"
#include "runc/config.h"

struct runc_started {
  int pid;
  int terminal; /* the master of its terminal, or -1 */
  int console; /* the terminal that its own is shown on, or -1 */
};

/* `launch` is filled but for files, and freed. `hold`: a FIFO that it waits at before its program, or -1. */
int runc_launch(struct launch *launch, int hold, struct runc_started *started, struct failure *failure);
/* A container's first process by its configuration. */
int runc_start_container(struct launch *launch, struct runc_config *config, int hold, struct runc_started *started,
                         struct failure *failure);
/* Passes signals and the terminal on until it ends: its exit code, 128 and more for a signal. */
int runc_attend(const struct runc_started *started);
/* Into a file, unless `path` is NULL. */
int runc_write_pid(const char *path, int pid, struct failure *failure);
