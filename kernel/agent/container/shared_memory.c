#include "container/shared_memory.h"
#include "base/text.h"
#include "files/files.h"
#include "files/mountapi.h"
#include <fcntl.h>
#include <sys/mount.h>

static void name(char path[files_path_max], const char *container) {
  text_format(path, files_path_max, "/run/drydock/containers/%s/shm", container);
}

int shared_memory_make(const char *container, const char *options, struct failure *failure) {
  char path[files_path_max];
  if (*options == '\0') return 0;
  name(path, container);
  long result = files_make_parent(AT_FDCWD, path, 0711);
  if (result == 0) result = files_make_directory(AT_FDCWD, path, 0700);
  if (result == 0) result = mount_call("shm", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
  return result < 0 ? fail(failure, result, "mount", "mount tmpfs on %s: %E", path, (int)-result) : 0;
}

void shared_memory_drop(const char *container) {
  char path[files_path_max];
  name(path, container);
  SYS(SYS_umount2, path, 2 | 8 /* MNT_DETACH | UMOUNT_NOFOLLOW */);
  SYS(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}
