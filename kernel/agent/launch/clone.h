/* The child's birth.
 *
 * The first process of a new pid name space is cloned with the agent's memory: there are no page tables to copy, and
 * nobody can see it. Every other child gets a copy, and says by its report what it would otherwise leave in memory
 * (launch->shares_memory). */
#pragma once
#include "launch/launch.h"

/* Clones the child. Returns its pid or fails. Closes the child's ends of files. */
int launch_clone(struct launch *launch, struct failure *failure);
