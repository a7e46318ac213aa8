#include "container/container.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

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
  container->memory_mark = -1;
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

struct container *container_of_memory_mark(int mark) {
  for (int i = 0; i < buckets; i++)
    for (struct container *container = table[i]; container != NULL; container = container->next)
      if (container->memory_mark == mark) return container;
  return NULL;
}

int container_open_network(const char *id, struct failure *failure) {
  char path[48];
  const struct container *container = container_running(id, failure);
  if (container == NULL) return -1;
  text_format(path, sizeof path, "/proc/%d/ns/net", container->pid);
  int file = sys_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  return file < 0 ? fail(failure, file, "network", "container %s: %E", id, -file) : file;
}

void container_remove(struct container *container) {
  struct container **at = bucket(container->id);
  while (*at != NULL && *at != container)
    at = &(*at)->next;
  if (*at != NULL) *at = container->next;
  free(container);
}
