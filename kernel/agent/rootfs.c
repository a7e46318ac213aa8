/* The container's file system: overlay, pivot, mounts, devices, masked and read-only paths. Sources are opened as
 * detached mounts before the pivot; afterwards every path is the container's own, is resolved once (in_root.h), and
 * what is mounted is mounted on the file that came of it. */
#include "facts.h"
#include "files.h"
#include "in_root.h"
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
  *detached = clone_mount(launch, path, launch->container->readonly_root != 0 ? MS_RDONLY : 0);
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

/* --- targets --- */

/* After the pivot "/" and "." are the container's root. */
static int open_root(struct launch *launch) {
  int root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  return root < 0 ? LAUNCH_FAIL(launch, root, "rootfs", "/: %E", -root) : root;
}

/* What "/proc" of the container is by now: a folder of its image, then what is mounted there. */
static struct facts look_at_proc(int root) {
  struct facts proc = {.mask = 0};
  int file = in_root_open_plain(root, "/proc", O_PATH);
  if (file < 0 || facts_get(file, "", AT_EMPTY_PATH, &proc) < 0) proc.mask = 0;
  if (file >= 0) sys_close(file);
  return proc;
}

static bool same_system(const struct facts *one, const struct facts *other) {
  return one->mask != 0 && one->dev_major == other->dev_major && one->dev_minor == other->dev_minor;
}

/* As runc's checkProcMount: what /proc says and guards is not to be hidden, but for a few files that lxcfs and others
 * show a container instead. */
static bool may_be_covered(const char *path) {
  static const char *const names[] = {"/proc/cpuinfo",
                                      "/proc/diskstats",
                                      "/proc/meminfo",
                                      "/proc/stat",
                                      "/proc/swaps",
                                      "/proc/uptime",
                                      "/proc/loadavg",
                                      "/proc/slabinfo",
                                      "/proc/sys/kernel/ns_last_pid",
                                      "/proc/net/dev",
                                      "/proc/sys/crypto/fips_enabled"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(path, names[i]) == 0) return true;
  return false;
}

/* 1: it is /proc itself. */
static int check_target(struct launch *launch, const struct facts *proc, const struct mount_spec *mount, int target,
                        int source) {
  struct facts facts;
  int result = facts_get(target, "", AT_EMPTY_PATH, &facts);
  if (result < 0) return LAUNCH_FAIL(launch, result, "mount", "%s: %E", mount->target, -result);
  if (!same_system(proc, &facts)) return 0;
  if (proc->inode == facts.inode) {
    if (source >= 0 ? file_system_of(source) == PROC_MAGIC : strcmp(mount->type, "proc") == 0) return 1;
    return LAUNCH_FAIL(launch, EINVAL, "mount", "\"%s\" cannot be mounted because it is not of type proc",
                       mount->target);
  }
  if (file_system_of(target) != PROC_MAGIC || may_be_covered(mount->target)) return 0;
  return LAUNCH_FAIL(launch, EINVAL, "mount", "\"%s\" cannot be mounted because it is inside /proc", mount->target);
}

/* The target of a mount; a missing one is made like its source: an empty file or a folder. */
static int open_target(struct launch *launch, int root, const char *path, int source, bool *made) {
  struct facts stat;
  int target = in_root_open(root, path, O_PATH);
  if (made != NULL) *made = target == -ENOENT;
  if (target == -ENOENT) {
    bool folder = source < 0 || facts_get(source, "", AT_EMPTY_PATH, &stat) < 0 || S_ISDIR(stat.mode);
    target = folder ? in_root_make_folder(root, path, 0755) : in_root_make_file(root, path, 0755);
  }
  return target < 0 ? LAUNCH_FAIL(launch, target, "mount", "mount on %s: %E", path, -target) : target;
}

static bool is_folder(int file) {
  struct facts stat;
  return facts_get(file, "", AT_EMPTY_PATH, &stat) == 0 && S_ISDIR(stat.mode);
}

/* Of a folder on a file, or the other way round, mount(2) and so runc say ENOTDIR, move_mount(2) EINVAL. */
static int move_to(struct launch *launch, int detached, int target, const char *path) {
  long result = SYS(SYS_move_mount, detached, "", target, "", MOVE_FROM_FILE | MOVE_TO_FILE);
  if (result == -EINVAL && is_folder(detached) != is_folder(target)) result = -ENOTDIR;
  return result < 0 ? LAUNCH_FAIL(launch, result, "mount", "bind mount on %s: %E", path, (int)-result) : 0;
}

