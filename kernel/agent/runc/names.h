/* Words of the runtime specification (config.md, config-linux.md) and the kernel's numbers for them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The number of "CAP_CHOWN", or -1. */
int name_capability(const char *name);
/* Of "RLIMIT_NOFILE", or -1. */
int name_rlimit(const char *name);
/* CLONE_NEW* of "network", or 0. */
uint32_t name_namespace(const char *name);
/* Of "KILL", "SIGKILL" or "9", or -1. */
int name_signal(const char *name);
/* MS_* that an option of a mount sets or clears, and of its propagation; false: the file system's own. */
struct mount_option {
  uint32_t set, clear, propagation;
};
bool name_mount_option(const char *name, struct mount_option *option);
