/* What a container has mounted, and the files that are laid over its own. */
#include "base/statx.h"
#include "base/text.h"
#include "files/in_root.h"
#include "files/mountapi.h"
#include "launch/mount_of.h"
#include "launch/steps.h"
#include "launch/target.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* What "/proc" of the container is by now: a folder of its image, then what is mounted there. */
static struct statx_result look_at_proc(int root) {
  struct statx_result proc = {.mask = 0};
  int file = in_root_open_plain(root, "/proc", O_PATH);
  if (file < 0 || statx_get(file, "", AT_EMPTY_PATH, &proc) < 0) proc.mask = 0;
  if (file >= 0) sys_close(file);
  return proc;
}

static bool same_system(const struct statx_result *one, const struct statx_result *other) {
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
static int check_target(const struct statx_result *proc, const struct mount_spec *mount, int target, int source,
                        struct failure *failure) {
  struct statx_result stat;
  int result = statx_get(target, "", AT_EMPTY_PATH, &stat);
  if (result < 0) return fail(failure, result, "mount", "%s: %E", mount->target, -result);
  if (!same_system(proc, &stat)) return 0;
  if (proc->inode == stat.inode) {
    if (source >= 0 ? file_system_of(source) == PROC_MAGIC : strcmp(mount->type, "proc") == 0) return 1;
    return fail(failure, EINVAL, "mount", "\"%s\" cannot be mounted because it is not of type proc", mount->target);
  }
  if (file_system_of(target) != PROC_MAGIC || may_be_covered(mount->target)) return 0;
  return fail(failure, EINVAL, "mount", "\"%s\" cannot be mounted because it is inside /proc", mount->target);
}

static int set_propagation(int file, const struct mount_spec *mount, struct failure *failure) {
  struct mount_attributes attributes = {.propagation = mount->propagation & ~(uint32_t)MS_REC};
  unsigned flags = AT_EMPTY_PATH | ((mount->propagation & MS_REC) != 0 ? TREE_RECURSIVE : 0);
  if (mount->propagation == 0) return 0;
  long result = SYS(SYS_mount_setattr, file, "", flags, &attributes, sizeof attributes);
  return result < 0 ? fail(failure, result, "mount", "propagation of %s: %E", mount->target, (int)-result) : 0;
}

static int mount_bind(int root, const struct statx_result *proc, const struct mount_spec *mount, int source,
                      struct failure *failure) {
  int target = target_open(root, mount->target, source, NULL, failure);
  if (target < 0) return -1;
  int is_proc = check_target(proc, mount, target, source, failure);
  int result = is_proc < 0 ? -1 : target_cover(source, target, mount->target, failure);
  if (result == 0) result = set_propagation(source, mount, failure);
  sys_close(target);
  return result < 0 ? -1 : is_proc;
}

/* As in runc: a tmpfs over a folder takes the folder's mode unless its options name one; where there is none yet, the
 * kernel's 1777 stays. */
static void tmpfs_options(const struct mount_spec *mount, int target, bool made, char *options, size_t room) {
  struct statx_result stat;
  if (strcmp(mount->type, "tmpfs") != 0 || strstr(mount->data, "mode=") != NULL || made ||
      statx_get(target, "", AT_EMPTY_PATH, &stat) < 0) {
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

static int open_new_target(int root, const struct mount_spec *mount, bool *made, struct failure *failure) {
  if (!must_be_plain(mount)) return target_open(root, mount->target, -1, made, failure);
  int target = in_root_open_plain(root, mount->target, O_PATH | O_DIRECTORY);
  if (target == -ENOENT) return target_open(root, mount->target, -1, made, failure);
  if (target >= 0) return target;
  return fail(failure, target, "mount", "filesystem \"%s\" must be mounted on ordinary directory", mount->type);
}

static int mount_new(int root, const struct statx_result *proc, const struct mount_spec *mount,
                     struct failure *failure) {
  char options[1024];
  bool made = false;
  unsigned long flags = mount->flags & ~(unsigned long)(MS_REC | MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE);
  const char *source = *mount->source != '\0' ? mount->source : mount->type;
  int target = open_new_target(root, mount, &made, failure);
  if (target < 0) return -1;
  tmpfs_options(mount, target, made, options, sizeof options);
  int is_proc = check_target(proc, mount, target, -1, failure);
  long result = is_proc < 0 ? -1 : 0;
  if (result == 0 && (result = target_mount(target, source, mount->type, flags, options)) < 0)
    fail(failure, result, "mount", "mount %s on %s: %E", mount->type, mount->target, (int)-result);
  if (result == 0 && mount->propagation != 0) {
    int top = in_root_open(root, mount->target, O_PATH);
    result = top < 0 ? fail(failure, top, "mount", "propagation of %s: %E", mount->target, -top)
                     : set_propagation(top, mount, failure);
    if (top >= 0) sys_close(top);
  }
  sys_close(target);
  return result < 0 ? -1 : is_proc;
}

static int mount_all(const struct container_spec *spec, const struct rootfs_files *files, struct failure *failure) {
  int root = files->root;
  struct statx_result proc = look_at_proc(root);
  for (uint32_t i = 0; i < spec->mounts.count; i++) {
    const struct mount_spec *mount = mount_of(spec, i);
    int source = is_bind(mount) ? files->mounts[i] : -1;
    int result = source >= 0 ? mount_bind(root, &proc, mount, source, failure) : mount_new(root, &proc, mount, failure);
    if (source >= 0) sys_close(source);
    if (result < 0) return -1;
    if (result == 1 || (proc.mask == 0 && strcmp(mount->type, "proc") == 0)) proc = look_at_proc(root);
  }
  return 0;
}

/* The places of an image's volumes, which it need not have. */
static int make_folders(const struct container_spec *spec, int root, struct failure *failure) {
  const struct strings *folders = &spec->folders;
  for (uint32_t i = 0; i < folders->count; i++) {
    int folder = in_root_open(root, folders->at[i], O_PATH | O_DIRECTORY);
    if (folder == -ENOENT) folder = in_root_make_folder(root, folders->at[i], 0755);
    if (folder < 0) return fail(failure, folder, "mount", "mkdir %s: %E", folders->at[i], -folder);
    sys_close(folder);
  }
  return 0;
}

static int attach_files(const struct container_spec *spec, const struct rootfs_files *files, struct failure *failure) {
  for (uint32_t i = 0; i < spec->files.count; i++) {
    const struct file_spec *file = (const struct file_spec *)spec->files.at + i;
    if (target_attach(files->root, files->files[i], file->path, failure) < 0) return -1;
    sys_close(files->files[i]);
  }
  return 0;
}

/* --init: Docker shows its reaper as /sbin/docker-init; this is the agent's own program, on a read-only mount. */
static int attach_init(const struct container_spec *spec, int root, int program, struct failure *failure) {
  if (spec->init == 0) return 0;
  int result = target_attach(root, program, "/sbin/docker-init", failure);
  sys_close(program);
  return result;
}

int step_mounts(const struct container_spec *spec, const struct rootfs_files *files, struct failure *failure) {
  return make_folders(spec, files->root, failure) < 0 ? -1 : mount_all(spec, files, failure);
}

int step_files(const struct container_spec *spec, const struct rootfs_files *files, struct failure *failure) {
  return attach_files(spec, files, failure) < 0 ? -1 : attach_init(spec, files->root, files->init, failure);
}
