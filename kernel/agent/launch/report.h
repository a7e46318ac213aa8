/* The report: how a launching child tells the agent what became of it. Its end of file says that the child has called
 * execve(2) or is gone; before that come the terminal's master, and from a child with memory of its own what else
 * would be left in the launch. */
#pragma once
#include "base/fail.h"
#include <stdbool.h>

struct launch;

/* The child's side: what is in the launch; its terminal. */
void report_say(struct launch *launch);
int report_terminal(int report, int master, struct failure *failure);
/* The agent's: puts in the launch what the child has said until now, and in `master` its terminal. Whether that was
 * all. */
bool report_hear(struct launch *launch, int report, int *master);
