/* archive: a file or a folder with all below it, as a tar archive. From the first open folder on everything is reached
 * from the folder that holds it, and never through a symbolic link: whoever renames or replaces what is being read
 * (CVE-2018-15664) changes what is in the archive, not whose files they are. */
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include "files/in_root.h"
#include "files/links.h"
#include "files/scope.h"
#include "files/tar.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* names_max: of one folder that are held at once; a larger one is read again for the next. */
enum { piece_bytes = 32 * 1024, names_step = 256, names_max = 8 * 1024, record_size_at = 16, name_at = 19 };
/* f_type of the kernel's own views (<linux/magic.h>). */
enum { SYSFS_MAGIC_ = 0x62656572, CGROUP2_MAGIC_ = 0x63677270 };

/* A folder that is being archived: what is in it, sorted, and how far it is done. `more`: behind these names are
 * others. */
struct level {
  struct level *above;
  int folder;
  char **names;
  uint32_t count, next;
  bool more;
  size_t path_length; /* of the folder in walk->path */
};

struct walk {
  struct flow *flow;
  struct failure *failure;
  bool layer, bare;
  struct level *level;
  struct links links;
  size_t path_length;
  char path[tar_name_max + 2];
  char target[files_path_max];
  char first_name[tar_name_max + 2];
  uint8_t header[tar_header_max];
  uint8_t piece[piece_bytes];
};

static int gone(struct walk *walk) {
  return fail(walk->failure, ECANCELED, "archive", "nobody reads the archive");
}

static int write_out(struct walk *walk, const void *from, size_t size) {
  return flow_write(walk->flow, from, size) ? 0 : gone(walk);
}

static int write_header(struct walk *walk, const struct tar_entry *entry) {
  return write_out(walk, walk->header, tar_header(entry, walk->header));
}

static int write_zeros(struct walk *walk, uint64_t size) {
  memset(walk->piece, 0, piece_bytes);
  for (uint64_t part; size > 0; size -= part) {
    part = size < piece_bytes ? size : piece_bytes;
    if (write_out(walk, walk->piece, (size_t)part) < 0) return -1;
  }
  return 0;
}

/* Exactly as many bytes as the header says. */
static int write_contents(struct walk *walk, int file, uint64_t size) {
  uint64_t left = size;
  while (left > 0) {
    long got = sys_read(file, walk->piece, left < piece_bytes ? (size_t)left : piece_bytes);
    if (got < 0) return fail(walk->failure, got, "archive", "read %s: %E", walk->path, (int)-got);
    if (got == 0) break;
    if (write_out(walk, walk->piece, (size_t)got) < 0) return -1;
    left -= (uint64_t)got;
  }
  return write_zeros(walk, left + (tar_block - size % tar_block) % tar_block);
}

/* --- names --- */

static int add_name(struct level *level, const char *name) {
  if (level->count % names_step == 0) {
    char **names = realloc(level->names, (level->count + names_step) * sizeof *names);
    if (names == NULL) return -ENOMEM;
    level->names = names;
  }
  level->names[level->count] = strdup(name);
  return level->names[level->count] == NULL ? -ENOMEM : (int)level->count++;
}

static int by_name(const void *one, const void *other) {
  return strcmp(*(char *const *)one, *(char *const *)other);
}

static void free_names(struct level *level, uint32_t from) {
  for (uint32_t i = from; i < level->count; i++)
    free(level->names[i]);
  level->count = from;
}

/* The first half in their order; the others are read again. */
static void keep_half(struct level *level) {
  qsort(level->names, level->count, sizeof *level->names, by_name);
  free_names(level, names_max);
  level->more = true;
}

/* Names behind `after`, the first names_max of them at least. */
static int read_names(struct level *level, uint8_t *buffer, const char *after) {
  long got;
  level->more = false;
  while ((got = SYS(SYS_getdents64, level->folder, buffer, piece_bytes)) > 0)
    for (long at = 0; at < got; at += load_u16(buffer + at + record_size_at)) {
      const char *name = (const char *)buffer + at + name_at;
      if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
      if (after != NULL && strcmp(name, after) <= 0) continue;
      if (add_name(level, name) < 0) return -ENOMEM;
      if (level->count == 2 * names_max) keep_half(level);
    }
  if (level->count > 0) qsort(level->names, level->count, sizeof *level->names, by_name);
  /* Of those behind them some were given up before. */
  if (level->more && level->count > names_max) free_names(level, names_max);
  return (int)got;
}

