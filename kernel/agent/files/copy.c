#include "files/copy.h"
#include "base/statx.h"
#include "base/sys.h"
#include "files/files.h"
#include "files/links.h"
#include "files/scope.h"
#include "files/tar.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { names_bytes = 2048, name_at = 19, record_size_at = 16 };
/* What of a large file is whole blocks goes to the disk without the page cache (verbs/extract.c). */
enum { piece_bytes = 256 * 1024, direct_least = 1024 * 1024, direct_align = 4096 };

/* A folder that is being copied. */
struct level {
  struct level *above;
  int from, to;
  struct statx_result stat;
  size_t path_length; /* of the folder in copy->path */
  long got, next; /* of its names */
  uint8_t names[names_bytes] __attribute__((aligned(8)));
};

struct copy {
  struct failure *failure;
  int root; /* of the copy */
  struct level *level;
  struct links links;
  uint8_t *piece;
  char path[tar_name_max + 2], first_name[tar_name_max + 2];
  char target[files_path_max];
};

static int failed(struct copy *copy, long error) {
  int number = error < 0 ? (int)-error : (int)error;
  return fail(copy->failure, error, "layer", "%s /%s: %E", number == ENOSPC ? "write" : "copy", copy->path, number);
}

static void set_time(int folder, const char *name, const struct statx_result *stat) {
  const int64_t times[4] = {stat->modified.seconds, 0, stat->modified.seconds, 0};
  SYS(SYS_UTIMENSAT, folder, name, times, name == NULL ? 0 : AT_SYMLINK_NOFOLLOW);
}

/* Of an open file. The owner first: it takes set-uid bits and capabilities away. */
static long set_owner_and_mode(int file, const struct statx_result *stat) {
  long result = SYS(SYS_fchownat, file, "", stat->uid, stat->gid, AT_EMPTY_PATH);
  return result < 0 ? result : SYS(SYS_fchmod, file, stat->mode & 07777);
}

static long keep_attribute(int found, int file, const char *name) {
  char value[tar_attribute_max];
  long size = files_attribute(found, name, value, sizeof value);
  return size <= 0 ? 0 : SYS(SYS_fsetxattr, file, name, value, size, 0);
}

/* --- files --- */

static long read_piece(struct copy *copy, int from, uint64_t left) {
  size_t wanted = left < piece_bytes ? (size_t)left : piece_bytes, used = 0;
  while (used < wanted) {
    long got = sys_read(from, copy->piece + used, wanted - used);
    if (got < 0) return got;
    if (got == 0) break;
    used += (size_t)got;
  }
  return (long)used;
}

static long write_piece(struct copy *copy, int to, size_t size, bool *direct) {
  if (*direct && size % direct_align != 0) *direct = SYS(SYS_FCNTL, to, F_SETFL, O_WRONLY) != 0;
  for (size_t put = 0; put < size;) {
    long written = sys_write(to, copy->piece + put, size - put);
    if (written == -EINVAL && *direct) { /* a file system that knows no such writes */
      *direct = false;
      SYS(SYS_FCNTL, to, F_SETFL, O_WRONLY);
      continue;
    }
    if (written <= 0) return written < 0 ? written : -EIO;
    put += (size_t)written;
  }
  return 0;
}

/* As many bytes as it had when it was looked at: one that grows is cut, one that shrinks is shorter. */
static long copy_contents(struct copy *copy, int from, int to, uint64_t left) {
  bool direct = left >= direct_least && SYS(SYS_FCNTL, to, F_SETFL, O_WRONLY | O_DIRECT) == 0;
  while (left > 0) {
    long got = read_piece(copy, from, left);
    if (got <= 0) return got;
    long result = write_piece(copy, to, (size_t)got, &direct);
    if (result < 0) return result;
    left -= (uint64_t)got;
  }
  return 0;
}