static int set_propagation(struct launch *launch, int file, const struct mount_spec *mount) {
  struct mount_attributes attributes = {.propagation = mount->propagation & ~(uint32_t)MS_REC};
  unsigned flags = AT_EMPTY_PATH | ((mount->propagation & MS_REC) != 0 ? TREE_RECURSIVE : 0);
  if (mount->propagation == 0) return 0;
  long result = SYS(SYS_mount_setattr, file, "", flags, &attributes, sizeof attributes);
  return result < 0 ? LAUNCH_FAIL(launch, result, "mount", "propagation of %s: %E", mount->target, (int)-result) : 0;
}

/* --- mounts --- */

/* A detached mount goes to its place; the caller closes it. */
static int attach(struct launch *launch, int root, int detached, const char *path) {
  int target = open_target(launch, root, path, detached, NULL);
  if (target < 0) return -1;
  int result = move_to(launch, detached, target, path);
  sys_close(target);
  return result;
}

static int mount_bind(struct launch *launch, int root, const struct facts *proc, const struct mount_spec *mount,
                      int source) {
  int target = open_target(launch, root, mount->target, source, NULL);
  if (target < 0) return -1;
  int is_proc = check_target(launch, proc, mount, target, source);
  int result = is_proc < 0 ? -1 : move_to(launch, source, target, mount->target);
  if (result == 0) result = set_propagation(launch, source, mount);
  sys_close(target);
  return result < 0 ? -1 : is_proc;
}

/* As in runc: a tmpfs over a folder takes the folder's mode unless its options name one; where there is none yet, the
 * kernel's 1777 stays. */
static void tmpfs_options(const struct mount_spec *mount, int target, bool made, char *options, size_t room) {
  struct facts stat;
  if (strcmp(mount->type, "tmpfs") != 0 || strstr(mount->data, "mode=") != NULL || made ||
      facts_get(target, "", AT_EMPTY_PATH, &stat) < 0) {
    text_format(options, room, "%s", mount->data);
    return;
  }
  text_format(options, room, "mode=%o%s%s", stat.mode & 07777u, *mount->data != '\0' ? "," : "", mount->data);
}

/* Where the kernel shows its own state it is not to be found by a link (CVE-2019-19921, CVE-2023-27561): what is masked
 * and made read-only later must be there. */
static bool must_be_plain(const struct mount_spec *mount) {
  return strcmp(mount->type, "proc") == 0 || strcmp(mount->type, "sysfs") == 0;
}

static int open_new_target(struct launch *launch, int root, const struct mount_spec *mount, bool *made) {
  if (!must_be_plain(mount)) return open_target(launch, root, mount->target, -1, made);
  int target = in_root_open_plain(root, mount->target, O_PATH | O_DIRECTORY);
  if (target == -ENOENT) return open_target(launch, root, mount->target, -1, made);
  if (target >= 0) return target;
  return LAUNCH_FAIL(launch, target, "mount", "filesystem \"%s\" must be mounted on ordinary directory", mount->type);
}

/* "." is the open folder itself: no name is looked up. */
static long mount_here(int target, const char *source, const char *type, unsigned long flags, const char *options) {
  long result = SYS(SYS_fchdir, target);
  return result < 0 ? result : mount_call(source, ".", type, flags, options);
}

static int mount_new(struct launch *launch, int root, const struct facts *proc, const struct mount_spec *mount) {
  char options[1024];
  bool made = false;
  unsigned long flags = mount->flags & ~(unsigned long)(MS_REC | MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE);
  const char *source = *mount->source != '\0' ? mount->source : mount->type;
  int target = open_new_target(launch, root, mount, &made);
  if (target < 0) return -1;
  tmpfs_options(mount, target, made, options, sizeof options);
  int is_proc = check_target(launch, proc, mount, target, -1);
  long result = is_proc < 0 ? -1 : 0;
  if (result == 0 && (result = mount_here(target, source, mount->type, flags, options)) < 0)
    LAUNCH_FAIL(launch, result, "mount", "mount %s on %s: %E", mount->type, mount->target, (int)-result);
  if (result == 0 && mount->propagation != 0) {
    int top = in_root_open(root, mount->target, O_PATH);
    result = top < 0 ? LAUNCH_FAIL(launch, top, "mount", "propagation of %s: %E", mount->target, -top)
                     : set_propagation(launch, top, mount);
    if (top >= 0) sys_close(top);
  }
  sys_close(target);
  return result < 0 ? -1 : is_proc;
}

