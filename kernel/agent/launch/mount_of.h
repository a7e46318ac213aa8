/* A container's mount as the specification has it. */
#pragma once
#include "wire/spec.h"
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>

static inline const struct mount_spec *mount_of(const struct container_spec *spec, uint32_t i) {
  return (const struct mount_spec *)spec->mounts.at + i;
}
static inline bool is_bind(const struct mount_spec *mount) {
  return (mount->flags & MS_BIND) != 0 || strcmp(mount->type, "bind") == 0;
}
