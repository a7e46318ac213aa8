#include "launch/target.h"
#include "base/statx.h"
#include "files/in_root.h"
#include "files/mountapi.h"
#include <errno.h>
#include <fcntl.h>

int target_open(int root, const char *path, int source, bool *made, struct failure *failure) {
  struct statx_result stat;
  int target = in_root_open(root, path, O_PATH);
  if (made != NULL) *made = target == -ENOENT;
  if (target == -ENOENT) {
    bool folder = source < 0 || statx_get(source, "", AT_EMPTY_PATH, &stat) < 0 || S_ISDIR(stat.mode);
    target = folder ? in_root_make_folder(root, path, 0755) : in_root_make_file(root, path, 0755);
  }
  return target < 0 ? fail(failure, target, "mount", "mount on %s: %E", path, -target) : target;
}

static bool is_folder(int file) {
  struct statx_result stat;
  return statx_get(file, "", AT_EMPTY_PATH, &stat) == 0 && S_ISDIR(stat.mode);
}

int target_cover(int detached, int target, const char *path, struct failure *failure) {
  long result = SYS(SYS_move_mount, detached, "", target, "", MOVE_FROM_FILE | MOVE_TO_FILE);
  if (result == -EINVAL && is_folder(detached) != is_folder(target)) result = -ENOTDIR;
  return result < 0 ? fail(failure, result, "mount", "bind mount on %s: %E", path, (int)-result) : 0;
}

int target_attach(int root, int detached, const char *path, struct failure *failure) {
  int target = target_open(root, path, detached, NULL, failure);
  if (target < 0) return -1;
  int result = target_cover(detached, target, path, failure);
  sys_close(target);
  return result;
}

long target_mount(int target, const char *source, const char *type, unsigned long flags, const char *options) {
  long result = SYS(SYS_fchdir, target);
  return result < 0 ? result : mount_call(source, ".", type, flags, options);
}
