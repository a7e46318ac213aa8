/* extract: a tar archive unpacked below a folder of the guest or of a container. Every name is resolved by the kernel
 * below that folder and made in the one that came of it, so that neither the archive nor a container that
 * swaps folders for links meanwhile (CVE-2018-15664) reaches anything outside. */
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include "files/in_root.h"
#include "files/scope.h"
#include "files/tar_read.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { direct_least = 1024 * 1024, direct_bytes = 256 * 1024, direct_align = 4096 };
enum { path_max = files_path_max + tar_name_max + 2 };

/* Folders get their times when nothing more is put in them: at the end, or when these are too many for their memory. */
enum { dated_max = 128 * 1024 };
struct dated {
  struct dated *next;
  int64_t modified;
  char path[];
};

struct extraction {
  struct flow *flow;
  const struct extract_spec *spec;
  struct failure *failure;
  int folder; /* nothing in the archive leads out of it, as with Docker */
  struct dated *dated;
  size_t dated_size; /* bytes */
  struct tar_reader reader;
  char path[path_max], link[path_max], clean[tar_name_max + 1];
  uint8_t block[tar_block];
  uint8_t piece[tar_extension_max];
};

static int failed(struct extraction *extraction, long error, const char *what) {
  int number = error < 0 ? (int)-error : (int)error;
  return fail(extraction->failure, error, "extract", "%s%s: %E", number == ENOSPC ? "write " : "", what, number);
}

/* 1: all of it; 0: the archive ends here; less: cut, or nobody sends. */
static int read_whole(struct extraction *extraction, void *to, uint32_t size) {
  for (uint32_t used = 0; used < size;) {
    long got = flow_read(extraction->flow, (uint8_t *)to + used, size - used);
    if (got < 0) return failed(extraction, ECANCELED, "archive");
    if (got == 0) return used == 0 ? 0 : fail(extraction->failure, EINVAL, "extract", "unexpected EOF");
    used += (uint32_t)got;
  }
  return 1;
}

static int read_must(struct extraction *extraction, void *to, uint32_t size) {
  int result = size == 0 ? 1 : read_whole(extraction, to, size);
  return result == 0 ? fail(extraction->failure, EINVAL, "extract", "unexpected EOF") : result < 0 ? -1 : 0;
}

/* The next bytes go to `file`, or nowhere (-1). */
static int copy_bytes(struct extraction *extraction, uint64_t size, int file) {
  for (uint64_t left = size; left > 0;) {
    uint32_t part = left < sizeof extraction->piece ? (uint32_t)left : (uint32_t)sizeof extraction->piece;
    if (read_must(extraction, extraction->piece, part) < 0) return -1;
    for (uint32_t put = 0; file >= 0 && put < part;) {
      long written = sys_write(file, extraction->piece + put, part - put);
      if (written < 0) return failed(extraction, written, extraction->path);
      put += (uint32_t)written;
    }
    left -= part;
  }
  return 0;
}

/* What fills the last block of a file. */
static int skip_padding(struct extraction *extraction, uint64_t size) {
  return read_must(extraction, extraction->piece, (uint32_t)((tar_block - size % tar_block) % tar_block));
}

/* --- names --- */

/* As Go's filepath.Clean, without slashes in front. False: it leads out of the folder. */
static bool clean_name(const char *name, char *to) {
  bool rooted = name[0] == '/';
  size_t used = 0;
  for (size_t length; *name != '\0'; name += length + (name[length] == '/')) {
    length = strcspn(name, "/");
    if (length == 2 && memcmp(name, "..", 2) == 0) {
      if (used == 0 && !rooted) return false;
      while (used > 0 && to[--used] != '/')
        ;
    } else if (length > 0 && (length > 1 || *name != '.')) {
      if (used > 0) to[used++] = '/';
      memcpy(to + used, name, length);
      used += length;
    }
  }
  to[used] = '\0';
  return true;
}

