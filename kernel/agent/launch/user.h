/* Docker's User ("", "uid", "name", "uid:gid", "name:group") against passwd(5) and group(5), as moby/sys/user resolves
 * it. */
#pragma once
#include "base/fail.h"
#include "base/record.h"

enum { identity_groups_max = 128 };

struct identity {
  uint32_t uid, gid;
  uint32_t groups[identity_groups_max]; /* supplementary ones, the primary first */
  uint32_t group_count;
  char home[256];
};

/* `passwd` and `group` are open files or negative when the container has none. */
int identity_resolve(struct identity *identity, const char *user, const struct strings *groups, int passwd, int group,
                     struct failure *failure);
