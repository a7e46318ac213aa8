/* Files that have several names in a tree that is walked: the first name of each, as long as there is room. */
#pragma once
#include "base/statx.h"
#include <stdbool.h>

enum { link_buckets = 1024 };

struct known_link;
struct links {
  struct known_link *buckets[link_buckets];
  size_t size; /* bytes */
};

/* Whether the same file came before; then `to` gets that name, which was as long as it may be. Else this name is kept;
 * where there is no more room for it, the file is met anew at its next name. */
bool links_known(struct links *links, const struct statx_result *stat, const char *name, char *to);
void links_free(struct links *links);