/* Below the folder, without slashes at its end. */
static int join(struct extraction *extraction, const char *name, char *path, const char *what) {
  char *clean = extraction->clean;
  if (!clean_name(name, clean)) return fail(extraction->failure, EINVAL, "extract", "invalid %s \"%s\"", what, name);
  const char *rename = extraction->spec->rename;
  /* What is named from the root has no first part of its own. */
  const char *rest = *rename == '\0' || *name == '/' ? clean : clean + strcspn(clean, "/");
  const char *slash = *rename != '\0' && *rest != '\0' && *rest != '/' ? "/" : "";
  size_t length = text_format(path, path_max, "%s/%s%s%s", extraction->spec->path, rename, slash, rest);
  while (length > 1 && path[length - 1] == '/')
    path[--length] = '\0';
  return 0;
}

/* Of a path that was joined, what is below the folder, which is the root of its links. */
static const char *below(struct extraction *extraction, const char *path) {
  size_t length = strlen(path), folder = strlen(extraction->spec->path);
  return path + (length < folder ? length : folder);
}

/* The entry as the archive names it. */
static const char *relative(struct extraction *extraction) {
  const char *path = below(extraction, extraction->path);
  return *path == '/' ? path + 1 : ".";
}

/* --- attributes --- */

static void set_time(int file, const char *path, int flags, int64_t modified) {
  const int64_t times[4] = {modified, 0, modified, 0};
  SYS(SYS_UTIMENSAT, file, path, times, flags);
}

/* As moby (pkg/archive, createTarFile): what may not be set is left out. After the owner, who takes capabilities away.
 */
static long set_extended(const char *path, long call, const struct tar_entry *entry) {
  struct tar_attribute attribute;
  long result = 0;
  for (size_t at = 0; result == 0 && tar_attribute(entry, &at, &attribute);) {
    result = SYS(call, path, attribute.name, attribute.value, attribute.size, 0);
    if (result == -EPERM) result = 0;
  }
  return result;
}

/* Of an O_PATH file that is no link. */
static int set_attributes(struct extraction *extraction, int found, const struct tar_entry *entry) {
  char name[32];
  const char *at = relative(extraction);
  text_format(name, sizeof name, "/proc/self/fd/%d", found);
  long result = SYS(SYS_fchownat, found, "", entry->uid, entry->gid, AT_EMPTY_PATH);
  if (result < 0)
    return fail(extraction->failure, result, "extract", "failed to Lchown \"%s\" for UID %u, GID %u: lchownat %s: %E",
                at, entry->uid, entry->gid, at, (int)-result);
  result = SYS(SYS_fchmodat, AT_FDCWD, name, entry->mode);
  if (result == 0) result = set_extended(name, SYS_setxattr, entry);
  if (result == 0) set_time(AT_FDCWD, name, 0, entry->modified);
  return result < 0 ? failed(extraction, result, extraction->path) : 0;
}