static int mount_all(struct launch *launch, int root) {
  struct facts proc = look_at_proc(root);
  for (uint32_t i = 0; i < launch->container->mounts.count; i++) {
    const struct mount_spec *mount = &mounts(launch)[i];
    int source = is_bind(mount) ? launch->mount_files[i] : -1;
    int result = source >= 0 ? mount_bind(launch, root, &proc, mount, source) : mount_new(launch, root, &proc, mount);
    if (source >= 0) sys_close(source);
    if (result < 0) return -1;
    if (result == 1 || (proc.mask == 0 && strcmp(mount->type, "proc") == 0)) proc = look_at_proc(root);
  }
  return 0;
}

/* The places of an image's volumes, which it need not have. */
static int make_folders(struct launch *launch, int root) {
  const struct strings *folders = &launch->container->folders;
  for (uint32_t i = 0; i < folders->count; i++) {
    int folder = in_root_open(root, folders->at[i], O_PATH | O_DIRECTORY);
    if (folder == -ENOENT) folder = in_root_make_folder(root, folders->at[i], 0755);
    if (folder < 0) return LAUNCH_FAIL(launch, folder, "mount", "mkdir %s: %E", folders->at[i], -folder);
    sys_close(folder);
  }
  return 0;
}

/* --- devices --- */

static bool has_own_dev(const struct launch *launch) {
  for (uint32_t i = 0; i < launch->container->mounts.count; i++)
    if (strcmp(mounts(launch)[i].target, "/dev") == 0 && !is_bind(&mounts(launch)[i])) return true;
  return false;
}

/* Most devices are right below /dev, which is open already. */
static int open_folder_of(int root, int dev, const char *path, const char **name) {
  if (dev < 0 || !text_starts(path, "/dev/") || strchr(path + 5, '/') != NULL) return in_root_parent(root, path, name);
  *name = path + 5;
  return dev;
}

static int make_device(struct launch *launch, int root, int dev, const struct device_spec *device) {
  uint32_t type = *device->type == 'b' ? S_IFBLK : *device->type == 'p' ? S_IFIFO : S_IFCHR;
  /* The kernel's wide device number (include/linux/kdev_t.h). */
  uint32_t number = (device->minor & 0xff) | device->major << 8 | (device->minor & ~0xffu) << 12;
  const char *name;
  int folder = open_folder_of(root, dev, device->path, &name);
  if (folder < 0) return LAUNCH_FAIL(launch, folder, "device", "mknod %s: %E", device->path, -folder);
  long result = SYS(SYS_mknodat, folder, name, type | device->mode, number);
  if (result >= 0 && (device->uid != 0 || device->gid != 0))
    result = SYS(SYS_fchownat, folder, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW);
  if (folder != dev) sys_close(folder);
  return result < 0 && result != -EEXIST
             ? LAUNCH_FAIL(launch, result, "device", "mknod %s: %E", device->path, (int)-result)
             : 0;
}

static int make_links(struct launch *launch, int dev) {
  static const char *const links[][2] = {
      {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
      {"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"},         {"/proc/kcore", "core"},
  };
  for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
    if (i == 5 && SYS(SYS_faccessat, AT_FDCWD, links[i][0], 0) < 0) continue;
    long result = SYS(SYS_symlinkat, links[i][0], dev, links[i][1]);
    if (result < 0 && result != -EEXIST)
      return LAUNCH_FAIL(launch, result, "device", "symlink /dev/%s: %E", links[i][1], (int)-result);
  }
  return 0;
}

static int make_devices(struct launch *launch, int root) {
  int dev = in_root_open(root, "/dev", O_PATH | O_DIRECTORY);
  SYS(SYS_umask, 0);
  for (uint32_t i = 0; i < launch->container->devices.count; i++)
    if (make_device(launch, root, dev, (const struct device_spec *)launch->container->devices.at + i) < 0) return -1;
  SYS(SYS_umask, 022);
  int result = dev >= 0 && has_own_dev(launch) ? make_links(launch, dev) : 0;
  if (dev >= 0) sys_close(dev);
  return result;
}

/* --- what is laid over it --- */

static int attach_files(struct launch *launch, int root) {
  for (uint32_t i = 0; i < launch->container->files.count; i++) {
    const struct file_spec *file = (const struct file_spec *)launch->container->files.at + i;
    if (attach(launch, root, launch->file_files[i], file->path) < 0) return -1;
    sys_close(launch->file_files[i]);
  }
  return 0;
}

/* The null device itself: an image or a volume may have put something else at /dev/null, which would then lie open to
 * the container under the masked path (CVE-2025-31133). */
