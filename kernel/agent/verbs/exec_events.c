/* watchExecs: the proc connector (Documentation/driver-api/connector.rst) tells of every exec; the rest is read from
 * /proc. For that to be there even of the shortest life, a thread of real-time priority listens: the kernel sends the
 * event before execve(2) returns, and the thread runs before the program does. It never waits for the channel's lock:
 * what it finds goes to the loop by a pair of sockets, and the loop sends it. */
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "files/files.h"
#include "loop/loop.h"
#include "verbs/verbs.h"
#include "wire/protocol.h"
#include "wire/stream.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { argv_max = 4096, argv_words_max = 64, event_max = 8192 };

struct exec_events {
  struct stream stream;
  struct watch events;
};

/* What the thread owns. */
struct listener {
  int connector, events;
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

static void tell(int events, uint32_t pid) {
  uint8_t buffer[event_max];
  struct writer note = {buffer, buffer, buffer + sizeof buffer, false};
  char path[32];
  struct statx_result stat;
  write_u32(&note, DD_TAG_EXEC_EVENT_PID, pid);
  text_format(path, sizeof path, "/proc/%u", pid);
  int folder = sys_open(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder >= 0) {
    if (statx_get(folder, "", AT_EMPTY_PATH, &stat) == 0) write_u32(&note, DD_TAG_EXEC_EVENT_UID, stat.uid);
    put_stat(&note, folder);
    put_argv(&note, folder);
    put_namespaces(&note, folder);
    sys_close(folder);
  }
  if (!note.full) SYS(SYS_sendto, events, buffer, note.at - buffer, MSG_NOSIGNAL);
}

static void hear(const struct listener *listener) {
  struct {
    struct nlmsghdr header;
    struct cn_msg message;
    struct proc_event event;
  } __attribute__((packed, aligned(4))) heard;
  while (SYS(SYS_recvfrom, listener->connector, &heard, sizeof heard, MSG_DONTWAIT) >=
         (long)(sizeof heard.header + sizeof heard.message + 24)) {
    if (heard.header.nlmsg_type != NLMSG_DONE || heard.message.id.idx != CN_IDX_PROC) continue;
    uint32_t what, pid;
    memcpy(&what, &heard.event.what, sizeof what);
    memcpy(&pid, &heard.event.event_data.exec.process_tgid, sizeof pid);
    if (what == PROC_EVENT_EXEC) tell(listener->events, pid);
  }
}

/* The kernel counts listeners, and does not see one go by close(2) alone. */
static int subscribe(int connector, uint32_t operation) {
  struct {
    struct nlmsghdr header;
    struct cn_msg message;
    uint32_t operation;
  } __attribute__((packed, aligned(4))) request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = NLMSG_DONE},
      .message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof request.operation},
      .operation = operation,
  };
  long result = SYS(SYS_sendto, connector, &request, sizeof request, 0);
  return result < 0 ? (int)result : 0;
}

/* Until the loop closes its end of the pair. */
static void *listen_to_kernel(void *argument) {
  struct listener *listener = argument;
  struct sched_param first = {.sched_priority = 1};
  struct pollfd files[] = {{.fd = listener->connector, .events = POLLIN}, {.fd = listener->events}};
  SYS(SYS_sched_setscheduler, 0, SCHED_FIFO, &first);
  while (files[1].revents == 0) {
    SYS(SYS_poll, files, 2, -1);
    if (files[0].revents != 0) hear(listener);
  }
  subscribe(listener->connector, PROC_CN_MCAST_IGNORE);
  sys_close(listener->connector);
  sys_close(listener->events);
  free(listener);
  return NULL;
}

static void told(struct watch *watch, uint32_t events) {
  uint8_t buffer[event_max];
  struct exec_events *owner = watch->owner;
  long got;
  (void)events;
  while ((got = SYS(SYS_recvfrom, watch->fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
    struct writer note = {buffer, buffer + got, buffer + sizeof buffer, false};
    stream_note(&owner->stream, DD_NOTE_EXEC_EVENT, &note);
  }
}

static void reset(struct stream *stream) {
  struct exec_events *watch = (struct exec_events *)stream;
  loop_close(&watch->events);
  loop_free(watch);
}
static const struct stream_calls calls = {.reset = reset};

/* The thread owns both files from here on, also where it could not be made. */
static int listener_start(int connector, int events) {
  struct listener *listener = malloc(sizeof *listener);
  int result = listener == NULL ? -ENOMEM : subscribe(connector, PROC_CN_MCAST_LISTEN);
  if (result >= 0) {
    *listener = (struct listener){connector, events};
    result = thread_start(listen_to_kernel, listener);
    if (result >= 0) return 0;
    subscribe(connector, PROC_CN_MCAST_IGNORE);
  }
  free(listener);
  sys_close(connector);
  sys_close(events);
  return result;
}

/* The end of the pair that the loop reads, or -errno. */
static int listener_open(void) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  int pair[2];
  int connector = (int)SYS(SYS_socket, AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
  if (connector < 0) return connector;
  int result = (int)SYS(SYS_bind, connector, &address, sizeof address);
  if (result >= 0) result = (int)SYS(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
  if (result < 0) {
    sys_close(connector);
    return result;
  }
  result = listener_start(connector, pair[1]);
  if (result >= 0) return pair[0];
  sys_close(pair[0]);
  return result;
}

int exec_events_open(uint32_t id, struct bytes payload, struct failure *failure) {
  (void)payload;
  struct exec_events *watch = calloc(1, sizeof *watch);
  int events = watch == NULL ? -ENOMEM : listener_open();
  if (events < 0) {
    free(watch);
    return fail(failure, events, "watch", "listen to the proc connector: %E", -events);
  }
  watch->events = (struct watch){.fd = events, .ready = told, .owner = watch};
  stream_accept(&watch->stream, id, &calls);
  stream_reply(&watch->stream, &(struct writer){0});
  loop_want(&watch->events, EPOLLIN);
  return 0;
}
