/* Which devices a container may open: a BPF program on its cgroup, as cgroup v2 wants it. */
#pragma once
#include "base/fail.h"
#include "base/record.h"

/* Lets a cgroup (an open folder) use Docker's default devices, what the rules (device_rule_spec) allow, and mknod
 * anything. Programs are kept by their text, since the kernel's verifier costs more than all the rest. */
int device_filter_attach(int cgroup, const struct list *rules, struct failure *failure);
