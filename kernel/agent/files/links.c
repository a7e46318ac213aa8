#include "files/links.h"
#include <stdlib.h>
#include <string.h>

enum { links_max = 8 * 1024 * 1024 }; /* bytes */

struct known_link {
  struct known_link *next;
  uint32_t left; /* names that are still to come */
  uint64_t inode;
  uint32_t major, minor;
  char name[];
};

static size_t size_of(const struct known_link *link) {
  return sizeof *link + strlen(link->name) + 1;
}

bool links_known(struct links *links, const struct statx_result *stat, const char *name, char *to) {
  struct known_link **at = &links->buckets[stat->inode % link_buckets], *link;
  for (; (link = *at) != NULL; at = &link->next) {
    if (link->inode != stat->inode || link->major != stat->dev_major || link->minor != stat->dev_minor) continue;
    memcpy(to, link->name, strlen(link->name) + 1);
    if (--link->left > 0) return true;
    *at = link->next;
    links->size -= size_of(link);
    free(link);
    return true;
  }
  size_t length = strlen(name), size = sizeof *link + length + 1;
  link = links->size + size > links_max ? NULL : malloc(size);
  if (link == NULL) return false;
  *link = (struct known_link){NULL, stat->links - 1, stat->inode, stat->dev_major, stat->dev_minor};
  memcpy(link->name, name, length + 1);
  links->size += size;
  *at = link;
  return false;
}

void links_free(struct links *links) {
  for (int i = 0; i < link_buckets; i++)
    for (struct known_link *link = links->buckets[i], *next; link != NULL; link = next) {
      next = link->next;
      free(link);
    }
}
