/* A process that TypeScript started: its stream, its files, its end. */
#pragma once
#include "base/queue.h"
#include "loop/loop.h"
#include "wire/stream.h"
#include <stdbool.h>

struct container;
struct launch;

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

struct process *process_find(int pid);
/* Under its pid, from its birth on. */
void process_remember(struct process *process);
void process_each(void (*visit)(struct process *process, void *context), void *context);
/* Closes its stream and frees it, once it has ended and its output has been read. */
void process_finish(struct process *process);
/* Frees it, and its container with it if it was the first process there. */
void process_release(struct process *process);
