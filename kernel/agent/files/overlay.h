/* The overlay of a container: lowers, upper, work. */
#pragma once
#include "base/fail.h"
#include "base/record.h"

/* Makes the folders and mounts the overlay at `target`. Without lowers the upper directory itself is bound there;
 * without upper the overlay is read-only; without both, `target` is bound onto itself so that it is a mount point.
 * May change the working directory to /. */
int overlay_mount(const struct strings *lowers, const char *upper, const char *work, const char *target,
                  struct failure *failure);
