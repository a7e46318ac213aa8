/* Detached copies of mounts (open_tree(2)), for a container to have. */
#pragma once
#include "base/fail.h"
#include "wire/spec.h"
#include <stdint.h>

/* A copy of what is at `source`; `flags` are MS_* of mount(2). A file or -1. */
int bind_clone(const char *source, uint32_t flags, struct failure *failure);
/* The same of a mount as it is asked for: its subpath, propagation and what goes for the mounts below. A file or -1. */
int bind_open(const struct mount_spec *mount, struct failure *failure);
