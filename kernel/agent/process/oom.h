/* The kernel's killing for want of memory (memory.events of cgroup v2), told on the stream of a container's first
 * process while it runs. */
#pragma once
#include <stdbool.h>

struct container;

void oom_hear(struct container *container);
/* Whether oom_hear was asked, and could. */
bool oom_hears(const struct container *container);
void oom_forget(struct container *container);
