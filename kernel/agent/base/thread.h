/* Threads of the agent, with small stacks. */
#pragma once

/* A detached one. 0 or -errno. */
int thread_start(void *(*run)(void *), void *argument);
/* Waits for one that ends: where it went (setns(2)) nobody has to come back from. What `run` returns, or -errno. */
int thread_run(int (*run)(void *), void *argument);
