#include "process/oom.h"
#include "base/sys.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "loop/loop.h"
#include "process/process.h"
#include <string.h>
#include <sys/inotify.h>

static void memory_changed(struct watch *watch, uint32_t events) {
  char buffer[1024] __attribute__((aligned(8)));
  (void)events;
  long got = sys_read(watch->fd, buffer, sizeof buffer);
  for (long at = 0; at + (long)sizeof(struct inotify_event) <= got;) {
    struct inotify_event event;
    memcpy(&event, buffer + at, sizeof event);
    at += (long)(sizeof event + event.len);
    struct container *container = container_of_memory_mark(event.wd);
    if (container == NULL || (event.mask & IN_MODIFY) == 0) continue;
    uint64_t kills = cgroup_count(container->cgroup, "memory.events", "oom_kill");
    if (kills > container->oom_kills && container->init != NULL)
      stream_note(&container->init->stream, DD_NOTE_OOM, &(struct writer){0});
    container->oom_kills = kills;
  }
}

static struct watch inotify = {.fd = -1, .ready = memory_changed};

static int inotify_file(void) {
  if (inotify.fd < 0) {
    inotify.fd = (int)SYS(SYS_inotify_init1, 02004000 /* IN_CLOEXEC | IN_NONBLOCK */);
    loop_want(&inotify, EPOLLIN);
  }
  return inotify.fd;
}

void oom_hear(struct container *container) {
  container->memory_mark = cgroup_mark(inotify_file(), container->cgroup, "memory.events");
}

void oom_forget(struct container *container) {
  if (container->memory_mark >= 0) SYS(SYS_inotify_rm_watch, inotify_file(), container->memory_mark);
  container->memory_mark = -1;
}

bool oom_hears(const struct container *container) {
  return container->memory_mark >= 0;
}
