/* A process's beginning and end. */
#pragma once
#include "process/process.h"

struct launch;

/* Clones the launch and takes the stream. On failure everything is given back, and nothing was said on the stream. */
int process_start(uint32_t id, struct launch *launch, struct container *container, bool is_init,
                  struct failure *failure);

/* The kernel's struct rusage. */
struct usage {
  long user_seconds, user_micros, system_seconds, system_micros, max_rss, rest[13];
};
/* waitpid said so. */
void process_reaped(int pid, int status, const struct usage *usage);
