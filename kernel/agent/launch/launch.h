/* A launch: a request on its way to a running program. A child is cloned with its own files (clone.h); it builds its
 * surroundings by system calls (steps.h) and execs. Until the report (report.h) says end-of-file the launch belongs to
 * the child, and the parent goes on with other work. */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "launch/needs.h"
#include "network/endpoint.h"
#include "wire/spec.h"
#include <stdbool.h>

enum { launch_stack_bytes = 48 * 1024 };

struct launch {
  struct arena arena;
  const struct container_spec *container; /* NULL: exec, or a process of the guest itself */
  const struct process_spec *process;
  struct environment environment;
  /* File descriptors, all -1 when absent; the child inherits them. */
  int cgroup, null;
  int join; /* pidfd of the container that an exec enters */
  int join_network, join_ipc, join_pid; /* pidfds of containers whose name space is shared */
  int stdio[3]; /* the child's ends of pipes */
  int report; /* child's end; the other end is read by process.c */
  int hold; /* a FIFO: with everything else done, the program waits for a byte from it */
  struct network_files network;
  struct rootfs_files rootfs;
  uint64_t clone_flags;
  bool cloned; /* the files above are closed */
  bool shares_memory; /* what the child says is in here; else it comes by the report */
  /* What the child says, valid once the report has ended. */
  struct owner owner;
  bool execs; /* execve(2) was called */
  struct failure failure;
  uint8_t *stack;
};

/* A launch with nothing in it, or NULL; its stack is warm if an earlier one was given back. */
struct launch *launch_new(void);
/* Fills environment and null. */
int launch_prepare(struct launch *launch, const struct process_spec *spec, struct failure *failure);
/* The child's ends of files, as they are before the clone: afterwards the launch is the child's to change. */
enum { launch_files_count = 12 };
struct launch_files {
  int at[launch_files_count];
};
struct launch_files launch_files(const struct launch *launch);
void launch_close(const struct launch_files *files);
void launch_free(struct launch *launch);
