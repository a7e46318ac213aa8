/* A process that TypeScript started: its stream, its files, its end. */
#pragma once
#include "container.h"
#include "launch.h"
#include "loop.h"
#include "queue.h"
#include "stream.h"
#include <sys/resource.h>

struct process {
  struct stream stream;
  int pid;
  struct container *container; /* NULL for a process of the guest itself */
  bool is_init; /* of the container */
  bool tty, exited, detached; /* detached: the host reset the stream; output goes nowhere */
  bool end_input; /* stdin closes when the queue is empty */
  struct launch *launch; /* until the child has said how it went */
  int64_t launched; /* seconds of CLOCK_MONOTONIC */
  struct watch report;
  struct watch input; /* stdin of pipes */
  struct watch output[2]; /* stdout and stderr, or [0] = the terminal */
  struct queue queue; /* for stdin or the terminal */
  struct process *next;
  /* Of a container's init (early.h): it is ready for signals; those that wait until it is. */
  bool grown;
  uint8_t at_rest;
  uint64_t early;
  struct process *next_early;
};

/* Clones the launch and takes the stream. On failure everything is given back, and nothing was said on the stream. */
int process_start(uint32_t id, struct launch *launch, struct container *container, bool is_init,
                  struct failure *failure);
/* Prepares env (with room for HOME) and the launch's stdio; called by start and exec. */
int process_prepare(struct launch *launch, const struct process_spec *spec, struct failure *failure);
/* waitpid said so. `usage` is the kernel's struct rusage. */
struct usage {
  long user_seconds, user_micros, system_seconds, system_micros, max_rss, rest[13];
};
void process_reaped(int pid, int status, const struct usage *usage);
void process_oom(struct process *process);
