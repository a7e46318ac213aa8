/* The container's file system: overlay, pivot, mounts, devices, masked and read-only paths. Sources are opened as
 * detached mounts before the pivot; afterwards every path is the container's own and no symbolic link in it can lead
 * outside. */
#include "facts.h"
#include "files.h"
#include "launch.h"
#include "mountapi.h"
#include "overlay.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

static const struct mount_spec *mounts(const struct launch *launch) {
  return launch->container->mounts.at;
}

static int isolate_propagation(struct launch *launch) {
  unsigned long propagation = MS_PRIVATE;
  for (uint32_t i = 0; i < launch->container->mounts.count; i++) {
    if ((mounts(launch)[i].propagation & MS_SLAVE) != 0 && propagation != MS_SHARED) propagation = MS_SLAVE;
    if ((mounts(launch)[i].propagation & MS_SHARED) != 0) propagation = MS_SHARED;
  }
  if (propagation == MS_SHARED) propagation = MS_SLAVE;
  long result = mount_call(NULL, "/", NULL, MS_REC | propagation, NULL);
  return result < 0 ? LAUNCH_FAIL(launch, result, "rootfs", "propagation of /: %E", (int)-result) : 0;
}

static bool is_bind(const struct mount_spec *mount) {
  return (mount->flags & MS_BIND) != 0 || strcmp(mount->type, "bind") == 0;
}

static uint64_t bind_attributes(uint32_t flags) {
  uint64_t set = 0;
  if (flags & MS_RDONLY) set |= ATTR_RDONLY;
  if (flags & MS_NOSUID) set |= ATTR_NOSUID;
  if (flags & MS_NODEV) set |= ATTR_NODEV;
  if (flags & MS_NOEXEC) set |= ATTR_NOEXEC;
  if (flags & MS_NODIRATIME) set |= ATTR_NODIRATIME;
  if (flags & MS_NOATIME) set |= ATTR_NOATIME;
  if (flags & MS_STRICTATIME) set |= ATTR_STRICTATIME;
  return set;
}

static int clone_mount(struct launch *launch, const char *source, uint32_t flags) {
  bool recursive = (flags & MS_REC) != 0;
  long file = SYS(SYS_open_tree, AT_FDCWD, source, TREE_CLONE | O_CLOEXEC | (recursive ? TREE_RECURSIVE : 0));
  if (file < 0) return LAUNCH_FAIL(launch, file, "mount", "bind source %s: %E", source, (int)-file);
  uint64_t set = bind_attributes(flags);
  if (set == 0) return (int)file;
  uint64_t clear = (set & ATTR_ATIME_MASK) != 0 ? ATTR_ATIME_MASK : 0;
  long result = mount_set((int)file, "", AT_EMPTY_PATH, set, clear);
  return result < 0 ? LAUNCH_FAIL(launch, result, "mount", "bind source %s: %E", source, (int)-result) : (int)file;
}

