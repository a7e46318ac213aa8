/* The child's steps from its birth to its program, in their order (clone.c). Each takes what it needs, and returns a
 * negative number after filling `failure`. None may allocate, lock, or use errno: the child may share the agent's
 * memory. */
#pragma once
#include "base/fail.h"
#include "launch/needs.h"
#include "network/endpoint.h"
#include "wire/spec.h"
#include <stdbool.h>

int step_oom_score(const struct process_spec *process, struct failure *failure);
int step_network(const struct container_spec *spec, const struct network_files *files, struct failure *failure);
int step_sysctls(const struct container_spec *spec, struct failure *failure);
/* Opens what is bound; before `step_rootfs` takes the name space's mounts out of their peer groups. */
int step_binds(const struct container_spec *spec, struct rootfs_files *files, struct failure *failure);
/* Everything before the pivot, and the pivot. */
int step_rootfs(const struct container_spec *spec, struct rootfs_files *files, struct failure *failure);
int step_mounts(const struct container_spec *spec, const struct rootfs_files *files, struct failure *failure);
int step_devices(const struct container_spec *spec, int root, struct failure *failure);
int step_files(const struct container_spec *spec, const struct rootfs_files *files, struct failure *failure);
/* The terminal becomes the child's, as `stdio`; its master goes to the agent by `report`. */
int step_console(const struct process_spec *process, bool in_container, int report, int stdio[3],
                 struct failure *failure);
int step_seal(const struct container_spec *spec, int root, struct failure *failure);
int step_identity(const struct process_spec *process, struct environment *environment, const int stdio[3],
                  struct owner *owner, struct failure *failure);
int step_confine(const struct process_spec *process, uint32_t uid, struct failure *failure);
