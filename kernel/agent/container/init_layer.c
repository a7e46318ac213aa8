/* The layer that Docker lays between an image and a container (daemon/initlayer/setup_unix.go): the places of what is
 * mounted over every container. With it a start makes nothing in the container's own layer, and `docker diff` would
 * show nothing of ours. */
#include "container/init_layer.h"
#include "base/sys.h"
#include "files/files.h"
#include <errno.h>
#include <fcntl.h>

static int make_all(int layer) {
  static const char *const folders[] = {"dev", "dev/pts", "dev/shm", "etc", "proc", "sys"};
  static const char *const files[] = {".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf"};
  int result = 0;
  for (size_t i = 0; i < sizeof folders / sizeof folders[0] && result == 0; i++)
    result = files_make_directory(layer, folders[i], 0755);
  for (size_t i = 0; i < sizeof files / sizeof files[0] && result == 0; i++)
    result = files_put(layer, files[i], O_CREAT, 0755, "", 0);
  if (result == 0) result = (int)SYS(SYS_symlinkat, "/proc/mounts", layer, "etc/mtab");
  return result == -EEXIST ? 0 : result;
}

int init_layer_make(const char *path, struct failure *failure) {
  int layer = files_make_directory(AT_FDCWD, path, 0755);
  if (layer == 0) layer = sys_open(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  int result = layer < 0 ? layer : make_all(layer);
  if (layer >= 0) sys_close(layer);
  return result < 0 ? fail(failure, result, "rootfs", "make the layer %s: %E", path, -result) : 0;
}
