/* Where a path of a request stands: in the guest, or below a container's root. */
#pragma once
#include <stdint.h>

/* The folder that "/" is: /proc/PID/root where `pid` is not 0, else `root`, else the guest's. An O_PATH file or -errno.
 */
int scope_root(uint32_t pid, const char *root);
/* Opens a path of it: by in_root_open in a container. */
int scope_open(uint32_t pid, const char *root, const char *path, int flags);
/* Opens for reading what `found`, an O_PATH file, is, if it is a regular file: a device node would be the agent's to
 * open, for no cgroup keeps it from that, and a FIFO has no end. -EISDIR or -EINVAL otherwise. */
int scope_reopen(int found);
