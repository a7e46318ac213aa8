/* delete: what a container leaves behind. Runs on a worker; every step is fine with finding nothing. */
#include "base/text.h"
#include "container/cgroup.h"
#include "container/shared_memory.h"
#include "files/files.h"
#include "files/mountapi.h"
#include "idle/idle.h"
#include "idle/spare_network.h"
#include "idle/spare_overlay.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
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

static bool is_within(const char *path, const char *folder, size_t length) {
  return strncmp(path, folder, length) == 0 && path[length] == '/' && strchr(path + length + 1, '/') == NULL;
}

/* The folders of a container stand in one of its own name. That goes out of the way at once, under a name that no
 * container has, so that whoever uses the path again finds nothing; what is in it can wait. False: not so, or no room.
 */
static bool put_off(const struct delete_spec *wanted) {
  static _Atomic unsigned number;
  char home[files_path_max], aside[files_path_max];
  const char *slash = strrchr(wanted->upper, '/');
  size_t length = slash == NULL ? 0 : (size_t)(slash - wanted->upper), name = strlen(wanted->container);
  if (name == 0 || length < name + 2 || length >= sizeof home) return false;
  if (!is_within(wanted->work, wanted->upper, length) || !is_within(wanted->merged, wanted->upper, length))
    return false;
  memcpy(home, wanted->upper, length);
  home[length] = '\0';
  if (home[length - name - 1] != '/' || strcmp(home + length - name, wanted->container) != 0) return false;
  home[length - name - 1] = '\0';
  text_format(aside, sizeof aside, "%s/.removed-%u", home, ++number);
  home[length - name - 1] = '/';
  long result = SYS(SYS_renameat2, AT_FDCWD, home, AT_FDCWD, aside, 1 /* RENAME_NOREPLACE */);
  if (result == -ENOENT) return true;
  if (result < 0) return false;
  if (idle_remove(aside, wanted->container)) return true;
  SYS(SYS_renameat2, AT_FDCWD, aside, AT_FDCWD, home, 1);
  return false;
}

int delete_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct delete_spec *wanted = spec;
  char folder[files_path_max];
  (void)reply;
  idle_disturb();
  /* The cgroup first: it ends whatever still uses the rest. */
  if (*wanted->cgroup != '\0' && cgroup_remove(wanted->cgroup, failure) < 0) return -1;
  spare_network_give_back(wanted->container);
  if (*wanted->container != '\0' && strchr(wanted->container, '/') == NULL && *wanted->container != '.') {
    shared_memory_drop(wanted->container);
    text_format(folder, sizeof folder, "/run/drydock/containers/%s", wanted->container);
    /* Its hostname, hosts and resolv.conf can be read until then. */
    if (wanted->remove_files != 0 && remove_tree(folder, failure) < 0) return -1;
    SYS(SYS_unlinkat, AT_FDCWD, folder, AT_REMOVEDIR);
  }
  if (*wanted->merged != '\0') SYS(SYS_umount2, wanted->merged, 2 | 8 /* MNT_DETACH | UMOUNT_NOFOLLOW */);
  if (wanted->remove_files == 0) return 0;
  spare_overlay_drop(wanted->upper);
  if (put_off(wanted)) return 0;
  if (remove_tree(wanted->merged, failure) < 0 || remove_tree(wanted->work, failure) < 0) return -1;
  if (remove_tree(wanted->upper, failure) < 0) return -1;
  remove_parent(wanted->merged);
  remove_parent(wanted->upper);
  return 0;
}
