#include "files/in_root.h"
#include "base/statx.h"
#include "files/files.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { links_max = 40 /* MAXSYMLINKS */, races_max = 64 };

long file_system_of(int file) {
  long buffer[32];
  long result = SYS(SYS_fstatfs, file, buffer);
  return result < 0 ? result : buffer[0];
}

static int resolve(int root, const char *path, int flags, uint64_t how_to) {
  uint64_t how[3] = {(uint64_t)(unsigned)(flags | O_CLOEXEC), 0, how_to};
  int file;
  /* -EAGAIN: something was renamed or mounted meanwhile, and the kernel could not be sure about "..". */
  for (int again = 0; again < races_max; again++)
    if ((file = (int)SYS(SYS_openat2, root, *path == '\0' ? "/" : path, how, sizeof how)) != -EAGAIN) return file;
  return -EAGAIN;
}

int in_root_open(int root, const char *path, int flags) {
  return resolve(root, path, flags, RESOLVE_IN_ROOT_ | RESOLVE_NO_MAGICLINKS_);
}

int in_root_open_plain(int root, const char *path, int flags) {
  return resolve(root, path, flags, RESOLVE_IN_ROOT_ | RESOLVE_NO_SYMLINKS_ | RESOLVE_NO_MAGICLINKS_);
}

int beneath_open(int folder, const char *path, int flags) {
  return resolve(folder, path, flags, RESOLVE_BENEATH_ | RESOLVE_NO_MAGICLINKS_);
}

/* A path on its way: `done` has no links, `rest` is still to go. */
struct walk {
  int root;
  unsigned links, races;
  char done[files_path_max];
  char rest[files_path_max];
};

/* Takes the next part off `rest`. Its length; 0 at the end. */
static size_t next_part(struct walk *walk, char *part) {
  char *at = walk->rest;
  while (*at == '/')
    at++;
  size_t length = strcspn(at, "/");
  memcpy(part, at, length);
  part[length] = '\0';
  memmove(walk->rest, at + length, strlen(at + length) + 1);
  return length;
}

static bool is_last(const struct walk *walk) {
  return walk->rest[strspn(walk->rest, "/")] == '\0';
}

static void one_up(char *done) {
  char *slash = strrchr(done, '/');
  if (slash != NULL) *slash = '\0';
}

/* What the link says goes before the rest. */
static int follow(struct walk *walk, int link) {
  char target[files_path_max];
  /* A link of /proc may say one thing and lead to another. */
  if (file_system_of(link) == PROC_MAGIC) return -ELOOP;
  long got = SYS(SYS_readlinkat, link, "", target, sizeof target);
  if (got < 0) return (int)got;
  size_t rest = strlen(walk->rest);
  if (++walk->links > links_max) return -ELOOP;
  if ((size_t)got + rest + 1 >= sizeof walk->rest) return -ENAMETOOLONG;
  memmove(walk->rest + got, walk->rest, rest + 1);
  memcpy(walk->rest, target, (size_t)got);
  if (got > 0 && target[0] == '/') walk->done[0] = '\0';
  return 0;
}

static int make_part(struct walk *walk, const char *part, unsigned mode, bool file) {
  int parent = in_root_open_plain(walk->root, walk->done, O_PATH | O_DIRECTORY);
  if (parent < 0) return parent;
  int result;
  if (file)
    result = sys_open(parent, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  else
    result = (int)SYS(SYS_mkdirat, parent, part, mode);
  sys_close(parent);
  if (file && result >= 0) sys_close(result);
  return result == -EEXIST ? 0 : result;
}

static int step_once(struct walk *walk, const char *part) {
  size_t done = strlen(walk->done), length = strlen(part);
  struct statx_result stat;
  if (done + length + 2 > sizeof walk->done) return -ENAMETOOLONG;
  walk->done[done] = '/';
  memcpy(walk->done + done + 1, part, length + 1);
  int found = in_root_open_plain(walk->root, walk->done, O_PATH | O_NOFOLLOW);
  bool link = found >= 0 && statx_get(found, "", AT_EMPTY_PATH, &stat) == 0 && S_ISLNK(stat.mode);
  if (link || found < 0) walk->done[done] = '\0';
  int result = link ? follow(walk, found) : found < 0 ? found : 0;
  if (found >= 0) sys_close(found);
  return result;
}

/* What somebody else takes away again and again is given up. */
static int step(struct walk *walk, const char *part, unsigned mode, bool file) {
  int result = step_once(walk, part);
  while (result == -ENOENT && walk->races++ < races_max) {
    if ((result = make_part(walk, part, mode, file)) < 0) return result;
    result = step_once(walk, part);
  }
  return result;
}

static int make(int root, const char *path, unsigned mode, bool file) {
  struct walk walk = {.root = root};
  char part[files_path_max];
  if (strlen(path) >= sizeof walk.rest) return -ENAMETOOLONG;
  memcpy(walk.rest, path, strlen(path) + 1);
  while (next_part(&walk, part) > 0) {
    if (strcmp(part, ".") == 0) continue;
    if (strcmp(part, "..") == 0) {
      one_up(walk.done);
      continue;
    }
    int result = step(&walk, part, mode, file && is_last(&walk));
    if (result < 0) return result;
  }
  return in_root_open_plain(root, walk.done, O_PATH | (file ? 0 : O_DIRECTORY));
}

int in_root_make_folder(int root, const char *path, unsigned mode) {
  return make(root, path, mode, false);
}

int in_root_make_file(int root, const char *path, unsigned mode) {
  return make(root, path, mode, true);
}

int in_root_parent(int root, const char *path, const char **name) {
  char folder[files_path_max];
  const char *slash = strrchr(path, '/');
  size_t length = slash == NULL ? 0 : (size_t)(slash - path);
  if (length >= sizeof folder) return -ENAMETOOLONG;
  memcpy(folder, path, length);
  folder[length] = '\0';
  *name = slash == NULL ? path : slash + 1;
  if (**name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) return -EINVAL;
  int found = in_root_open(root, folder, O_PATH | O_DIRECTORY);
  return found == -ENOENT ? make(root, folder, 0755, false) : found;
}
