/* The requests of src/protocol/agent.ts as C structures; the names and meanings are given there. */
#pragma once
#include "base/record.h"

struct rlimit_spec {
  uint32_t resource;
  uint64_t soft, hard;
};
struct pair_spec { /* cgroupFile, sysctl */
  const char *name, *value;
};
struct mount_spec {
  const char *source, *target, *type, *data;
  uint32_t flags, propagation;
};
struct device_spec {
  const char *path, *type;
  uint32_t major, minor, mode, uid, gid;
};
struct file_spec {
  const char *path;
  struct bytes contents;
  uint32_t mode, uid, gid;
};
struct endpoint_spec {
  const char *bridge, *host_name, *name, *address, *gateway, *mac;
  uint32_t prefix, mtu;
};
struct process_spec {
  struct strings args, env, groups;
  const char *cwd, *user;
  uint32_t tty, open_stdin, rows, columns;
  uint64_t capabilities;
  uint32_t no_new_privileges, oom_score_adj, privileged;
  struct bytes seccomp;
  struct list rlimits; /* rlimit_spec */
};
struct container_spec {
  const char *id, *hostname, *domainname, *upper, *work, *merged, *cgroup, *join_network, *join_pid, *join_ipc,
      *shared_memory;
  struct strings lowers, masked_paths, readonly_paths, folders;
  uint32_t readonly_root, namespaces, init;
  struct list mounts, devices, files, cgroup_files, endpoints, sysctls;
  struct process_spec process;
};
struct exec_spec {
  const char *container;
  struct process_spec process;
};
struct signal_spec {
  const char *container;
  uint32_t pid, signal, all;
};
struct freeze_spec {
  const char *container;
  uint32_t frozen;
};
struct delete_spec {
  const char *container, *upper, *work, *merged, *cgroup;
  uint32_t remove_files;
};
struct cgroup_spec {
  const char *container;
  struct list files; /* pair_spec */
};
struct inspect_item {
  const char *path, *root;
  uint32_t op, pid, max;
  uint64_t offset;
};
struct inspect_spec {
  struct list items;
};
struct network_spec {
  const char *bridge, *address, *mac;
  uint32_t prefix, masquerade, mtu, isolate;
};
struct overlay_spec { /* mountSpec */
  struct strings lowers;
  const char *upper, *work, *target;
};
struct clock_spec {
  uint64_t seconds;
  uint32_t nanoseconds;
  struct bytes seed;
};
struct write_spec {
  struct list files; /* file_spec */
  struct strings remove, make_directories;
};
struct window_spec {
  uint32_t rows, columns;
};
struct number_spec { /* records of one u32 at tag 1: ttyMode, stdin, cliExit, signalNote */
  uint32_t value;
};

extern const struct shape container_shape, exec_shape, signal_shape, freeze_shape, delete_shape, cgroup_shape,
    inspect_shape, network_shape, overlay_shape, clock_shape, write_shape, window_shape, number_shape;