static void date_folder(struct extraction *extraction, const struct dated *dated) {
  char name[32];
  int found = in_root_open(extraction->folder, below(extraction, dated->path), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (found < 0) return;
  text_format(name, sizeof name, "/proc/self/fd/%d", found);
  set_time(AT_FDCWD, name, 0, dated->modified);
  sys_close(found);
}

static size_t size_of(const struct dated *dated) {
  return sizeof *dated + strlen(dated->path) + 1;
}

static bool is_above(const char *folder, const char *path) {
  size_t length = strlen(folder);
  return strncmp(folder, path, length) == 0 && (path[length] == '/' || path[length] == '\0' || length == 1);
}

/* All but those that hold `below`, where more is to come; NULL: all. `wanted`: with their times. */
static void date_folders(struct extraction *extraction, const char *below, bool wanted) {
  for (struct dated **at = &extraction->dated, *dated; (dated = *at) != NULL;) {
    if (below != NULL && is_above(dated->path, below)) {
      at = &dated->next;
      continue;
    }
    if (wanted) date_folder(extraction, dated);
    *at = dated->next;
    extraction->dated_size -= size_of(dated);
    free(dated);
  }
}

static void remember_folder(struct extraction *extraction, int64_t modified) {
  size_t size = strlen(extraction->path) + 1;
  /* An archive that comes back to a folder after this many others changes its time once more. */
  if (extraction->dated_size > dated_max) date_folders(extraction, extraction->path, true);
  struct dated *dated = malloc(sizeof *dated + size);
  if (dated == NULL) return;
  *dated = (struct dated){extraction->dated, modified};
  memcpy(dated->path, extraction->path, size);
  extraction->dated = dated;
  extraction->dated_size += sizeof *dated + size;
}

/* --- entries --- */

/* Nothing, or a folder where a folder is wanted (1). */
static int clear_place(struct extraction *extraction, int parent, const char *name, bool folder) {
  struct statx_result stat;
  int result = statx_get(parent, name, AT_SYMLINK_NOFOLLOW, &stat);
  if (result == -ENOENT) return 0;
  if (result < 0) return failed(extraction, result, extraction->path);
  if (S_ISDIR(stat.mode) && folder) return 1;
  if (S_ISDIR(stat.mode) != folder && extraction->spec->keep != 0)
    return fail(extraction->failure, EEXIST, "extract", "cannot overwrite %s \"%s\" with %s \"%s\"",
                folder ? "non-directory" : "directory", below(extraction, extraction->path) + 1,
                folder ? "directory" : "non-directory", extraction->spec->path);
  /* Of a mount in another name space the kernel would take the place away, and the mount with it. */
  bool mounted = (stat.attributes & 0x2000 /* STATX_ATTR_MOUNT_ROOT */) != 0;
  result = mounted ? -EBUSY : files_remove_tree(parent, name);
  if (result == 0) return 0;
  return fail(extraction->failure, result, "extract", "RemoveAll %s: %E", relative(extraction), -result);
}

/* What of a large file is whole blocks of the disk goes there without the page cache: that costs the guest a third of
 * the instructions, and none of its memory. The bytes that are left; less than 0: failed. Where a file system knows no
 * such writes (tmpfs), nothing is written. */
static int64_t copy_direct(struct extraction *extraction, uint64_t size, int file) {
  uint8_t *buffer = size < direct_least ? NULL : aligned_alloc(direct_align, direct_bytes);
  if (buffer == NULL) return (int64_t)size;
  uint64_t left = size;
  int result = SYS(SYS_fcntl64, file, F_SETFL, O_WRONLY | O_DIRECT) == 0 ? 0 : 1;
  while (result == 0 && left >= direct_bytes) {
    result = read_must(extraction, buffer, direct_bytes);
    for (uint32_t put = 0; result == 0 && put < direct_bytes;) {
      long written = sys_write(file, buffer + put, direct_bytes - put);
      if (written == -EINVAL && SYS(SYS_fcntl64, file, F_SETFL, O_WRONLY) == 0)
        written = sys_write(file, buffer + put, direct_bytes - put);
      if (written <= 0) result = failed(extraction, written < 0 ? written : -EIO, extraction->path);
      put += (uint32_t)written;
    }
    left -= direct_bytes;
  }
  free(buffer);
  SYS(SYS_fcntl64, file, F_SETFL, O_WRONLY);
  return result < 0 ? -1 : (int64_t)left;
}

static int invalid_header(struct extraction *extraction) {
  return fail(extraction->failure, EINVAL, "extract", "invalid tar header");
}

/* What is there goes to its place, and the file is made as long as it is: the rest are holes. */
static int copy_sparse(struct extraction *extraction, const struct tar_entry *entry, int file) {
  struct sparse *sparse = &extraction->reader.sparse;
  uint64_t left = entry->size, size = sparse_size(sparse, entry->size);
  for (int more = entry->sparse == 2 ? 1 : 0; more != 0; left -= tar_block) {
    if (left < tar_block || more < 0) return invalid_header(extraction);
    if (read_must(extraction, extraction->piece, tar_block) < 0) return -1;
    more = sparse_map(sparse, extraction->piece, tar_block);
  }
  if (!sparse_fits(sparse, size, left)) return invalid_header(extraction);
  for (uint32_t i = 0; i < sparse->count; i++) {
    long result = sys_seek(file, sparse->extents[i].offset);
    if (result < 0) return failed(extraction, result, extraction->path);
    if (copy_bytes(extraction, sparse->extents[i].size, file) < 0) return -1;
  }
  long result = sys_truncate(file, size);
  return result < 0 ? failed(extraction, result, extraction->path) : 0;
}

static int copy_plain(struct extraction *extraction, const struct tar_entry *entry, int file) {
  int64_t left = copy_direct(extraction, entry->size, file);
  return left < 0 ? -1 : copy_bytes(extraction, (uint64_t)left, file);
}

static int make_file(struct extraction *extraction, int parent, const char *name, const struct tar_entry *entry) {
  int file = sys_open(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return failed(extraction, file, extraction->path);
  int result = entry->sparse > 0 ? copy_sparse(extraction, entry, file) : copy_plain(extraction, entry, file);
  if (result == 0) result = skip_padding(extraction, entry->size);
  if (result == 0) result = set_attributes(extraction, file, entry);
  sys_close(file);
  return result < 0 ? -1 : 0;
}

static int make_link(struct extraction *extraction, int parent, const char *name, const struct tar_entry *entry) {
  char from[32];
  if (join(extraction, entry->link, extraction->link, "hardlink target") < 0) return -1;
  int found = in_root_open(extraction->folder, below(extraction, extraction->link), O_PATH | O_NOFOLLOW);
  if (found < 0) return failed(extraction, found, extraction->link);
  text_format(from, sizeof from, "/proc/self/fd/%d", found);
  long result = SYS(SYS_linkat, AT_FDCWD, from, parent, name, AT_SYMLINK_FOLLOW);
  sys_close(found);
  return result < 0 ? failed(extraction, result, extraction->path) : 0;
}

/* By its name in the folder: no link on the way is followed, nor the last one. */
static long set_of_link(int parent, const char *name, const struct tar_entry *entry) {
  char path[32 + 256];
  size_t length = text_format(path, sizeof path, "/proc/self/fd/%d/%s", parent, name);
  return length < sizeof path - 1 ? set_extended(path, SYS_lsetxattr, entry) : -ENAMETOOLONG;
}

static int make_symlink(struct extraction *extraction, int parent, const char *name, const struct tar_entry *entry) {
  long result = SYS(SYS_symlinkat, entry->link, parent, name);
  if (result == 0) result = SYS(SYS_fchownat, parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW);
  if (result == 0 && entry->attributes_size > 0) result = set_of_link(parent, name, entry);
  if (result < 0) return failed(extraction, result, extraction->path);
  set_time(parent, name, AT_SYMLINK_NOFOLLOW, entry->modified);
  return 0;
}

static long make_node(int parent, const char *name, const struct tar_entry *entry) {
  /* The kernel's wide device number (include/linux/kdev_t.h). */
  uint32_t number = (entry->minor & 0xff) | entry->major << 8 | (entry->minor & ~0xffu) << 12;
  uint32_t type = entry->type == '3' ? S_IFCHR : entry->type == '4' ? S_IFBLK : S_IFIFO;
  if (entry->type == '5') return SYS(SYS_mkdirat, parent, name, 0700);
  return SYS(SYS_mknodat, parent, name, type | 0600, number);
}

/* A folder, a device or a FIFO. */
static int make_other(struct extraction *extraction, int parent, const char *name, const struct tar_entry *entry,
                      bool there) {
  long result = there ? 0 : make_node(parent, name, entry);
  int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC | (entry->type == '5' ? O_DIRECTORY : 0);
  int found = result < 0 ? (int)result : sys_open(parent, name, flags, 0);
  struct statx_result stat;
  result = found;
  /* Somebody may have put a link there meanwhile. */
  if (found >= 0 && (result = statx_get(found, "", AT_EMPTY_PATH, &stat)) == 0 && S_ISLNK(stat.mode)) result = -ELOOP;
  result = result < 0 ? failed(extraction, result, extraction->path) : set_attributes(extraction, found, entry);
  if (found >= 0) sys_close(found);
  if (result < 0) return -1;
  if (entry->type == '5') remember_folder(extraction, entry->modified);
  return 0;
}

/* The folder itself: "./". */
static int date_top(struct extraction *extraction, const struct tar_entry *entry) {
  int found = in_root_open(extraction->folder, "/", O_PATH | O_DIRECTORY);
  if (found < 0) return failed(extraction, found, extraction->path);
  int result = set_attributes(extraction, found, entry);
  sys_close(found);
  if (result == 0) remember_folder(extraction, entry->modified);
  return result;
}

static int make_entry(struct extraction *extraction, const struct tar_entry *entry) {
  const char *name;
  if (join(extraction, entry->name, extraction->path, "entry name") < 0) return -1;
  size_t folder = strlen(extraction->spec->path);
  while (folder > 1 && extraction->spec->path[folder - 1] == '/')
    folder--;
  if (strlen(extraction->path) <= folder)
    return entry->type == '5' ? date_top(extraction, entry)
                              : fail(extraction->failure, EINVAL, "extract", "an entry without name");
  if (entry->type < '0' || entry->type > '6')
    return fail(extraction->failure, EINVAL, "extract", "unhandled tar header type %u", (unsigned)(uint8_t)entry->type);
  int parent = in_root_parent(extraction->folder, below(extraction, extraction->path), &name);
  if (parent < 0) return failed(extraction, parent, extraction->path);
  int result = clear_place(extraction, parent, name, entry->type == '5');
  if (result >= 0)
    result = entry->type == '0'   ? make_file(extraction, parent, name, entry)
             : entry->type == '1' ? make_link(extraction, parent, name, entry)
             : entry->type == '2' ? make_symlink(extraction, parent, name, entry)
                                  : make_other(extraction, parent, name, entry, result == 1);
  sys_close(parent);
  return result;
}

static int read_extension(struct extraction *extraction, char type, uint32_t size) {
  uint32_t whole = (size + tar_block - 1) / tar_block * tar_block;
  if (read_must(extraction, extraction->piece, whole) < 0) return -1;
  int result = tar_extend(&extraction->reader, type, extraction->piece, size);
  return result < 0 ? invalid_header(extraction) : 0;
}

/* 1: an entry is there; 0: the end. */
static int read_entry(struct extraction *extraction) {
  struct tar_entry entry;
  int result = read_whole(extraction, extraction->block, tar_block);
  if (result <= 0) return result;
  int kind = tar_read(&extraction->reader, extraction->block, &entry);
  if (kind == 1 && extraction->spec->chown != 0) {
    entry.uid = extraction->spec->uid;
    entry.gid = extraction->spec->gid;
  }
  if (kind < 0) return invalid_header(extraction);
  if (kind == 0) return 0;
  if (kind == 2) return read_extension(extraction, entry.type, (uint32_t)entry.size) < 0 ? -1 : 1;
  return make_entry(extraction, &entry) < 0 ? -1 : 1;
}

static int read_archive(struct extraction *extraction) {
  int result;
  while ((result = read_entry(extraction)) > 0)
    ;
  /* What comes behind the end is of no interest, but its sender waits for room. */
  while (result == 0 && (result = (int)flow_read(extraction->flow, extraction->piece, sizeof extraction->piece)) != 0)
    result = result > 0 ? 0 : failed(extraction, ECANCELED, "archive");
  return result;
}

int extract_flow(struct flow *flow, const void *spec, struct failure *failure) {
  const struct extract_spec *wanted = spec;
  if (strlen(wanted->path) + strlen(wanted->rename) >= files_path_max || strchr(wanted->rename, '/') != NULL ||
      strcmp(wanted->rename, "..") == 0)
    return fail(failure, ENAMETOOLONG, "extract", "%s: %E", wanted->path, ENAMETOOLONG);
  int root = scope_root(wanted->pid, wanted->root);
  int folder = root < 0 ? root : in_root_open(root, wanted->path, O_PATH | O_DIRECTORY);
  struct extraction *extraction = folder < 0 ? NULL : calloc(1, sizeof *extraction);
  int result = folder < 0           ? fail(failure, folder, "extract", "%s: %E", wanted->path, -folder)
               : extraction == NULL ? fail(failure, ENOMEM, "extract", "no memory")
                                    : 0;
  if (root >= 0) sys_close(root);
  if (result == 0) {
    extraction->flow = flow;
    extraction->spec = wanted;
    extraction->failure = failure;
    extraction->folder = folder;
    flow_reply(flow, &(struct writer){0});
    result = read_archive(extraction);
    date_folders(extraction, NULL, result == 0);
    free(extraction);
  }
  if (folder >= 0) sys_close(folder);
  return result;
}
