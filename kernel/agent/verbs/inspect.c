/* inspect: many looks at files in one request. */
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "files/scope.h"
#include "verbs/verbs.h"
#include "wire/protocol.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/utsname.h>

enum { READ = 1, READLINK = 2, STAT = 3, LIST = 4, STAT_FOLLOWING = 5 };

static bool is_scoped(const struct inspect_item_spec *item) {
  return item->pid != 0 || *item->root != '\0';
}

static int open_in(const struct inspect_item_spec *item, int flags) {
  return scope_open(item->pid, item->root, item->path, flags);
}

static int open_to_read(const struct inspect_item_spec *item) {
  if (!is_scoped(item)) return open_in(item, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  int found = open_in(item, O_PATH);
  if (found < 0) return found;
  int file = scope_reopen(found);
  sys_close(found);
  return file;
}

/* What is left of the reply for the data of one result, after the nests' headers. */
static size_t room_for(const struct writer *reply, uint32_t max) {
  size_t left = (size_t)(reply->end - reply->at);
  size_t headers = 64;
  if (left < headers) return 0;
  return max == 0 || max > left - headers ? left - headers : max;
}

struct naming {
  uint32_t pid;
  struct utsname names;
};

/* On a thread of its own, which does not come back from the name space. */
static int name_inside(void *argument) {
  struct naming *naming = argument;
  char path[32];
  text_format(path, sizeof path, "/proc/%u/ns/uts", naming->pid);
  int space = sys_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (space < 0) return space;
  long result = SYS(SYS_setns, space, CLONE_NEWUTS);
  sys_close(space);
  return result < 0 ? (int)result : (int)SYS(SYS_uname, &naming->names);
}

/* This file says what the reader's name space is called, not that of the process in whose root it stands. */
static const char hostname_file[] = "/proc/sys/kernel/hostname";

static int put_hostname(struct writer *reply, const struct inspect_item_spec *item) {
  struct naming naming = {.pid = item->pid};
  int result = thread_run(name_inside, &naming);
  if (result < 0) return result;
  write_bytes(reply, DD_TAG_INSPECT_RESULT_DATA, naming.names.nodename, strlen(naming.names.nodename));
  return 0;
}

static int put_read(struct writer *reply, const struct inspect_item_spec *item) {
  if (item->pid != 0 && strcmp(item->path, hostname_file) == 0) return put_hostname(reply, item);
  int file = open_to_read(item);
  if (file < 0) return file;
  size_t room = room_for(reply, item->max);
  uint8_t *data = write_begin(reply, DD_TAG_INSPECT_RESULT_DATA);
  size_t used = 0;
  long got = data == NULL ? -EMSGSIZE : 1;
  while (got > 0 && used < room) {
    got = item->offset == 0 ? sys_read(file, data + used, room - used)
                            : sys_pread(file, data + used, room - used, item->offset + used);
    if (got > 0) used += (size_t)got;
  }
  sys_close(file);
  if (data == NULL) return -EMSGSIZE;
  reply->at = data + used;
  write_finish(reply, data);
  if (used == room && (item->max == 0 || room < item->max))
    return -EMSGSIZE; /* cut by the frame, not by the caller's wish */
  return got < 0 ? (int)got : 0;
}

static int put_link(struct writer *reply, const struct inspect_item_spec *item) {
  char target[4096];
  int file = open_in(item, O_PATH | O_NOFOLLOW);
  if (file < 0) return file;
  long got = SYS(SYS_readlinkat, file, "", target, sizeof target);
  sys_close(file);
  if (got < 0) return (int)got;
  write_bytes(reply, DD_TAG_INSPECT_RESULT_DATA, target, (size_t)got);
  return 0;
}

static uint64_t device(uint32_t major, uint32_t minor) {
  return (uint64_t)(minor & 0xff) | (uint64_t)(major & 0xfff) << 8 | (uint64_t)(minor & ~0xffu) << 12;
}

static int put_stat(struct writer *reply, const struct inspect_item_spec *item) {
  struct statx_result stat;
  char target[4096];
  int file = open_in(item, O_PATH | (item->op == STAT ? O_NOFOLLOW : 0));
  if (file < 0) return file;
  long result = statx_get(file, "", AT_EMPTY_PATH, &stat);
  long link = result == 0 && S_ISLNK(stat.mode) ? SYS(SYS_readlinkat, file, "", target, sizeof target) : 0;
  sys_close(file);
  if (result < 0) return (int)result;
  uint8_t *record = write_begin(reply, DD_TAG_INSPECT_RESULT_STAT);
  write_u64(reply, DD_TAG_STAT_DEV, device(stat.dev_major, stat.dev_minor));
  write_u64(reply, DD_TAG_STAT_INO, stat.inode);
  write_u32(reply, DD_TAG_STAT_MODE, stat.mode);
  write_u32(reply, DD_TAG_STAT_NLINK, stat.links);
  write_u32(reply, DD_TAG_STAT_UID, stat.uid);
  write_u32(reply, DD_TAG_STAT_GID, stat.gid);
  write_u64(reply, DD_TAG_STAT_RDEV, device(stat.rdev_major, stat.rdev_minor));
  write_u64(reply, DD_TAG_STAT_SIZE, stat.size);
  write_u64(reply, DD_TAG_STAT_MTIME, (uint64_t)stat.modified.seconds);
  if (link > 0) write_bytes(reply, DD_TAG_STAT_LINK, target, (size_t)link);
  write_finish(reply, record);
  return 0;
}

static int put_list(struct writer *reply, const struct inspect_item_spec *item) {
  uint8_t buffer[2048] __attribute__((aligned(8)));
  int folder = open_in(item, O_RDONLY | O_DIRECTORY);
  if (folder < 0) return folder;
  uint8_t *data = write_begin(reply, DD_TAG_INSPECT_RESULT_DATA);
  long got = data == NULL ? -EMSGSIZE : 0;
  while (data != NULL && (got = SYS(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < got && got > 0;) {
      const char *name = (const char *)buffer + at + 19; /* struct linux_dirent64 */
      at += load_u16(buffer + at + 16);
      if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
      size_t size = strlen(name) + 1;
      if ((size_t)(reply->end - reply->at) < size) {
        got = -EMSGSIZE;
        break;
      }
      memcpy(reply->at, name, size);
      reply->at += size;
    }
    if (got < 0) break;
  }
  sys_close(folder);
  if (data != NULL && reply->at > data) reply->at--; /* names are joined, not ended, by NUL */
  write_finish(reply, data);
  return (int)got;
}

static int put_item(struct writer *reply, const struct inspect_item_spec *item) {
  switch (item->op) {
  case READ:
    return put_read(reply, item);
  case READLINK:
    return put_link(reply, item);
  case STAT:
  case STAT_FOLLOWING:
    return put_stat(reply, item);
  case LIST:
    return put_list(reply, item);
  default:
    return -EINVAL;
  }
}

int inspect_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct list *items = &((const struct inspect_spec *)spec)->items;
  (void)failure;
  for (uint32_t i = 0; i < items->count; i++) {
    uint8_t *result = write_begin(reply, DD_TAG_INSPECT_REPLY_RESULTS);
    uint8_t *start = reply->at;
    /* Room is kept for the errors of this and the following items: an item that does not fit says EMSGSIZE. */
    uint8_t *end = reply->end;
    size_t reserve = (items->count - i) * 24u;
    if (result == NULL) return fail(failure, EMSGSIZE, "inspect", "too many items for one answer");
    reply->end = (size_t)(end - reply->at) > reserve ? end - reserve : reply->at;
    int error = put_item(reply, (const struct inspect_item_spec *)items->at + i);
    if (reply->full) error = -EMSGSIZE;
    reply->end = end;
    if (error < 0) {
      reply->at = start;
      reply->full = false;
      write_u32(reply, DD_TAG_INSPECT_RESULT_ERROR, (uint32_t)-error);
    }
    write_finish(reply, result);
  }
  return 0;
}