static int open_binds(struct launch *launch) {
  for (uint32_t i = 0; i < launch->container->mounts.count; i++) {
    if (!is_bind(&mounts(launch)[i])) continue;
    launch->mount_files[i] = clone_mount(launch, mounts(launch)[i].source, mounts(launch)[i].flags);
    if (launch->mount_files[i] < 0) return -1;
  }
  return 0;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static int write_file(struct launch *launch, const struct file_spec *file, const char *folder, int *detached) {
  char path[files_path_max];
  text_format(path, sizeof path, "%s/%s", folder, base_name(file->path));
  int fd = sys_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
  if (fd < 0) return LAUNCH_FAIL(launch, fd, "files", "%s: %E", path, -fd);
  long result = sys_write(fd, file->contents.at, file->contents.size);
  if (result >= 0 && (file->uid != 0 || file->gid != 0))
    result = SYS(SYS_fchownat, fd, "", file->uid, file->gid, AT_EMPTY_PATH);
  sys_close(fd);
  if (result < 0) return LAUNCH_FAIL(launch, result, "files", "%s: %E", path, (int)-result);
  *detached = clone_mount(launch, path, 0);
  return *detached < 0 ? -1 : 0;
}

static int write_files(struct launch *launch) {
  const struct list *files = &launch->container->files;
  char folder[files_path_max];
  if (files->count == 0) return 0;
  text_format(folder, sizeof folder, "/run/drydock/containers/%s", launch->container->id);
  int result = files_make_directory(AT_FDCWD, folder, 0711);
  if (result < 0) return LAUNCH_FAIL(launch, result, "files", "mkdir %s: %E", folder, -result);
  for (uint32_t i = 0; i < files->count; i++)
    if (write_file(launch, (const struct file_spec *)files->at + i, folder, &launch->file_files[i]) < 0) return -1;
  return 0;
}

/* pivot_root(2): with both paths ".", the old root ends up on top of the new one and is the mount that "." names. */
static int pivot(struct launch *launch) {
  const char *merged = launch->container->merged;
  long result;
  if ((result = SYS(SYS_chdir, merged)) < 0)
    return LAUNCH_FAIL(launch, result, "rootfs", "chdir %s: %E", merged, (int)-result);
  if ((result = SYS(SYS_pivot_root, ".", ".")) < 0)
    return LAUNCH_FAIL(launch, result, "rootfs", "pivot_root %s: %E", merged, (int)-result);
  if ((result = SYS(SYS_umount2, ".", 2 /* MNT_DETACH */)) < 0)
    return LAUNCH_FAIL(launch, result, "rootfs", "umount of the old root: %E", (int)-result);
  SYS(SYS_chdir, "/");
  return 0;
}

/* The missing target of a mount, like its source: an empty file or a folder. */
static int make_target(const char *target, int source) {
  struct facts stat;
  bool folder = source < 0 || facts_get(source, "", AT_EMPTY_PATH, &stat) < 0 || S_ISDIR(stat.mode);
  if (folder) return files_make_directory(AT_FDCWD, target, 0755);
  int result = files_make_parent(AT_FDCWD, target, 0755);
  return result < 0 ? result : files_put(AT_FDCWD, target, O_CREAT, 0755, "", 0);
}

static int attach(struct launch *launch, int detached, const char *target) {
  long result = SYS(SYS_move_mount, detached, "", AT_FDCWD, target, MOVE_FROM_FILE);
  if (result == -ENOENT) {
    result = make_target(target, detached);
    if (result == 0) result = SYS(SYS_move_mount, detached, "", AT_FDCWD, target, MOVE_FROM_FILE);
  }
  sys_close(detached);
  return result < 0 ? LAUNCH_FAIL(launch, result, "mount", "bind mount on %s: %E", target, (int)-result) : 0;
}

/* As in runc: a tmpfs over a folder takes the folder's mode unless its options name one; where there is none yet, the
 * kernel's 1777 stays. */
static void tmpfs_options(const struct mount_spec *mount, char *options, size_t room) {
  struct facts stat;
  if (strcmp(mount->type, "tmpfs") != 0 || strstr(mount->data, "mode=") != NULL ||
      facts_get(AT_FDCWD, mount->target, 0, &stat) < 0) {
    text_format(options, room, "%s", mount->data);
    return;
  }
  text_format(options, room, "mode=%o%s%s", stat.mode & 07777u, *mount->data != '\0' ? "," : "", mount->data);
}

static int mount_new(struct launch *launch, const struct mount_spec *mount) {
  char options[1024];
  unsigned long flags = mount->flags & ~(unsigned long)(MS_REC | MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE);
  const char *source = *mount->source != '\0' ? mount->source : mount->type;
  tmpfs_options(mount, options, sizeof options);
  long result = mount_call(source, mount->target, mount->type, flags, options);
  if (result == -ENOENT && files_make_directory(AT_FDCWD, mount->target, 0755) == 0)
    result = mount_call(source, mount->target, mount->type, flags, options);
  return result < 0
             ? LAUNCH_FAIL(launch, result, "mount", "mount %s on %s: %E", mount->type, mount->target, (int)-result)
             : 0;
}

static int mount_all(struct launch *launch) {
  for (uint32_t i = 0; i < launch->container->mounts.count; i++) {
    const struct mount_spec *mount = &mounts(launch)[i];
    int result = is_bind(mount) ? attach(launch, launch->mount_files[i], mount->target) : mount_new(launch, mount);
    if (result < 0) return -1;
    if (mount->propagation == 0) continue;
    long set = mount_call(NULL, mount->target, NULL, mount->propagation, NULL);
    if (set < 0) return LAUNCH_FAIL(launch, set, "mount", "propagation of %s: %E", mount->target, (int)-set);
  }
  return 0;
}

static bool has_own_dev(const struct launch *launch) {
  for (uint32_t i = 0; i < launch->container->mounts.count; i++)
    if (strcmp(mounts(launch)[i].target, "/dev") == 0 && !is_bind(&mounts(launch)[i])) return true;
  return false;
}

static int make_device(struct launch *launch, const struct device_spec *device) {
  uint32_t type = *device->type == 'b' ? S_IFBLK : *device->type == 'p' ? S_IFIFO : S_IFCHR;
  /* The kernel's wide device number (include/linux/kdev_t.h). */
  uint32_t number = (device->minor & 0xff) | device->major << 8 | (device->minor & ~0xffu) << 12;
  long result = SYS(SYS_mknodat, AT_FDCWD, device->path, type | device->mode, number);
  if (result == -ENOENT && files_make_parent(AT_FDCWD, device->path, 0755) == 0)
    result = SYS(SYS_mknodat, AT_FDCWD, device->path, type | device->mode, number);
  if (result >= 0 && (device->uid != 0 || device->gid != 0))
    result = SYS(SYS_fchownat, AT_FDCWD, device->path, device->uid, device->gid, 0);
  return result < 0 && result != -EEXIST
             ? LAUNCH_FAIL(launch, result, "device", "mknod %s: %E", device->path, (int)-result)
             : 0;
}

static int make_devices(struct launch *launch) {
  static const char *const links[][2] = {
      {"/proc/self/fd", "/dev/fd"},       {"/proc/self/fd/0", "/dev/stdin"}, {"/proc/self/fd/1", "/dev/stdout"},
      {"/proc/self/fd/2", "/dev/stderr"}, {"pts/ptmx", "/dev/ptmx"},         {"/proc/kcore", "/dev/core"},
  };
  SYS(SYS_umask, 0);
  for (uint32_t i = 0; i < launch->container->devices.count; i++)
    if (make_device(launch, (const struct device_spec *)launch->container->devices.at + i) < 0) return -1;
  SYS(SYS_umask, 022);
  if (!has_own_dev(launch)) return 0;
  for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
    if (i == 5 && SYS(SYS_faccessat, AT_FDCWD, links[i][0], 0) < 0) continue;
    long result = SYS(SYS_symlinkat, links[i][0], AT_FDCWD, links[i][1]);
    if (result < 0 && result != -EEXIST)
      return LAUNCH_FAIL(launch, result, "device", "symlink %s: %E", links[i][1], (int)-result);
  }
  return 0;
}

