/* What a container gets of the guest's: opened as detached mounts while the new mount name space is still as the
 * guest's is, for what is made private or a slave is in the guest's peer groups no more. */
#include "launch/binds.h"
#include "base/statx.h"
#include "base/text.h"
#include "files/files.h"
#include "files/in_root.h"
#include "files/mountapi.h"
#include "launch/mount_of.h"
#include "launch/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

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

static int clone_open(int opened, const char *source, uint32_t flags, struct failure *failure) {
  unsigned how = TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | ((flags & MS_REC) != 0 ? TREE_RECURSIVE : 0);
  long file = SYS(SYS_open_tree, opened, "", how);
  if (file < 0) return fail(failure, file, "mount", "bind source %s: %E", source, (int)-file);
  uint64_t set = bind_attributes(flags);
  if (set == 0) return (int)file;
  uint64_t clear = (set & ATTR_ATIME_MASK) != 0 ? ATTR_ATIME_MASK : 0;
  long result = mount_set((int)file, "", AT_EMPTY_PATH, set, clear);
  if (result < 0) sys_close((int)file);
  return result < 0 ? fail(failure, result, "mount", "bind source %s: %E", source, (int)-result) : (int)file;
}

int bind_clone(const char *source, uint32_t flags, struct failure *failure) {
  int opened = sys_open(AT_FDCWD, source, O_PATH | O_CLOEXEC, 0);
  if (opened < 0) return fail(failure, opened, "mount", "bind source %s: %E", source, -opened);
  int file = clone_open(opened, source, flags, failure);
  sys_close(opened);
  return file;
}

/* --- subpaths --- */

/* Up to the first part that is not there. */
static int first_missing(int base, const char *subpath, char *part) {
  size_t length = 0;
  for (;;) {
    length += strcspn(subpath + length, "/");
    memcpy(part, subpath, length);
    part[length] = '\0';
    int found = beneath_open(base, part, O_PATH);
    if (found < 0) return found;
    sys_close(found);
    if (subpath[length] == '\0') return 0;
    length += strspn(subpath + length, "/");
  }
}

/* In the words of moby's safepath. */
static int refuse_subpath(const struct mount_spec *mount, int base, int error, struct failure *failure) {
  char part[files_path_max];
  const char *source = mount->source, *subpath = mount->subpath;
  if (error == -EXDEV)
    return fail(failure, EXDEV, "source", "path concatenation escapes the base directory, base: %s, subpath: %s",
                source, subpath);
  if (error == -ENOENT) {
    if (first_missing(base, subpath, part) == 0) part[0] = '\0';
    return fail(failure, ENOENT, "source", "cannot access path %s/%s: lstat %s/%s: %E", source, subpath, source, part,
                ENOENT);
  }
  const char *words = "error while resolving symlinks in combined path \"%s/%s\": %s";
  char buffer[24];
  const char *why = error == -ELOOP ? "EvalSymlinks: too many links" : text_error(-error, buffer);
  return fail(failure, error, "source", words, source, subpath, why);
}

static int open_source(const struct mount_spec *mount, struct failure *failure) {
  int base = sys_open(AT_FDCWD, mount->source, O_PATH | O_CLOEXEC, 0);
  if (base < 0) return fail(failure, base, "mount", "bind source %s: %E", mount->source, -base);
  if (*mount->subpath == '\0') return base;
  int found = strlen(mount->subpath) < files_path_max ? beneath_open(base, mount->subpath, O_PATH) : -ENAMETOOLONG;
  if (found < 0) refuse_subpath(mount, base, found, failure);
  sys_close(base);
  return found < 0 ? -1 : found;
}

/* --- propagation --- */

/* A line of mountinfo as it is read: proc_pid_mountinfo(5). */
struct line {
  unsigned field; /* from 0; above 5 and before "-" the optional ones */
  size_t used;
  uint64_t id;
  bool shared, slave, over;
  char word[16];
  char place[1024];
  size_t place_used;
};

