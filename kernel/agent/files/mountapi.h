/* mount(2) and the calls of Linux 5.2 and 5.12 that musl does not have. Values from <linux/mount.h>, which collides
 * with libc's. */
#pragma once
#include "base/sys.h"
#include <stdint.h>
#include <sys/mount.h>

struct mount_attributes {
  uint64_t set, clear, propagation, user_namespace;
};

enum {
  ATTR_RDONLY = 1,
  ATTR_NOSUID = 2,
  ATTR_NODEV = 4,
  ATTR_NOEXEC = 8,
  ATTR_ATIME_MASK = 0x70,
  ATTR_NOATIME = 0x10,
  ATTR_STRICTATIME = 0x20,
  ATTR_NODIRATIME = 0x80,
  TREE_CLONE = 1,
  TREE_RECURSIVE = 0x8000, /* AT_RECURSIVE */
  MOVE_FROM_FILE = 4, /* MOVE_MOUNT_F_EMPTY_PATH */
  MOVE_TO_FILE = 0x40, /* MOVE_MOUNT_T_EMPTY_PATH */
};

static inline long mount_call(const char *source, const char *target, const char *type, unsigned long flags,
                              const char *data) {
  return SYS(SYS_mount, source, target, type, flags, data);
}
/* Adds attributes to the mount at `path` of `directory` ("" with AT_EMPTY_PATH in flags: the mount a file is on). */
static inline long mount_set(int directory, const char *path, unsigned flags, uint64_t set, uint64_t clear) {
  struct mount_attributes attributes = {set, clear, 0, 0};
  return SYS(SYS_mount_setattr, directory, path, flags, &attributes, sizeof attributes);
}