static long copy_file(struct copy *copy, int found, int folder, const char *name, const struct statx_result *stat) {
  int from = scope_reopen(found);
  if (from < 0) return from;
  int to = sys_open(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  long result = to < 0 ? to : copy_contents(copy, from, to, stat->size);
  if (result >= 0) result = set_owner_and_mode(to, stat);
  if (result >= 0) result = keep_attribute(found, to, "security.capability");
  if (to >= 0) sys_close(to);
  sys_close(from);
  if (result >= 0) set_time(folder, name, stat);
  return result;
}

static long copy_symlink(struct copy *copy, int found, int folder, const char *name, const struct statx_result *stat) {
  long got = SYS(SYS_readlinkat, found, "", copy->target, sizeof copy->target - 1);
  if (got < 0) return got;
  copy->target[got] = '\0';
  long result = SYS(SYS_symlinkat, copy->target, folder, name);
  if (result >= 0) result = SYS(SYS_fchownat, folder, name, stat->uid, stat->gid, AT_SYMLINK_NOFOLLOW);
  if (result >= 0) set_time(folder, name, stat);
  return result;
}

/* Devices, whiteouts among them, and FIFOs. Nobody else is in the copy: its names stay what they are. */
static long copy_node(int folder, const char *name, const struct statx_result *stat) {
  /* The kernel's wide device number (include/linux/kdev_t.h). */
  uint32_t minor = stat->rdev_minor, number = (minor & 0xff) | stat->rdev_major << 8 | (minor & ~0xffu) << 12;
  long result = SYS(SYS_mknodat, folder, name, stat->mode & (S_IFMT | 0777), number);
  if (result >= 0) result = SYS(SYS_fchownat, folder, name, stat->uid, stat->gid, AT_SYMLINK_NOFOLLOW);
  if (result >= 0) result = SYS(SYS_fchmodat, folder, name, stat->mode & 07777);
  if (result >= 0) set_time(folder, name, stat);
  return result;
}

/* --- folders --- */

/* `from` and `to` are the level's from here on. */
static long enter(struct copy *copy, int from, int to, const struct statx_result *stat, size_t path_length) {
  struct level *level = from < 0 || to < 0 ? NULL : malloc(sizeof *level);
  if (level == NULL) {
    if (from >= 0) sys_close(from);
    if (to >= 0) sys_close(to);
    return from < 0 ? from : to < 0 ? to : -ENOMEM;
  }
  level->above = copy->level;
  level->from = from;
  level->to = to;
  level->stat = *stat;
  level->path_length = path_length;
  level->got = level->next = 0;
  copy->level = level;
  return 0;
}

static void leave(struct copy *copy) {
  struct level *level = copy->level;
  copy->level = level->above;
  sys_close(level->from);
  sys_close(level->to);
  free(level);
}

static long copy_folder(struct copy *copy, int found, int folder, const char *name, const struct statx_result *stat) {
  long result = SYS(SYS_mkdirat, folder, name, 0700);
  if (result < 0) return result;
  int from = sys_open(found, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  int to = sys_open(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (from >= 0 && to >= 0) result = keep_attribute(found, to, "trusted.overlay.opaque");
  long entered = enter(copy, from, to, stat, strlen(copy->path) + 1);
  return result < 0 ? result : entered;
}

/* Its time is set when nothing more is put into it. */
static long finish_folder(struct copy *copy) {
  const struct level *level = copy->level;
  copy->path[level->path_length > 0 ? level->path_length - 1 : 0] = '\0';
  long result = set_owner_and_mode(level->to, &level->stat);
  if (result >= 0) set_time(level->to, NULL, &level->stat);
  leave(copy);
  return result;
}

/* `found` is an O_PATH file of `name`, which is copy->path in the whole. */
static long copy_entry(struct copy *copy, int found, const char *name) {
  struct statx_result stat;
  int folder = copy->level->to;
  long result = statx_get(found, "", AT_EMPTY_PATH, &stat);
  if (result < 0 || S_ISSOCK(stat.mode)) return result;
  if (S_ISDIR(stat.mode)) return copy_folder(copy, found, folder, name, &stat);
  if (stat.links > 1 && links_known(&copy->links, &stat, copy->path, copy->first_name))
    return SYS(SYS_linkat, copy->root, copy->first_name, folder, name, 0);
  if (S_ISREG(stat.mode)) return copy_file(copy, found, folder, name, &stat);
  if (S_ISLNK(stat.mode)) return copy_symlink(copy, found, folder, name, &stat);
  return copy_node(folder, name, &stat);
}

static long copy_next(struct copy *copy) {
  struct level *level = copy->level;
  if (level->next == level->got) {
    level->next = 0;
    level->got = SYS(SYS_getdents64, level->from, level->names, sizeof level->names);
    return level->got > 0 ? 0 : level->got < 0 ? level->got : finish_folder(copy);
  }
  const char *name = (const char *)level->names + level->next + name_at;
  level->next += load_u16(level->names + level->next + record_size_at);
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return 0;
  size_t base = level->path_length, length = strlen(name);
  if (base + length >= tar_name_max) return -ENAMETOOLONG;
  if (base > 0) copy->path[base - 1] = '/';
  memcpy(copy->path + base, name, length + 1);
  int found = sys_open(level->from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  if (found == -ENOENT) return 0; /* removed since its folder was read */
  long result = found < 0 ? found : copy_entry(copy, found, name);
  if (found >= 0) sys_close(found);
  return result;
}

static int copy_tree(struct copy *copy, int from, const char *target) {
  static const struct statx_result plain = {.mode = 0755};
  long result = SYS(SYS_mkdirat, AT_FDCWD, target, 0700);
  if (result < 0) return failed(copy, result);
  copy->root = sys_open(AT_FDCWD, target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  result = enter(copy, sys_open(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), copy->root, &plain, 0);
  while (result >= 0 && copy->level != NULL)
    result = copy_next(copy);
  if (result < 0) failed(copy, result);
  while (copy->level != NULL)
    leave(copy);
  if (result < 0) files_remove_tree(AT_FDCWD, target);
  return result < 0 ? -1 : 0;
}

int copy_layer(int from, const char *target, struct failure *failure) {
  struct copy *copy = calloc(1, sizeof *copy);
  uint8_t *piece = aligned_alloc(direct_align, piece_bytes);
  int result = -1;
  if (copy == NULL || piece == NULL) {
    fail(failure, ENOMEM, "layer", "no memory");
  } else {
    copy->failure = failure;
    copy->piece = piece;
    result = copy_tree(copy, from, target);
    links_free(&copy->links);
  }
  free(piece);
  free(copy);
  return result;
}
