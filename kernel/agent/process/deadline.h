/* The time that a launch may take. */
#pragma once
#include "process/process.h"

/* The launch begins now; what has not called execve(2) in time is killed, and says so. */
void deadline_set(struct process *process);