static void end_word(struct line *line) {
  line->word[line->used < sizeof line->word ? line->used : sizeof line->word - 1] = '\0';
  if (line->field == 0 && !text_number(line->word, UINT64_MAX, &line->id)) line->id = 0;
  if (line->field > 5 && strcmp(line->word, "-") == 0) line->over = true;
  if (line->field > 5 && !line->over && text_starts(line->word, "shared:")) line->shared = true;
  if (line->field > 5 && !line->over && text_starts(line->word, "master:")) line->slave = true;
  line->field++;
  line->used = 0;
}

static void take(struct line *line, char letter) {
  if (letter == ' ' || letter == '\n') {
    end_word(line);
    return;
  }
  if (line->field == 4 && line->place_used < sizeof line->place - 1) line->place[line->place_used++] = letter;
  if (line->used < sizeof line->word - 1) line->word[line->used++] = letter;
}

/* 1: `line` is that of the mount; 0: there is none. */
static int find_mount(uint64_t id, struct line *line) {
  char piece[1024];
  int file = sys_open(AT_FDCWD, "/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return file;
  long got, found = 0;
  *line = (struct line){0};
  while (found == 0 && (got = sys_read(file, piece, sizeof piece)) > 0)
    for (long i = 0; i < got && found == 0; i++) {
      take(line, piece[i]);
      if (piece[i] != '\n') continue;
      if (line->id == id)
        found = 1;
      else
        *line = (struct line){0};
    }
  sys_close(file);
  return (int)found;
}

/* moby's ensureShared and ensureSharedOrSlave (daemon/oci_linux.go). */
static int check_propagation(const struct mount_spec *mount, int source, struct failure *failure) {
  bool shared = (mount->propagation & MS_SHARED) != 0;
  if (mount->check_propagation == 0 || (!shared && (mount->propagation & MS_SLAVE) == 0)) return 0;
  struct line line;
  uint64_t id = 0;
  int result = statx_mount(source, &id);
  if (result == 0) result = find_mount(id, &line);
  if (result < 0) return fail(failure, result, "source", "propagation of %s: %E", mount->source, -result);
  if (result == 1 && (line.shared || (!shared && line.slave))) return 0;
  return fail(failure, EINVAL, "source", "path %s is mounted on %s but it is not a shared%s mount", mount->source,
              result == 1 ? line.place : "/", shared ? "" : " or slave");
}

static int set_recursively(int file, const struct mount_spec *mount, uint64_t set, uint64_t propagation,
                           struct failure *failure) {
  struct mount_attributes attributes = {.set = set, .propagation = propagation};
  long result = SYS(SYS_mount_setattr, file, "", AT_EMPTY_PATH | TREE_RECURSIVE, &attributes, sizeof attributes);
  return result < 0 ? fail(failure, result, "mount", "bind source %s: %E", mount->source, (int)-result) : 0;
}

int bind_open(const struct mount_spec *mount, struct failure *failure) {
  int source = open_source(mount, failure);
  if (source < 0) return -1;
  int file =
      check_propagation(mount, source, failure) < 0 ? -1 : clone_open(source, mount->source, mount->flags, failure);
  sys_close(source);
  if (file < 0) return -1;
  bool all = mount->recursive_read_only != 0 && (mount->flags & MS_RDONLY) != 0;
  if (all && set_recursively(file, mount, ATTR_RDONLY, 0, failure) < 0) return -1;
  /* As runc, whose containers have a root that is rslave unless a mount is to be shared. */
  bool shared = (mount->propagation & MS_SHARED) != 0;
  return !shared && set_recursively(file, mount, 0, MS_SLAVE, failure) < 0 ? -1 : file;
}

int step_binds(const struct container_spec *spec, struct rootfs_files *files, struct failure *failure) {
  for (uint32_t i = 0; i < spec->mounts.count; i++)
    if (is_bind(mount_of(spec, i)) && (files->mounts[i] = bind_open(mount_of(spec, i), failure)) < 0) return -1;
  return 0;
}
