/* Blocks all signals and hears of SIGCHLD by signalfd(2): the agent has no signal handlers. */
#pragma once
void children_prepare(void);
