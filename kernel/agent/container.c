#include "container.h"
#include "cgroup.h"
#include "loop.h"
#include "process.h"
#include "sys.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

enum { buckets = 64 };
static struct container *table[buckets];

static struct container **bucket(const char *id) {
  uint32_t hash = 2166136261u;
  for (; *id != '\0'; id++)
    hash = (hash ^ (uint8_t)*id) * 16777619u;
  return &table[hash % buckets];
}

struct container *container_find(const char *id) {
  struct container *container = *bucket(id);
  while (container != NULL && strcmp(container->id, id) != 0)
    container = container->next;
  return container;
}

struct container *container_add(const char *id, const char *cgroup, struct failure *failure) {
  /* Both become names of folders. */
  if (strlen(id) >= container_id_max || strlen(cgroup) >= container_cgroup_max || *id == '\0' || *id == '.' ||
      strchr(id, '/') != NULL || strstr(cgroup, "..") != NULL) {
    fail(failure, EINVAL, "container", "bad container id or cgroup: %s %s", id, cgroup);
    return NULL;
  }
  if (container_find(id) != NULL) {
    fail(failure, EEXIST, "container", "container with id exists: %s", id);
    return NULL;
  }
  struct container *container = calloc(1, sizeof *container);
  if (container == NULL) {
    fail(failure, ENOMEM, "container", "no memory for container %s", id);
    return NULL;
  }
  text_format(container->id, sizeof container->id, "%s", id);
  text_format(container->cgroup, sizeof container->cgroup, "%s", cgroup);
  container->memory_watch = -1;
  struct container **at = bucket(id);
  container->next = *at;
  *at = container;
  return container;
}

struct container *container_running(const char *id, struct failure *failure) {
  struct container *container = container_find(id);
  if (container == NULL || container->pid == 0) {
    fail(failure, ESRCH, "container", "container %s is not running", id);
    return NULL;
  }
  return container;
}

struct container *container_of_watch(int memory_watch) {
  for (int i = 0; i < buckets; i++)
    for (struct container *container = table[i]; container != NULL; container = container->next)
      if (container->memory_watch == memory_watch) return container;
  return NULL;
}

void container_remove(struct container *container) {
  struct container **at = bucket(container->id);
  while (*at != NULL && *at != container)
    at = &(*at)->next;
  if (*at != NULL) *at = container->next;
  if (container->memory_watch >= 0) SYS(SYS_inotify_rm_watch, container_inotify(), container->memory_watch);
  free(container);
}

static void memory_changed(struct watch *watch, uint32_t events) {
  char buffer[1024] __attribute__((aligned(8)));
  (void)events;
  long got = sys_read(watch->fd, buffer, sizeof buffer);
  for (long at = 0; at + (long)sizeof(struct inotify_event) <= got;) {
    struct inotify_event event;
    memcpy(&event, buffer + at, sizeof event);
    at += (long)(sizeof event + event.len);
    struct container *container = container_of_watch(event.wd);
    if (container == NULL || (event.mask & IN_MODIFY) == 0) continue;
    uint64_t kills = cgroup_count(container->cgroup, "memory.events", "oom_kill");
    if (kills > container->oom_kills && container->init != NULL) process_oom(container->init);
    container->oom_kills = kills;
  }
}

static struct watch inotify = {.fd = -1, .ready = memory_changed};

int container_inotify(void) {
  if (inotify.fd < 0) {
    inotify.fd = (int)SYS(SYS_inotify_init1, 02004000 /* IN_CLOEXEC | IN_NONBLOCK */);
    loop_want(&inotify, EPOLLIN);
  }
  return inotify.fd;
}

void container_watch_memory(struct container *container) {
  container->memory_watch = cgroup_watch(container_inotify(), container->cgroup, "memory.events");
}