static void leave(struct walk *walk) {
  struct level *level = walk->level;
  walk->level = level->above;
  free_names(level, 0);
  free(level->names);
  sys_close(level->folder);
  free(level);
}

/* `found` is an O_PATH file of the folder, whose name in the archive is walk->path. */
static int enter(struct walk *walk, int found) {
  long system = file_system_of(found);
  if (system == PROC_MAGIC || system == DEVPTS_MAGIC || system == SYSFS_MAGIC_ || system == CGROUP2_MAGIC_) return 0;
  struct level *level = calloc(1, sizeof *level);
  if (level == NULL) return fail(walk->failure, ENOMEM, "archive", "no memory");
  level->folder = sys_open(found, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  int result = level->folder;
  if (result < 0) {
    free(level);
    return fail(walk->failure, result, "archive", "%s: %E", walk->path, -result);
  }
  level->above = walk->level;
  level->path_length = walk->path_length;
  walk->level = level;
  result = read_names(level, walk->piece, NULL);
  return result < 0 ? fail(walk->failure, result, "archive", "%s: %E", walk->path, -result) : 0;
}

/* The next names of a folder that has more than are held at once. */
static int read_more(struct walk *walk, struct level *level) {
  char *last = level->names[level->count - 1];
  level->names[level->count - 1] = NULL;
  free_names(level, 0);
  level->next = 0;
  long result = SYS(SYS_lseek, level->folder, 0, SEEK_SET);
  if (result >= 0) result = read_names(level, walk->piece, last);
  free(last);
  return result < 0 ? fail(walk->failure, result, "archive", "%s: %E", walk->path, -(int)result) : 0;
}

/* --- entries --- */

static int write_file(struct walk *walk, struct tar_entry *entry, int found) {
  if (walk->bare) {
    entry->size = 0;
    return write_header(walk, entry);
  }
  char capability[tar_attribute_max];
  long size = files_attribute(found, "security.capability", capability, sizeof capability);
  int file = scope_reopen(found);
  if (file < 0) return fail(walk->failure, file, "archive", "%s: %E", walk->path, -file);
  entry->capability = capability;
  entry->capability_size = size > 0 ? (size_t)size : 0;
  int result = write_header(walk, entry);
  if (result == 0) result = write_contents(walk, file, entry->size);
  sys_close(file);
  return result;
}

/* OCI image-spec, layer.md, "Whiteouts". The entry stands for one of `base` in the folder of walk->path. */
static int write_whiteout(struct walk *walk, const struct tar_entry *like, size_t folder_length, const char *base) {
  static const char prefix[] = ".wh.";
  size_t size = strlen(base) + 1;
  if (folder_length + sizeof prefix + size > sizeof walk->path)
    return fail(walk->failure, ENAMETOOLONG, "archive", "%s: %E", base, ENAMETOOLONG);
  char name[tar_name_max + 2];
  memcpy(name, walk->path, folder_length);
  memcpy(name + folder_length, prefix, sizeof prefix - 1);
  memcpy(name + folder_length + sizeof prefix - 1, base, size);
  return write_header(
      walk, &(struct tar_entry){
                .name = name, .link = "", .type = '0', .uid = like->uid, .gid = like->gid, .modified = like->modified});
}

static int write_folder(struct walk *walk, struct tar_entry *entry, int found) {
  char opaque[4];
  if (walk->path_length > 0 && walk->path[walk->path_length - 1] != '/') {
    walk->path[walk->path_length++] = '/';
    walk->path[walk->path_length] = '\0';
  }
  entry->type = '5';
  if (walk->path_length > 0 && write_header(walk, entry) < 0) return -1;
  if (walk->layer && files_attribute(found, "trusted.overlay.opaque", opaque, sizeof opaque) == 1 && opaque[0] == 'y' &&
      write_whiteout(walk, entry, walk->path_length, ".wh..opq") < 0)
    return -1;
  return enter(walk, found);
}

static int write_other(struct walk *walk, struct tar_entry *entry, int found) {
  if (entry->type == '2') {
    long got = SYS(SYS_readlinkat, found, "", walk->target, sizeof walk->target - 1);
    if (got < 0) return fail(walk->failure, got, "archive", "%s: %E", walk->path, (int)-got);
    walk->target[got] = '\0';
    entry->link = walk->target;
  }
  return write_header(walk, entry);
}

static char type_of(uint32_t mode) {
  return S_ISREG(mode)    ? '0'
         : S_ISDIR(mode)  ? '5'
         : S_ISLNK(mode)  ? '2'
         : S_ISCHR(mode)  ? '3'
         : S_ISBLK(mode)  ? '4'
         : S_ISFIFO(mode) ? '6'
                          : '\0';
}

/* `found` is an O_PATH file, walk->path its name, of which the last part begins at `base`. */
static int write_entry(struct walk *walk, int found, size_t base) {
  struct statx_result stat;
  int result = statx_get(found, "", AT_EMPTY_PATH, &stat);
  if (result < 0) return fail(walk->failure, result, "archive", "%s: %E", walk->path, -result);
  struct tar_entry entry = {.name = walk->path,
                            .link = "",
                            .type = type_of(stat.mode),
                            .mode = stat.mode,
                            .uid = stat.uid,
                            .gid = stat.gid,
                            .modified = stat.modified.seconds};
  if (entry.type == '\0') return 0; /* a socket is of no use to anybody */
  if (entry.type == '5') return write_folder(walk, &entry, found);
  if (entry.type == '3' || entry.type == '4') {
    entry.major = stat.rdev_major;
    entry.minor = stat.rdev_minor;
    if (walk->layer && entry.type == '3' && entry.major == 0 && entry.minor == 0)
      return write_whiteout(walk, &entry, base, walk->path + base);
  }
  if (stat.links > 1 && links_known(&walk->links, &stat, walk->path, walk->first_name)) {
    entry.link = walk->first_name;
    entry.type = '1';
    return write_header(walk, &entry);
  }
  if (entry.type != '0') return write_other(walk, &entry, found);
  entry.size = stat.size;
  return write_file(walk, &entry, found);
}

static int write_next(struct walk *walk) {
  struct level *level = walk->level;
  if (level->next == level->count) {
    if (level->more) return read_more(walk, level);
    leave(walk);
    return 0;
  }
  const char *name = level->names[level->next++];
  size_t base = level->path_length, length = strlen(name);
  if (base + length >= tar_name_max) return fail(walk->failure, ENAMETOOLONG, "archive", "%s: %E", name, ENAMETOOLONG);
  memcpy(walk->path + base, name, length + 1);
  walk->path_length = base + length;
  int found = sys_open(level->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  if (found == -ENOENT) return 0; /* removed since its folder was read */
  if (found < 0) return fail(walk->failure, found, "archive", "%s: %E", walk->path, -found);
  int result = write_entry(walk, found, base);
  sys_close(found);
  return result;
}

static int write_tree(struct walk *walk, int top) {
  static const uint8_t end[2 * tar_block];
  int result = write_entry(walk, top, 0);
  while (result == 0 && walk->level != NULL)
    result = write_next(walk);
  while (walk->level != NULL)
    leave(walk);
  if (result == 0) result = write_out(walk, end, sizeof end);
  return result;
}

int archive_flow(struct flow *flow, const void *spec, struct failure *failure) {
  const struct archive_spec *wanted = spec;
  size_t length = strlen(wanted->name);
  if (length >= tar_name_max) return fail(failure, ENAMETOOLONG, "archive", "%s: %E", wanted->name, ENAMETOOLONG);
  int top = scope_open(wanted->pid, wanted->root, wanted->path, O_PATH | (wanted->follow != 0 ? 0 : O_NOFOLLOW));
  if (top < 0) return fail(failure, top, "archive", "%s: %E", wanted->path, -top);
  struct walk *walk = calloc(1, sizeof *walk);
  if (walk == NULL) {
    sys_close(top);
    return fail(failure, ENOMEM, "archive", "no memory");
  }
  walk->flow = flow;
  walk->failure = failure;
  walk->layer = wanted->layer != 0;
  walk->bare = wanted->bare != 0;
  memcpy(walk->path, wanted->name, length + 1);
  walk->path_length = length;
  flow_reply(flow, &(struct writer){0});
  int result = write_tree(walk, top);
  sys_close(top);
  links_free(&walk->links);
  free(walk);
  if (result == 0) flow_end(flow);
  return result;
}
