/* watchExecs: the proc connector (Documentation/driver-api/connector.rst) tells of every exec; the rest is read from
 * /proc, where a short-lived process may be gone already: its event then has no argv. */
#include "facts.h"
#include "files.h"
#include "loop.h"
#include "protocol.h"
#include "request.h"
#include "stream.h"
#include "sys.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { argv_max = 4096, argv_words_max = 64 };

struct exec_watch {
  struct stream stream;
  struct watch connector;
};

/* /proc/PID/stat: "pid (name) state ppid pgrp session tty_nr ...", the name with anything in it. */
static void put_stat(struct writer *note, int folder) {
  char text[512];
  long got = files_get(folder, "stat", text, sizeof text - 1);
  if (got <= 0) return;
  text[got] = '\0';
  const char *at = strrchr(text, ')');
  uint32_t fields[8] = {0};
  for (int field = 2; at != NULL && field < 8; field++) {
    at = strchr(at + 1, ' ');
    if (at == NULL) break;
    for (const char *digit = at + 1; *digit >= '0' && *digit <= '9'; digit++)
      fields[field] = fields[field] * 10 + (uint32_t)(*digit - '0');
  }
  write_u32(note, DD_TAG_EXEC_EVENT_PARENT, fields[3]);
  write_u32(note, DD_TAG_EXEC_EVENT_TTY, fields[6]);
}

static void put_argv(struct writer *note, int folder) {
  char text[argv_max];
  long got = files_get(folder, "cmdline", text, sizeof text);
  int words = 0;
  for (long at = 0; at < got && words < argv_words_max; words++) {
    size_t length = strnlen(text + at, (size_t)(got - at));
    write_bytes(note, DD_TAG_EXEC_EVENT_ARGV, text + at, length);
    at += (long)length + 1;
  }
}

static void put_namespaces(struct writer *note, int folder) {
  static const char *const names[] = {"ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/user", "ns/uts"};
  char target[64];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    long got = SYS(SYS_readlinkat, folder, names[i], target, sizeof target);
    if (got > 0) write_bytes(note, DD_TAG_EXEC_EVENT_NAMESPACES, target, (size_t)got);
  }
}

static void tell(struct exec_watch *watch, uint32_t pid) {
  uint8_t buffer[8192];
  struct writer note = {buffer, buffer, buffer + sizeof buffer, false};
  char path[32];
  struct facts stat;
  write_u32(&note, DD_TAG_EXEC_EVENT_PID, pid);
  text_format(path, sizeof path, "/proc/%u", pid);
  int folder = sys_open(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder >= 0) {
    if (facts_get(folder, "", AT_EMPTY_PATH, &stat) == 0) write_u32(&note, DD_TAG_EXEC_EVENT_UID, stat.uid);
    put_stat(&note, folder);
    put_argv(&note, folder);
    put_namespaces(&note, folder);
    sys_close(folder);
  }
  if (!note.full) stream_note(&watch->stream, DD_NOTE_EXEC_EVENT, &note);
}

static void heard(struct watch *watch, uint32_t events) {
  struct {
    struct nlmsghdr header;
    struct cn_msg message;
    struct proc_event event;
  } __attribute__((packed, aligned(4))) heard;
  (void)events;
  while (SYS(SYS_recvfrom, watch->fd, &heard, sizeof heard, MSG_DONTWAIT) >=
         (long)(sizeof heard.header + sizeof heard.message + 24)) {
    if (heard.header.nlmsg_type != NLMSG_DONE || heard.message.id.idx != CN_IDX_PROC) continue;
    uint32_t what, pid;
    memcpy(&what, &heard.event.what, sizeof what);
    memcpy(&pid, &heard.event.event_data.exec.process_tgid, sizeof pid);
    if (what == 2 /* PROC_EVENT_EXEC */) tell(watch->owner, pid);
  }
}

static void reset(struct stream *stream) {
  struct exec_watch *watch = (struct exec_watch *)stream;
  loop_close(&watch->connector);
  loop_free(watch);
}
static const struct stream_calls calls = {.reset = reset};

static int listen_to_kernel(int socket) {
  struct {
    struct nlmsghdr header;
    struct cn_msg message;
    uint32_t operation;
  } __attribute__((packed, aligned(4))) request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = NLMSG_DONE},
      .message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof request.operation},
      .operation = 1, /* PROC_CN_MCAST_LISTEN */
  };
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  long result = SYS(SYS_bind, socket, &address, sizeof address);
  if (result >= 0) result = SYS(SYS_sendto, socket, &request, sizeof request, 0);
  return result < 0 ? (int)result : 0;
}

int watch_open(uint32_t id, struct bytes payload, struct failure *failure) {
  (void)payload;
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
  int result = socket < 0 ? socket : listen_to_kernel(socket);
  struct exec_watch *watch = result < 0 ? NULL : calloc(1, sizeof *watch);
  if (watch == NULL) {
    if (socket >= 0) sys_close(socket);
    return fail(failure, result < 0 ? result : ENOMEM, "watch", "listen to the proc connector: %E",
                result < 0 ? -result : ENOMEM);
  }
  watch->connector = (struct watch){.fd = socket, .ready = heard, .owner = watch};
  stream_accept(&watch->stream, id, &calls);
  stream_reply(&watch->stream, &(struct writer){0});
  loop_want(&watch->connector, EPOLLIN);
  return 0;
}
