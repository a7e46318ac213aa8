/* What is known of runc's containers between its commands: a folder for each below /run/runc, with config.json as it
 * was, state.json, and exec.fifo until the container is started. */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "files/files.h"
#include <stdbool.h>
#include <stdint.h>

enum runc_status { RUNC_CREATED, RUNC_RUNNING, RUNC_PAUSED, RUNC_STOPPED };

struct runc_state {
  const char *id;
  int pid;
  uint64_t start; /* of the process, in ticks since the boot: a pid alone may be another's by now */
  const char *bundle, *rootfs, *created, *cgroup, *oci_version, *annotations;
  const char *config; /* config.json as it was when the container was created */
  size_t config_size;
  enum runc_status status;
};

/* Another place than /run/runc. */
void runc_state_use(const char *root);
const char *runc_state_root(void);
/* The path of a file of a container's folder. */
void runc_state_path(char path[files_path_max], const char *id, const char *file);
/* `container does not exist` and the like, in runc's words. */
int runc_state_check_id(const char *id, struct failure *failure);
/* Makes the folder; fails where it is there. */
int runc_state_reserve(const char *id, struct failure *failure);
int runc_state_write(const struct runc_state *state, struct failure *failure);
/* All it points to lives in the arena. */
int runc_state_read(struct arena *arena, const char *id, struct runc_state *state, struct failure *failure);
void runc_state_remove(const char *id);
const char *runc_status_name(enum runc_status status);
/* When a process began, or 0 where there is none that lives. */
uint64_t runc_process_start(int pid);
/* All of a regular file of at most `limit` bytes, with a NUL after it; fails otherwise. */
char *runc_read_file(struct arena *arena, const char *path, size_t limit, size_t *size, struct failure *failure);