static int attach_files(struct launch *launch) {
  for (uint32_t i = 0; i < launch->container->files.count; i++) {
    const struct file_spec *file = (const struct file_spec *)launch->container->files.at + i;
    if (attach(launch, launch->file_files[i], file->path) < 0) return -1;
  }
  return 0;
}

static int set_sysctls(struct launch *launch) {
  for (uint32_t i = 0; i < launch->container->sysctls.count; i++) {
    const struct pair_spec *sysctl = (const struct pair_spec *)launch->container->sysctls.at + i;
    char path[256];
    size_t prefix = text_format(path, sizeof path, "/proc/sys/%s", sysctl->name);
    for (size_t at = 10; at < prefix; at++)
      if (path[at] == '.') path[at] = '/';
    int result = files_put(AT_FDCWD, path, 0, 0, sysctl->value, strlen(sysctl->value));
    if (result < 0) return LAUNCH_FAIL(launch, result, "sysctl", "write sysctl %s: %E", sysctl->name, -result);
  }
  return 0;
}

static int mask(struct launch *launch) {
  const struct strings *paths = &launch->container->masked_paths;
  for (uint32_t i = 0; i < paths->count; i++) {
    long result = mount_call("/dev/null", paths->at[i], NULL, MS_BIND, NULL);
    if (result == -ENOTDIR) result = mount_call("tmpfs", paths->at[i], "tmpfs", MS_RDONLY, "");
    if (result < 0 && result != -ENOENT)
      return LAUNCH_FAIL(launch, result, "mask", "mask %s: %E", paths->at[i], (int)-result);
  }
  return 0;
}

static int protect(struct launch *launch) {
  const struct strings *paths = &launch->container->readonly_paths;
  for (uint32_t i = 0; i < paths->count; i++) {
    long result = mount_call(paths->at[i], paths->at[i], NULL, MS_BIND | MS_REC, NULL);
    if (result == -ENOENT) continue;
    if (result == 0) result = mount_set(AT_FDCWD, paths->at[i], 0, ATTR_RDONLY, 0);
    if (result < 0) return LAUNCH_FAIL(launch, result, "readonly", "make %s read-only: %E", paths->at[i], (int)-result);
  }
  if (launch->container->readonly_root == 0) return 0;
  long result = mount_set(AT_FDCWD, "/", 0, ATTR_RDONLY, 0);
  return result < 0 ? LAUNCH_FAIL(launch, result, "readonly", "make / read-only: %E", (int)-result) : 0;
}

/* --init: Docker shows its reaper as /sbin/docker-init; this is the agent's own program, on a read-only mount. */
static int attach_init(struct launch *launch, int program) {
  return launch->container->init == 0 ? 0 : attach(launch, program, "/sbin/docker-init");
}

static int make_working_directory(struct launch *launch) {
  const char *cwd = launch->process->cwd;
  if (*cwd == '\0' || strcmp(cwd, "/") == 0) return 0;
  int result = files_make_directory(AT_FDCWD, cwd, 0755);
  return result < 0 ? LAUNCH_FAIL(launch, result, "cwd", "mkdir %s: %E", cwd, -result) : 0;
}

int launch_rootfs(struct launch *launch) {
  const struct container_spec *spec = launch->container;
  int program = -1;
  if (isolate_propagation(launch) < 0) return -1;
  if (overlay_mount(&spec->lowers, spec->upper, spec->work, spec->merged, &launch->failure) < 0) return -1;
  if (open_binds(launch) < 0 || write_files(launch) < 0) return -1;
  if (spec->init != 0 && (program = clone_mount(launch, "/run/drydock/docker-init", 0)) < 0) return -1;
  if (pivot(launch) < 0 || mount_all(launch) < 0 || make_devices(launch) < 0) return -1;
  if (attach_files(launch) < 0 || attach_init(launch, program) < 0) return -1;
  if (launch->process->tty != 0 && launch_console(launch) < 0) return -1;
  if (set_sysctls(launch) < 0 || make_working_directory(launch) < 0) return -1;
  return mask(launch) < 0 || protect(launch) < 0 ? -1 : 0;
}
