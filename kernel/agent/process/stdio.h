/* A process's files: what it writes goes to its stream, what comes there is written to it, each as far as the other
 * side makes room. */
#pragma once
#include "process/process.h"

struct launch;

/* Opens pipes, or for a terminal the socket that it comes by, and the report. 0 or -errno. */
int stdio_open(struct process *process, struct launch *launch);
/* What happens on the process's stream. */
extern const struct stream_calls stdio_calls;
/* The program runs: its output is read, and what came for it before is written. */
void stdio_begin(struct process *process);
