#include "files/scope.h"
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/in_root.h"
#include <errno.h>
#include <fcntl.h>

int scope_root(uint32_t pid, const char *root) {
  char path[48];
  if (pid != 0) text_format(path, sizeof path, "/proc/%u/root", pid);
  return sys_open(AT_FDCWD, pid != 0 ? path : *root != '\0' ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

int scope_open(uint32_t pid, const char *root, const char *path, int flags) {
  if (pid == 0 && *root == '\0') return sys_open(AT_FDCWD, path, flags | O_CLOEXEC, 0);
  int folder = scope_root(pid, root);
  if (folder < 0) return folder;
  int file = in_root_open(folder, path, flags);
  sys_close(folder);
  return file;
}

int scope_reopen(int found) {
  struct statx_result stat;
  char name[32];
  int result = statx_get(found, "", AT_EMPTY_PATH, &stat);
  if (result < 0) return result;
  if (!S_ISREG(stat.mode)) return S_ISDIR(stat.mode) ? -EISDIR : -EINVAL;
  text_format(name, sizeof name, "/proc/self/fd/%d", found);
  return sys_open(AT_FDCWD, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
}
