/* The container's root: overlay and pivot. Sources are opened as detached mounts before it; afterwards every path is
 * the container's own (target.h). */
#include "base/statx.h"
#include "base/text.h"
#include "files/files.h"
#include "files/mountapi.h"
#include "files/overlay.h"
#include "launch/binds.h"
#include "launch/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

/* Nothing that happens below comes to the guest's own mounts. */
static int isolate(struct failure *failure) {
  long result = mount_call(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  return result < 0 ? fail(failure, result, "rootfs", "propagation of /: %E", (int)-result) : 0;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static int write_file(const struct container_spec *spec, const struct file_spec *file, const char *folder,
                      int *detached, struct failure *failure) {
  char path[files_path_max];
  text_format(path, sizeof path, "%s/%s", folder, base_name(file->path));
  int fd = sys_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
  if (fd < 0) return fail(failure, fd, "files", "%s: %E", path, -fd);
  long result = sys_write(fd, file->contents.at, file->contents.size);
  if (result >= 0 && (size_t)result < file->contents.size) result = -ENOSPC;
  if (result >= 0 && (file->uid != 0 || file->gid != 0))
    result = SYS(SYS_fchownat, fd, "", file->uid, file->gid, AT_EMPTY_PATH);
  sys_close(fd);
  if (result < 0) return fail(failure, result, "files", "%s: %E", path, (int)-result);
  *detached = bind_clone(path, spec->readonly_root != 0 ? MS_RDONLY : 0, failure);
  return *detached < 0 ? -1 : 0;
}

static int write_files(const struct container_spec *spec, const struct rootfs_files *own, struct failure *failure) {
  const struct list *files = &spec->files;
  char folder[files_path_max];
  if (files->count == 0) return 0;
  text_format(folder, sizeof folder, "/run/drydock/containers/%s", spec->id);
  int result = files_make_directory(AT_FDCWD, folder, 0711);
  if (result < 0) return fail(failure, result, "files", "mkdir %s: %E", folder, -result);
  for (uint32_t i = 0; i < files->count; i++)
    if (write_file(spec, (const struct file_spec *)files->at + i, folder, &own->files[i], failure) < 0) return -1;
  return 0;
}

/* pivot_root(2): with both paths ".", the old root ends up on top of the new one and is the mount that "." names. */
static int pivot(const struct container_spec *spec, struct failure *failure) {
  const char *merged = spec->merged;
  long result;
  if ((result = SYS(SYS_chdir, merged)) < 0)
    return fail(failure, result, "rootfs", "chdir %s: %E", merged, (int)-result);
  if ((result = SYS(SYS_pivot_root, ".", ".")) < 0)
    return fail(failure, result, "rootfs", "pivot_root %s: %E", merged, (int)-result);
  if ((result = SYS(SYS_umount2, ".", 2 /* MNT_DETACH */)) < 0)
    return fail(failure, result, "rootfs", "umount of the old root: %E", (int)-result);
  SYS(SYS_chdir, "/");
  return 0;
}

/* After the pivot "/" and "." are the container's root. */
static int open_root(struct failure *failure) {
  int root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  return root < 0 ? fail(failure, root, "rootfs", "/: %E", -root) : root;
}

static int mount_root(const struct container_spec *spec, int ready, struct failure *failure) {
  if (ready < 0) return overlay_mount(&spec->lowers, spec->upper, spec->work, spec->merged, failure);
  long result = SYS(SYS_move_mount, ready, "", AT_FDCWD, spec->merged, MOVE_FROM_FILE);
  sys_close(ready);
  return result < 0 ? fail(failure, result, "rootfs", "mount overlay on %s: %E", spec->merged, (int)-result) : 0;
}

int step_rootfs(const struct container_spec *spec, struct rootfs_files *files, struct failure *failure) {
  if (isolate(failure) < 0 || mount_root(spec, files->overlay, failure) < 0) return -1;
  if (write_files(spec, files, failure) < 0) return -1;
  if (spec->init != 0 && (files->init = bind_clone("/run/drydock/docker-init", 0, failure)) < 0) return -1;
  if (pivot(spec, failure) < 0) return -1;
  files->root = open_root(failure);
  return files->root < 0 ? -1 : 0;
}
