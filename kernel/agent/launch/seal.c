/* Masked and read-only paths, last of all that changes the file system. */
#include "base/statx.h"
#include "files/in_root.h"
#include "files/mountapi.h"
#include "launch/steps.h"
#include "launch/target.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The null device itself: an image or a volume may have put something else at /dev/null, which would then lie open to
 * the container under the masked path (CVE-2025-31133). */
static int open_null(int root, struct failure *failure) {
  struct statx_result stat;
  int null = in_root_open_plain(root, "/dev/null", O_PATH | O_NOFOLLOW);
  if (null < 0) return fail(failure, null, "mask", "/dev/null: %E", -null);
  int result = statx_get(null, "", AT_EMPTY_PATH, &stat);
  if (result == 0 && S_ISCHR(stat.mode) && stat.rdev_major == 1 && stat.rdev_minor == 3) return null;
  sys_close(null);
  return fail(failure, EINVAL, "mask", "/dev/null of the container is not the null device");
}

/* A file is no cover for a folder: move_mount(2) says EINVAL then. */
static long mask_one(int target, int null) {
  int cover = (int)SYS(SYS_open_tree, null, "", TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
  if (cover < 0) return cover;
  long result = SYS(SYS_move_mount, cover, "", target, "", MOVE_FROM_FILE | MOVE_TO_FILE);
  sys_close(cover);
  return result == -EINVAL ? target_mount(target, "tmpfs", "tmpfs", MS_RDONLY, "") : result;
}

static int mask(const struct container_spec *spec, int root, struct failure *failure) {
  const struct strings *paths = &spec->masked_paths;
  int null = paths->count > 0 ? open_null(root, failure) : 0;
  if (null < 0) return -1;
  for (uint32_t i = 0; i < paths->count; i++) {
    int target = in_root_open(root, paths->at[i], O_PATH);
    if (target == -ENOENT || target == -ENOTDIR) continue;
    long result = target < 0 ? target : mask_one(target, null);
    if (result < 0) return fail(failure, result, "mask", "mask %s: %E", paths->at[i], (int)-result);
    sys_close(target);
  }
  return 0;
}

static long protect_one(int target) {
  int copy = (int)SYS(SYS_open_tree, target, "", TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC | AT_EMPTY_PATH);
  if (copy < 0) return copy;
  long result = mount_set(copy, "", AT_EMPTY_PATH, ATTR_RDONLY, 0);
  if (result == 0) result = SYS(SYS_move_mount, copy, "", target, "", MOVE_FROM_FILE | MOVE_TO_FILE);
  sys_close(copy);
  return result;
}

static int protect(const struct container_spec *spec, int root, struct failure *failure) {
  const struct strings *paths = &spec->readonly_paths;
  for (uint32_t i = 0; i < paths->count; i++) {
    int target = in_root_open(root, paths->at[i], O_PATH);
    if (target == -ENOENT || target == -ENOTDIR) continue;
    long result = target < 0 ? target : protect_one(target);
    if (result < 0) return fail(failure, result, "readonly", "make %s read-only: %E", paths->at[i], (int)-result);
    sys_close(target);
  }
  if (spec->readonly_root == 0) return 0;
  long result = mount_set(root, "", AT_EMPTY_PATH, ATTR_RDONLY, 0);
  return result < 0 ? fail(failure, result, "readonly", "make / read-only: %E", (int)-result) : 0;
}

/* What a link of /proc names is not made; whether it may be gone to is for confine.c to see. */
static int make_working_directory(const struct container_spec *spec, int root, struct failure *failure) {
  const char *cwd = spec->process.cwd;
  if (*cwd == '\0' || strcmp(cwd, "/") == 0) return 0;
  int folder = in_root_open(root, cwd, O_PATH | O_DIRECTORY);
  if (folder == -ENOENT) folder = in_root_make_folder(root, cwd, 0755);
  if (folder >= 0) sys_close(folder);
  return folder >= 0 || folder == -ELOOP ? 0 : fail(failure, folder, "cwd", "mkdir %s: %E", cwd, -folder);
}

int step_seal(const struct container_spec *spec, int root, struct failure *failure) {
  if (make_working_directory(spec, root, failure) < 0 || mask(spec, root, failure) < 0) return -1;
  return protect(spec, root, failure);
}
