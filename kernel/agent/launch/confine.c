/* What the program may do: limits, capabilities, seccomp, identity. In runc's order, which the rights that each step
 * needs dictate. */
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include "files/in_root.h"
#include "launch/steps.h"
#include "launch/user.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

enum { names_bytes_max = 4 * 1024 * 1024 };
enum {
  seccomp_filter = 1 /* SECCOMP_SET_MODE_FILTER */,
  capability_version = 0x20080522,
  outside = -4096 /* no errno */
};

static int limits(const struct process_spec *process, struct failure *failure) {
  for (uint32_t i = 0; i < process->rlimits.count; i++) {
    const struct rlimit_spec *limit = (const struct rlimit_spec *)process->rlimits.at + i;
    uint64_t pair[2] = {limit->soft, limit->hard};
    long result = SYS(SYS_prlimit64, 0, limit->resource, pair, NULL);
    if (result < 0)
      return fail(failure, result, "rlimit",
                  "error setting rlimits for ready process: error setting rlimit type %u: %E", limit->resource,
                  (int)-result);
  }
  return 0;
}

/* Before the child is anywhere else: this is the guest's /proc, and no container has made anything in it. */
int step_oom_score(const struct process_spec *process, struct failure *failure) {
  char text[16];
  int value = (int)process->oom_score_adj;
  if (value == 0) return 0;
  size_t size = text_format(text, sizeof text, "%d", value);
  int result = files_put(AT_FDCWD, "/proc/self/oom_score_adj", 0, 0, text, size);
  return result < 0 ? fail(failure, result, "oom_score_adj", "write %d: %E", value, -result) : 0;
}

/* A program that is not root may open /dev/stdout and the like only if they are its own (runc's fixStdioPermissions).
 */
static void own_stdio(const int stdio[3], uint32_t uid) {
  for (int i = 0; i < 3; i++)
    if (stdio[i] >= 0) SYS(SYS_fchownat, stdio[i], "", uid, (uint32_t)-1, AT_EMPTY_PATH);
}

static int filter(const struct process_spec *process, struct failure *failure) {
  struct {
    unsigned short length;
    const void *filter;
  } program = {(unsigned short)(process->seccomp.size / 8), process->seccomp.at};
  if (program.length == 0) return 0;
  long result = SYS(SYS_seccomp, seccomp_filter, 0, &program);
  return result < 0 ? fail(failure, result, "seccomp", "install the filter: %E", (int)-result) : 0;
}

static int bound(const struct process_spec *process, struct failure *failure) {
  for (int capability = 0; capability < 64; capability++) {
    if (process->capabilities >> capability & 1) continue;
    long result = SYS(SYS_prctl, PR_CAPBSET_DROP, capability);
    if (result == -EINVAL) return 0; /* past the kernel's last one */
    if (result < 0) return fail(failure, result, "capabilities", "drop capability %d: %E", capability, (int)-result);
  }
  return 0;
}

static int set_capabilities(const struct process_spec *process, uint32_t uid, struct failure *failure) {
  struct {
    uint32_t version;
    int pid;
  } header = {capability_version, 0};
  uint64_t wanted = uid == 0 ? process->capabilities : 0;
  struct {
    uint32_t effective, permitted, inheritable;
  } sets[2];
  long result = SYS(SYS_capget, &header, sets);
  if (result < 0) return fail(failure, result, "capabilities", "capget: %E", (int)-result);
  for (int half = 0; half < 2; half++) {
    /* Bits that the kernel does not know cannot be raised: only what is held now. */
    sets[half].permitted &= (uint32_t)(wanted >> (half * 32));
    sets[half].effective = sets[half].permitted;
    sets[half].inheritable = 0;
  }
  result = SYS(SYS_capset, &header, sets);
  return result < 0 ? fail(failure, result, "capabilities", "capset: %E", (int)-result) : 0;
}

