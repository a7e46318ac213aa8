/* delete: what a container leaves behind. Runs on a worker; every step is fine with finding nothing. */
#include "delete.h"
#include "cgroup.h"
#include "files.h"
#include "idle.h"
#include "mountapi.h"
#include "request.h"
#include "shared_memory.h"
#include "spare.h"
#include "spec.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int remove_tree(const char *path, struct failure *failure) {
  if (*path == '\0') return 0;
  if (strcmp(path, "/") == 0) return fail(failure, EINVAL, "delete", "refusing to remove /");
  int result = files_remove_tree(AT_FDCWD, path);
  return result < 0 ? fail(failure, result, "delete", "remove %s: %E", path, -result) : 0;
}

/* start made the folder that these stand in; it goes with the last of them. */
static void remove_parent(const char *path) {
  char folder[files_path_max];
  text_format(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash == NULL || slash == folder) return;
  *slash = '\0';
  SYS(SYS_unlinkat, AT_FDCWD, folder, AT_REMOVEDIR);
}

int delete_folders(const char *upper, const char *work, const char *merged, struct failure *failure) {
  if (remove_tree(merged, failure) < 0 || remove_tree(work, failure) < 0 || remove_tree(upper, failure) < 0) return -1;
  remove_parent(merged);
  remove_parent(upper);
  return 0;
}

static bool is_root(const char *path) {
  return strcmp(path, "/") == 0;
}

int delete_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct delete_spec *wanted = spec;
  char folder[files_path_max];
  (void)reply;
  idle_disturb();
  /* The cgroup first: it ends whatever still uses the rest. */
  if (*wanted->cgroup != '\0' && cgroup_remove(wanted->cgroup, failure) < 0) return -1;
  spare_give_back(wanted->container);
  if (*wanted->container != '\0' && strchr(wanted->container, '/') == NULL && *wanted->container != '.') {
    shared_memory_drop(wanted->container);
    text_format(folder, sizeof folder, "/run/drydock/containers/%s", wanted->container);
    if (remove_tree(folder, failure) < 0) return -1;
  }
  if (*wanted->merged != '\0') SYS(SYS_umount2, wanted->merged, 2 | 8 /* MNT_DETACH | UMOUNT_NOFOLLOW */);
  if (wanted->remove_files == 0) return 0;
  /* What cannot be removed is told at once, and so is what nobody may ask for. */
  bool refused = is_root(wanted->upper) || is_root(wanted->work) || is_root(wanted->merged);
  if (!refused && idle_remove(wanted->upper, wanted->work, wanted->merged)) return 0;
  return delete_folders(wanted->upper, wanted->work, wanted->merged, failure);
}
