/* What the steps of a launch need beside the specification, and what they leave. */
#pragma once
#include <stdint.h>

/* With room for HOME at the end, before NULL. */
struct environment {
  const char **at;
  uint32_t count;
  char home[256 + 5];
};

/* Detached mounts of binds and of the container's files, one for each in the specification, and of docker-init; the
 * root, once there is one. */
struct rootfs_files {
  int *mounts, *files;
  int init, root;
  int overlay; /* mounted ahead (idle/spare_overlay.h), or -1 */
};

/* Whom the program belongs to. */
struct owner {
  uint32_t uid, gid;
};
