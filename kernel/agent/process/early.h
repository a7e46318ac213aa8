/* Signals that reach a container's first process before it is ready for them. The kernel drops what the first process
 * of a pid name space has no handler for, and between `start` and the call that sets one lie milliseconds on a real
 * machine, but up to seconds in an emulated one: `docker start` and `docker stop` right behind it would have a meaning
 * that they have nowhere else. So such a signal waits until there is a handler, or until the container has come to
 * rest, or has had its time on the CPU; then it is sent, whatever becomes of it. */
#pragma once
#include <stdbool.h>

struct process;

/* Whether the signal waits: it is sent later, or goes with the process. */
bool early_hold(struct process *init, int signal);
/* The process is gone, and its pid may become another's. */
void early_forget(struct process *init);
