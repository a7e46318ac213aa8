/* A bundle's config.json (OCI runtime specification, config.md) as what the agent itself starts a container from. */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "wire/spec.h"

struct runc_config {
  struct container_spec spec; /* all but id and cgroup_files is settled */
  const char *oci_version;
  const char *annotations; /* as they are written; "" when there are none */
  const char *join_network, *join_ipc, *join_pid; /* files of name spaces; "" = none */
  bool has_pid_namespace;
};

/* Reads `text`, which `bundle` (an absolute path) has. Everything it yields lives in the arena. Fails in runc's words
 * where runc has words for it, and for what this runtime does not do. */
int runc_config_read(struct arena *arena, const char *bundle, const char *text, size_t size, struct runc_config *config,
                     struct failure *failure);
/* A process of `runc exec --process`, or of the configuration itself. */
int runc_process_read(struct arena *arena, const char *text, size_t size, struct process_spec *process,
                      struct failure *failure);
