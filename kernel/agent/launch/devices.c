/* /dev: device nodes, and the links that runc makes. */
#include "base/statx.h"
#include "base/text.h"
#include "files/in_root.h"
#include "launch/mount_of.h"
#include "launch/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static bool has_own_dev(const struct container_spec *spec) {
  for (uint32_t i = 0; i < spec->mounts.count; i++)
    if (strcmp(mount_of(spec, i)->target, "/dev") == 0 && !is_bind(mount_of(spec, i))) return true;
  return false;
}

/* Most devices are right below /dev, which is open already. */
static int open_folder_of(int root, int dev, const char *path, const char **name) {
  if (dev < 0 || !text_starts(path, "/dev/") || strchr(path + 5, '/') != NULL) return in_root_parent(root, path, name);
  *name = path + 5;
  return dev;
}

static int make_device(int root, int dev, const struct device_spec *device, struct failure *failure) {
  uint32_t type = *device->type == 'b' ? S_IFBLK : *device->type == 'p' ? S_IFIFO : S_IFCHR;
  /* The kernel's wide device number (include/linux/kdev_t.h). */
  uint32_t number = (device->minor & 0xff) | device->major << 8 | (device->minor & ~0xffu) << 12;
  const char *name;
  int folder = open_folder_of(root, dev, device->path, &name);
  if (folder < 0) return fail(failure, folder, "device", "mknod %s: %E", device->path, -folder);
  long result = SYS(SYS_mknodat, folder, name, type | device->mode, number);
  if (result >= 0 && (device->uid != 0 || device->gid != 0))
    result = SYS(SYS_fchownat, folder, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW);
  if (folder != dev) sys_close(folder);
  return result < 0 && result != -EEXIST ? fail(failure, result, "device", "mknod %s: %E", device->path, (int)-result)
                                         : 0;
}

static int make_links(int dev, struct failure *failure) {
  static const char *const links[][2] = {
      {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
      {"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"},         {"/proc/kcore", "core"},
  };
  for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
    if (i == 5 && SYS(SYS_faccessat, AT_FDCWD, links[i][0], 0) < 0) continue;
    long result = SYS(SYS_symlinkat, links[i][0], dev, links[i][1]);
    if (result < 0 && result != -EEXIST)
      return fail(failure, result, "device", "symlink /dev/%s: %E", links[i][1], (int)-result);
  }
  return 0;
}

int step_devices(const struct container_spec *spec, int root, struct failure *failure) {
  int dev = in_root_open(root, "/dev", O_PATH | O_DIRECTORY);
  SYS(SYS_umask, 0);
  for (uint32_t i = 0; i < spec->devices.count; i++)
    if (make_device(root, dev, (const struct device_spec *)spec->devices.at + i, failure) < 0) return -1;
  SYS(SYS_umask, 022);
  int result = dev >= 0 && has_own_dev(spec) ? make_links(dev, failure) : 0;
  if (dev >= 0) sys_close(dev);
  return result;
}
