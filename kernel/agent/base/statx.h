/* statx(2): one layout on every architecture. musl 1.2.3 lacks it. */
#pragma once
#include "base/sys.h"
#include <fcntl.h>
#include <sys/stat.h>

struct statx_time {
  int64_t seconds;
  uint32_t nanoseconds;
  int32_t unused;
};
struct statx_result {
  uint32_t mask, block_size;
  uint64_t attributes;
  uint32_t links, uid, gid;
  uint16_t mode, unused;
  uint64_t inode, size, blocks, attributes_mask;
  struct statx_time accessed, born, changed, modified;
  uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
  uint64_t mount;
  uint64_t spare[13];
};

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

/* `flags`: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW. 0 or -errno. */
static inline int statx_get(int directory, const char *path, int flags, struct statx_result *result) {
  return (int)SYS(SYS_statx, directory, path, flags, 0x7ff /* STATX_BASIC_STATS */, result);
}

/* The number in mountinfo of the mount that an open file is on. 0 or -errno. */
static inline int statx_mount(int file, uint64_t *mount) {
  struct statx_result stat;
  int result = (int)SYS(SYS_statx, file, "", AT_EMPTY_PATH, 0x1000 /* STATX_MNT_ID */, &stat);
  if (result == 0) *mount = stat.mount;
  return result;
}
