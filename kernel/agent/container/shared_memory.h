/* /dev/shm of a container that others may share: a tmpfs of the guest, which each of them binds (Docker's
 * /var/lib/docker/containers/ID/mounts/shm). */
#pragma once
#include "base/fail.h"

/* Mounts it with these options of tmpfs(5); "" = there is none. */
int shared_memory_make(const char *container, const char *options, struct failure *failure);
/* Takes it from the guest; containers that bound it keep it. Fine with finding none. */
void shared_memory_drop(const char *container);
