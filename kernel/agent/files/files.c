#include "files/files.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct entry { /* linux_dirent64 */
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

/* `path` is taken apart and put together again. Without recursion: a path may have two thousand parts, and a launching
 * child has a small stack. */
static int make_parents(int directory, char *path, unsigned mode) {
  size_t whole = strlen(path);
  int result = 0;
  while (whole > 0 && path[whole - 1] == '/') /* "a/b/" */
    path[--whole] = '\0';
  whole = 0;
  for (char *slash; (slash = strrchr(path, '/')) != NULL && slash != path;) {
    *slash = '\0';
    if (whole == 0) whole = strlen(path);
    result = (int)SYS(SYS_mkdirat, directory, path, mode);
    if (result != -ENOENT) break;
  }
  for (size_t length; (length = strlen(path)) < whole && (result == 0 || result == -EEXIST);) {
    path[length] = '/';
    result = (int)SYS(SYS_mkdirat, directory, path, mode);
  }
  return result == -EEXIST ? 0 : result;
}

int files_make_parent(int directory, const char *path, unsigned mode) {
  char copy[files_path_max];
  size_t length = strlen(path);
  if (length >= sizeof copy) return -ENAMETOOLONG;
  memcpy(copy, path, length + 1);
  return make_parents(directory, copy, mode);
}

int files_make_directory(int directory, const char *path, unsigned mode) {
  int result = (int)SYS(SYS_mkdirat, directory, path, mode);
  if (result == -ENOENT) {
    result = files_make_parent(directory, path, mode);
    if (result == 0) result = (int)SYS(SYS_mkdirat, directory, path, mode);
  }
  return result == -EEXIST ? 0 : result;
}

int files_put(int directory, const char *path, int flags, unsigned mode, const void *from, size_t size) {
  int fd = sys_open(directory, path, O_WRONLY | O_CLOEXEC | flags, mode);
  if (fd < 0) return fd;
  const uint8_t *at = from;
  long put = 0;
  do {
    put = sys_write(fd, at, size);
    if (put > 0) {
      at += put;
      size -= (size_t)put;
    }
  } while (put > 0 && size > 0);
  sys_close(fd);
  return put < 0 ? (int)put : 0;
}

long files_get(int directory, const char *path, void *to, size_t size) {
  int fd = sys_open(directory, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return fd;
  long got = sys_read(fd, to, size);
  sys_close(fd);
  return got;
}

/* Removes what is in `folder`, up to the first folder that is not empty, which it opens as `full` (else -1). */
static int remove_entries(int folder, int *full) {
  uint8_t buffer[2048] __attribute__((aligned(8)));
  long got = 0;
  *full = -1;
  for (bool removed = true; removed;) {
    removed = false;
    while ((got = SYS(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
      for (long at = 0; at < got;) {
        const struct entry *entry = (const struct entry *)(buffer + at);
        at += entry->size;
        if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
        int result = (int)SYS(SYS_unlinkat, folder, entry->name, entry->type == 4 /* DT_DIR */ ? AT_REMOVEDIR : 0);
        if (result == -EISDIR) result = (int)SYS(SYS_unlinkat, folder, entry->name, AT_REMOVEDIR);
        if (result == -ENOTEMPTY) {
          *full = sys_open(folder, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
          return *full < 0 ? *full : 0;
        }
        if (result < 0 && result != -ENOENT) return result;
        removed = true;
      }
    }
    if (removed) SYS(SYS_lseek, folder, 0, SEEK_SET);
  }
  return (int)got;
}

/* Down into each folder that is not empty, up again when it is: one open folder and one buffer however deep the tree,
 * for workers have small stacks. What is mounted somewhere inside is not entered: rmdir(2) says EBUSY there. */
static int empty_folder(int folder) {
  int result, full;
  for (unsigned depth = 0; (result = remove_entries(folder, &full)) == 0 && (full >= 0 || depth > 0);) {
    depth += full >= 0 ? 1 : -1;
    if (full < 0) full = sys_open(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    sys_close(folder);
    if ((folder = full) < 0) return folder;
  }
  sys_close(folder);
  return result;
}

int files_remove_tree(int directory, const char *path) {
  int result = (int)SYS(SYS_unlinkat, directory, path, AT_REMOVEDIR);
  if (result == -ENOTEMPTY) {
    result = sys_open(directory, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (result >= 0) result = empty_folder(result);
    if (result == 0) result = (int)SYS(SYS_unlinkat, directory, path, AT_REMOVEDIR);
  } else if (result == -ENOTDIR) {
    result = (int)SYS(SYS_unlinkat, directory, path, 0);
  }
  return result == -ENOENT || result == -ENOTDIR ? 0 : result;
}

long files_attribute(int found, const char *name, void *to, size_t size) {
  char path[32];
  text_format(path, sizeof path, "/proc/self/fd/%d", found);
  return SYS(SYS_getxattr, path, name, to, size);
}
