/* From a request to a running program. A child is cloned with its own files; it builds its surroundings by system calls
 * and execs. Until the report file says end-of-file the launch belongs to the child, and the parent goes on with other
 * work. Nothing on the child's side may allocate, lock, or use errno.
 *
 * The first process of a new pid name space is cloned with the agent's memory: there are no page tables to copy, and
 * nobody can see it. Every other child gets a copy, and says by its report what it would otherwise leave in memory
 * (launch_shares_memory). */
#pragma once
#include "arena.h"
#include "fail.h"
#include "spec.h"

enum { launch_stack_bytes = 48 * 1024 };

struct launch {
  struct arena arena;
  const struct container_spec *container; /* NULL: exec, or a process of the guest itself */
  const struct process_spec *process;
  const char **env; /* with room for HOME at the end, before NULL */
  uint32_t env_count;
  char home[256 + 5];
  /* File descriptors, all -1 when absent; the child inherits them. */
  int cgroup, null;
  int join; /* pidfd of the container that an exec enters */
  int join_network, join_ipc, join_pid; /* pidfds of containers whose name space is shared */
  int link_socket; /* rtnetlink in the host's network */
  int home_network, spare_index; /* the host's network, and the pair in join_network that was made ahead (spare.h) */
  int stdio[3]; /* the child's ends of pipes */
  int report; /* child's end; the other end is read by process.c */
  int *mount_files, *file_files; /* detached mounts of binds and of container->files */
  uint64_t clone_flags;
  bool cloned; /* the files above are closed */
  bool shares_memory; /* what the child says is in here; else it comes by the report */
  /* What the child says, valid once the report has ended. */
  uint32_t uid, gid;
  bool executing;
  struct failure failure;
  uint8_t *stack;
};

/* A launch with nothing in it, or NULL; its stack is warm if an earlier one was given back. */
struct launch *launch_new(void);
void launch_free(struct launch *launch);
/* Puts in the launch what the child has said until now, and in `master` its terminal. Whether that was all. */
bool launch_hear(struct launch *launch, int report, int *master);
/* Clones the child. Returns its pid or fails. Closes the child's ends of files. */
int launch_clone(struct launch *launch, struct failure *failure);

/* The child's steps, in their order. Each fails into launch->failure. */
int launch_network(struct launch *launch);
int launch_oom_score(struct launch *launch);
int launch_sysctls(struct launch *launch);
int launch_rootfs(struct launch *launch);
int launch_console(struct launch *launch);
int launch_identity(struct launch *launch);
int launch_confine(struct launch *launch);
int launch_exec(struct launch *launch);

/* The child's words to the agent (report.c): what is in the launch, and its terminal. */
void launch_say(struct launch *launch);
int launch_send_master(struct launch *launch, int master);

#define LAUNCH_FAIL(launch, error, ...) fail(&(launch)->failure, error, __VA_ARGS__)
