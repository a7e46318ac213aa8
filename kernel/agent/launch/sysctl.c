/* Sysctls of a container: only those that belong to a name space of its own, as runc has it (libcontainer's validator),
 * and by the guest's /proc, before the container's files are there: /proc/sys shows each process its own name spaces
 * (sysctl(2) tables of net and ipc are looked up by the caller's). */
#include "base/text.h"
#include "files/in_root.h"
#include "launch/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

static bool is_of_ipc(const char *name) {
  static const char *const names[] = {"kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/sem",
                                      "kernel/shmall", "kernel/shmmax", "kernel/shmmni", "kernel/shm_rmid_forced"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return text_starts(name, "fs/mqueue/");
}

/* The name space that `name` belongs to, as CLONE_NEW*; 0: the kernel's own. */
static uint32_t owner(const char *name) {
  if (is_of_ipc(name)) return CLONE_NEWIPC;
  if (text_starts(name, "net/")) return CLONE_NEWNET;
  return strcmp(name, "kernel/domainname") == 0 ? CLONE_NEWUTS : 0;
}

static uint32_t own_namespaces(const struct container_spec *spec) {
  uint32_t own = spec->namespaces;
  if (*spec->join_network != '\0') own |= CLONE_NEWNET;
  if (*spec->join_ipc != '\0') own |= CLONE_NEWIPC;
  return own;
}

static int set(const struct container_spec *spec, int folder, const struct cgroup_file_spec *sysctl,
               struct failure *failure) {
  char name[256];
  size_t length = text_format(name, sizeof name, "%s", sysctl->name);
  /* No ".." is left of a name. */
  for (size_t at = 0; at < length; at++)
    if (name[at] == '.') name[at] = '/';
  if ((owner(name) & own_namespaces(spec)) == 0)
    return fail(failure, EPERM, "sysctl", "sysctl \"%s\" is not in a separate kernel namespace", sysctl->name);
  int file = in_root_open_plain(folder, name, O_WRONLY);
  long result = file;
  if (file >= 0) {
    result = sys_write(file, sysctl->value, strlen(sysctl->value));
    sys_close(file);
  }
  return result < 0 ? fail(failure, result, "sysctl", "write sysctl %s: %E", sysctl->name, (int)-result) : 0;
}

int step_sysctls(const struct container_spec *spec, struct failure *failure) {
  const struct list *sysctls = &spec->sysctls;
  int result = 0;
  if (sysctls->count == 0) return 0;
  int folder = sys_open(AT_FDCWD, "/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder < 0) return fail(failure, folder, "sysctl", "/proc/sys: %E", -folder);
  for (uint32_t i = 0; i < sysctls->count && result == 0; i++)
    result = set(spec, folder, (const struct cgroup_file_spec *)sysctls->at + i, failure);
  sys_close(folder);
  return result;
}
