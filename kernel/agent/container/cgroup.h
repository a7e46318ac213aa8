/* cgroup v2 folders, named relative to the hierarchy's root. */
#pragma once
#include "base/fail.h"
#include "base/record.h"

/* Where cgroup2 is mounted; tests use a place of their own. */
void cgroup_use(const char *root);
/* Makes `name` (and what is missing above it, with its controllers), writes the files, returns an open directory. A
 * cgroup left by an earlier life of the container is replaced, so that its counters start at zero. */
int cgroup_create(const char *name, const struct list *files, struct failure *failure);
int cgroup_write(const char *name, const struct list *files, struct failure *failure);
/* Opens a file of the cgroup. */
int cgroup_open(const char *name, const char *file, int flags);
/* The number after `key` in a file of "key number" lines such as memory.events; 0 if it is not there. */
uint64_t cgroup_count(const char *name, const char *file, const char *key);
/* Kills what is left inside, waits until it is gone and removes the folder with those below it. */
int cgroup_remove(const char *name, struct failure *failure);
/* Has inotify mark a file of the cgroup: its number, or -errno. */
int cgroup_mark(int inotify, const char *name, const char *file);