static int become(const struct identity *identity, struct failure *failure) {
  long result = SYS(SYS_SETGROUPS, identity->group_count, identity->groups);
  if (result >= 0) result = SYS(SYS_SETRESGID, identity->gid, identity->gid, identity->gid);
  if (result >= 0) result = SYS(SYS_SETRESUID, identity->uid, identity->uid, identity->uid);
  if (result < 0) return fail(failure, result, "user", "become %u:%u: %E", identity->uid, identity->gid, (int)-result);
  return 0;
}

static bool has_home(const struct environment *environment) {
  for (uint32_t i = 0; i < environment->count; i++)
    if (text_starts(environment->at[i], "HOME=")) return true;
  return false;
}

/* CVE-2024-21626: a working directory may be a link of /proc to what is not the container's. The kernel says of such a
 * one that it cannot be reached from here (getcwd(2)), and of one that is gone ENOENT. */
static int change_directory(const struct process_spec *process) {
  const char *cwd = *process->cwd != '\0' ? process->cwd : "/";
  char where[files_path_max];
  int result = (int)SYS(SYS_chdir, cwd);
  if (result < 0 || (cwd[0] == '/' && cwd[1] == '\0')) return result;
  long got = SYS(SYS_getcwd, where, sizeof where);
  return got > 0 && where[0] == '/' ? 0 : outside;
}

static int cannot_change(const struct process_spec *process, int result, struct failure *failure) {
  if (result == outside)
    return fail(failure, EACCES, "cwd",
                "current working directory is outside of container mount namespace root -- possible container "
                "breakout detected");
  return fail(failure, result, "cwd", "chdir to cwd (\"%s\") set in config.json failed: %E", process->cwd, -result);
}

/* A list of names in the container, or -errno where there is none. Whatever the container has made of it, this waits
 * for nothing: a FIFO or a device is no list, and a list has an end. */
static int open_names(const char *path, struct failure *failure) {
  struct statx_result stat;
  int file = in_root_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return file;
  int result = statx_get(file, "", AT_EMPTY_PATH, &stat);
  if (result == 0 && !S_ISREG(stat.mode)) result = -ENOENT;
  if (result == 0 && stat.size > names_bytes_max) {
    result = -EFBIG;
    fail(failure, result, "user", "%s: %E", path, -result);
  }
  if (result == 0) return file;
  sys_close(file);
  return result;
}

int step_identity(const struct process_spec *process, struct environment *environment, const int stdio[3],
                  struct owner *owner, struct failure *failure) {
  struct identity identity;
  int passwd = open_names("/etc/passwd", failure);
  int group = passwd == -EFBIG ? passwd : open_names("/etc/group", failure);
  if (passwd == -EFBIG || group == -EFBIG) return -1;
  if (identity_resolve(&identity, process->user, &process->groups, passwd, group, failure) < 0) return -1;
  if (passwd >= 0) sys_close(passwd);
  if (group >= 0) sys_close(group);
  owner->uid = identity.uid;
  owner->gid = identity.gid;
  if (!has_home(environment)) {
    text_format(environment->home, sizeof environment->home, "HOME=%s", identity.home);
    environment->at[environment->count++] = environment->home;
  }
  if (limits(process, failure) < 0) return -1;
  if (process->no_new_privileges == 0 && filter(process, failure) < 0) return -1;
  if (bound(process, failure) < 0) return -1;
  int changed = change_directory(process);
  if (changed < 0 && changed != -EACCES) return cannot_change(process, changed, failure);
  if (identity.uid != 0) own_stdio(stdio, identity.uid);
  if (become(&identity, failure) < 0) return -1;
  if (changed < 0 && (changed = change_directory(process)) < 0) return cannot_change(process, changed, failure);
  return 0;
}

int step_confine(const struct process_spec *process, uint32_t uid, struct failure *failure) {
  if (set_capabilities(process, uid, failure) < 0) return -1;
  if (process->no_new_privileges == 0) return 0;
  long result = SYS(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (result < 0) return fail(failure, result, "no_new_privs", "set no_new_privs: %E", (int)-result);
  return filter(process, failure);
}
