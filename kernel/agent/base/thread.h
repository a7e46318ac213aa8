/* Threads of the agent: detached, with small stacks. */
#pragma once

/* 0 or -errno. */
int thread_start(void *(*run)(void *), void *argument);
