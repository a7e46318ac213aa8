/* Where something is mounted: after the pivot every path is the container's own, is resolved once (files/in_root.h),
 * and what is mounted is mounted on the file that came of it. */
#pragma once
#include "base/fail.h"
#include <stdbool.h>

/* The target of a mount; a missing one is made like its source: an empty file or a folder. */
int target_open(int root, const char *path, int source, bool *made, struct failure *failure);
/* Of a folder on a file, or the other way round, mount(2) and so runc say ENOTDIR, move_mount(2) EINVAL. */
int target_cover(int detached, int target, const char *path, struct failure *failure);
/* A detached mount goes to its place; the caller closes it. */
int target_attach(int root, int detached, const char *path, struct failure *failure);
/* "." is the open folder itself: no name is looked up. */
long target_mount(int target, const char *source, const char *type, unsigned long flags, const char *options);
