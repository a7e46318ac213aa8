/* Work that nobody waits for: what is prepared for the next container, and what is left of the last one. One thread
 * does it, a piece at a time, when no container has been started or deleted for a while. What is put off is in the
 * agent's memory, and so in a saved machine, which goes on with it. */
#pragma once
#include <stdbool.h>

/* Somebody works with docker: what was put off waits on. */
void idle_disturb(void);
/* Removes a folder with all that is in it, later: what is left of a container. The host is told when that fails, and
 * when it went well after all: it is tried again each time the guest comes to rest. False: too much waits already. */
bool idle_remove(const char *path, const char *container);
