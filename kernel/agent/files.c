#include "files.h"
#include "facts.h"
#include "sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct entry { /* linux_dirent64 */
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

static int make_parents(int directory, char *path, unsigned mode) {
  char *slash = strrchr(path, '/');
  while (slash != NULL && slash > path && slash[1] == '\0') { /* "a/b/" */
    *slash = '\0';
    slash = strrchr(path, '/');
  }
  if (slash == NULL || slash == path) return 0;
  *slash = '\0';
  int result = (int)SYS(SYS_mkdirat, directory, path, mode);
  if (result == -ENOENT) {
    result = make_parents(directory, path, mode);
    if (result == 0) result = (int)SYS(SYS_mkdirat, directory, path, mode);
  }
  *slash = '/';
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

static int remove_entries(int folder, uint32_t major, uint32_t minor);

static int remove_folder(int directory, const char *name, uint32_t major, uint32_t minor) {
  int folder = sys_open(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (folder < 0) return folder;
  struct facts stat;
  int result = (int)facts_get(folder, "", AT_EMPTY_PATH, &stat);
  if (result == 0) {
    bool here = stat.dev_major == major && stat.dev_minor == minor;
    result = here ? remove_entries(folder, major, minor) : -EXDEV;
  }
  sys_close(folder);
  return result < 0 ? result : (int)SYS(SYS_unlinkat, directory, name, AT_REMOVEDIR);
}

static int remove_entries(int folder, uint32_t major, uint32_t minor) {
  uint8_t buffer[2048] __attribute__((aligned(8)));
  int result = 0;
  for (bool removed = true; removed && result == 0;) {
    long got;
    removed = false;
    while (result == 0 && (got = SYS(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
      for (long at = 0; at < got && result == 0;) {
        struct entry *entry = (struct entry *)(buffer + at);
        at += entry->size;
        if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
        if (entry->type != 4 /* DT_DIR */) result = (int)SYS(SYS_unlinkat, folder, entry->name, 0);
        if (entry->type == 4 || result == -EISDIR) result = remove_folder(folder, entry->name, major, minor);
        if (result == -ENOENT) result = 0;
        removed = true;
      }
    }
    if (result == 0 && got < 0) result = (int)got;
    if (removed) SYS(SYS_lseek, folder, 0, SEEK_SET);
  }
  return result;
}

int files_remove_tree(int directory, const char *path) {
  int result = (int)SYS(SYS_unlinkat, directory, path, AT_REMOVEDIR);
  if (result == -ENOTEMPTY) {
    struct facts stat;
    result = (int)facts_get(directory, path, AT_SYMLINK_NOFOLLOW, &stat);
    if (result == 0) result = remove_folder(directory, path, stat.dev_major, stat.dev_minor);
  } else if (result == -ENOTDIR) {
    result = (int)SYS(SYS_unlinkat, directory, path, 0);
  }
  return result == -ENOENT || result == -ENOTDIR ? 0 : result;
}