static int open_null(struct launch *launch, int root) {
  struct facts stat;
  int null = in_root_open_plain(root, "/dev/null", O_PATH | O_NOFOLLOW);
  if (null < 0) return LAUNCH_FAIL(launch, null, "mask", "/dev/null: %E", -null);
  int result = facts_get(null, "", AT_EMPTY_PATH, &stat);
  if (result == 0 && S_ISCHR(stat.mode) && stat.rdev_major == 1 && stat.rdev_minor == 3) return null;
  sys_close(null);
  return LAUNCH_FAIL(launch, EINVAL, "mask", "/dev/null of the container is not the null device");
}

/* A file is no cover for a folder: move_mount(2) says EINVAL then. */
static long mask_one(int target, int null) {
  int cover = (int)SYS(SYS_open_tree, null, "", TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
  if (cover < 0) return cover;
  long result = SYS(SYS_move_mount, cover, "", target, "", MOVE_FROM_FILE | MOVE_TO_FILE);
  sys_close(cover);
  return result == -EINVAL ? mount_here(target, "tmpfs", "tmpfs", MS_RDONLY, "") : result;
}

static int mask(struct launch *launch, int root) {
  const struct strings *paths = &launch->container->masked_paths;
  int null = paths->count > 0 ? open_null(launch, root) : 0;
  if (null < 0) return -1;
  for (uint32_t i = 0; i < paths->count; i++) {
    int target = in_root_open(root, paths->at[i], O_PATH);
    if (target == -ENOENT || target == -ENOTDIR) continue;
    long result = target < 0 ? target : mask_one(target, null);
    if (result < 0) return LAUNCH_FAIL(launch, result, "mask", "mask %s: %E", paths->at[i], (int)-result);
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

static int protect(struct launch *launch, int root) {
  const struct strings *paths = &launch->container->readonly_paths;
  for (uint32_t i = 0; i < paths->count; i++) {
    int target = in_root_open(root, paths->at[i], O_PATH);
    if (target == -ENOENT || target == -ENOTDIR) continue;
    long result = target < 0 ? target : protect_one(target);
    if (result < 0) return LAUNCH_FAIL(launch, result, "readonly", "make %s read-only: %E", paths->at[i], (int)-result);
    sys_close(target);
  }
  if (launch->container->readonly_root == 0) return 0;
  long result = mount_set(root, "", AT_EMPTY_PATH, ATTR_RDONLY, 0);
  return result < 0 ? LAUNCH_FAIL(launch, result, "readonly", "make / read-only: %E", (int)-result) : 0;
}

/* --init: Docker shows its reaper as /sbin/docker-init; this is the agent's own program, on a read-only mount. */
static int attach_init(struct launch *launch, int root, int program) {
  if (launch->container->init == 0) return 0;
  int result = attach(launch, root, program, "/sbin/docker-init");
  sys_close(program);
  return result;
}

/* What a link of /proc names is not made; whether it may be gone to is for confine.c to see. */
static int make_working_directory(struct launch *launch, int root) {
  const char *cwd = launch->process->cwd;
  if (*cwd == '\0' || strcmp(cwd, "/") == 0) return 0;
  int folder = in_root_open(root, cwd, O_PATH | O_DIRECTORY);
  if (folder == -ENOENT) folder = in_root_make_folder(root, cwd, 0755);
  if (folder >= 0) sys_close(folder);
  return folder >= 0 || folder == -ELOOP ? 0 : LAUNCH_FAIL(launch, folder, "cwd", "mkdir %s: %E", cwd, -folder);
}

int launch_rootfs(struct launch *launch) {
  const struct container_spec *spec = launch->container;
  int program = -1, root;
  if (isolate_propagation(launch) < 0) return -1;
  if (overlay_mount(&spec->lowers, spec->upper, spec->work, spec->merged, &launch->failure) < 0) return -1;
  if (open_binds(launch) < 0 || write_files(launch) < 0) return -1;
  if (spec->init != 0 && (program = clone_mount(launch, "/run/drydock/docker-init", 0)) < 0) return -1;
  if (pivot(launch) < 0 || (root = open_root(launch)) < 0 || make_folders(launch, root) < 0) return -1;
  if (mount_all(launch, root) < 0 || make_devices(launch, root) < 0) return -1;
  if (attach_files(launch, root) < 0 || attach_init(launch, root, program) < 0) return -1;
  if (launch->process->tty != 0 && launch_console(launch) < 0) return -1;
  if (make_working_directory(launch, root) < 0 || mask(launch, root) < 0 || protect(launch, root) < 0) return -1;
  sys_close(root);
  SYS(SYS_chdir, "/");
  return 0;
}
