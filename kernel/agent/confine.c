/* What the program may do: limits, capabilities, seccomp, identity. In runc's order, which the rights that each step
 * needs dictate. */
#include "files.h"
#include "launch.h"
#include "sys.h"
#include "text.h"
#include "user.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { seccomp_filter = 1 /* SECCOMP_SET_MODE_FILTER */, capability_version = 0x20080522 };

static int limits(struct launch *launch) {
  for (uint32_t i = 0; i < launch->process->rlimits.count; i++) {
    const struct rlimit_spec *limit = (const struct rlimit_spec *)launch->process->rlimits.at + i;
    uint64_t pair[2] = {limit->soft, limit->hard};
    long result = SYS(SYS_prlimit64, 0, limit->resource, pair, NULL);
    if (result < 0) return LAUNCH_FAIL(launch, result, "rlimit", "set limit %u: %E", limit->resource, (int)-result);
  }
  return 0;
}

static int oom_score(struct launch *launch) {
  char text[16];
  int value = (int)launch->process->oom_score_adj;
  if (value == 0) return 0;
  size_t size = text_format(text, sizeof text, "%d", value);
  int result = files_put(AT_FDCWD, "/proc/self/oom_score_adj", 0, 0, text, size);
  return result < 0 ? LAUNCH_FAIL(launch, result, "oom_score_adj", "write %d: %E", value, -result) : 0;
}

/* A program that is not root may open /dev/stdout and the like only if they are its own (runc's fixStdioPermissions).
 */
static void own_stdio(struct launch *launch, uint32_t uid) {
  for (int i = 0; i < 3; i++)
    if (launch->stdio[i] >= 0) SYS(SYS_fchownat, launch->stdio[i], "", uid, (uint32_t)-1, AT_EMPTY_PATH);
}

static int filter(struct launch *launch) {
  struct {
    unsigned short length;
    const void *filter;
  } program = {(unsigned short)(launch->process->seccomp.size / 8), launch->process->seccomp.at};
  if (program.length == 0) return 0;
  long result = SYS(SYS_seccomp, seccomp_filter, 0, &program);
  return result < 0 ? LAUNCH_FAIL(launch, result, "seccomp", "install the filter: %E", (int)-result) : 0;
}

static int bound(struct launch *launch) {
  for (int capability = 0; capability < 64; capability++) {
    if (launch->process->capabilities >> capability & 1) continue;
    long result = SYS(SYS_prctl, PR_CAPBSET_DROP, capability);
    if (result == -EINVAL) return 0; /* past the kernel's last one */
    if (result < 0)
      return LAUNCH_FAIL(launch, result, "capabilities", "drop capability %d: %E", capability, (int)-result);
  }
  return 0;
}

static int set_capabilities(struct launch *launch) {
  struct {
    uint32_t version;
    int pid;
  } header = {capability_version, 0};
  uint64_t wanted = launch->uid == 0 ? launch->process->capabilities : 0;
  struct {
    uint32_t effective, permitted, inheritable;
  } sets[2];
  long result = SYS(SYS_capget, &header, sets);
  if (result < 0) return LAUNCH_FAIL(launch, result, "capabilities", "capget: %E", (int)-result);
  for (int half = 0; half < 2; half++) {
    /* Bits that the kernel does not know cannot be raised: only what is held now. */
    sets[half].permitted &= (uint32_t)(wanted >> (half * 32));
    sets[half].effective = sets[half].permitted;
    sets[half].inheritable = 0;
  }
  result = SYS(SYS_capset, &header, sets);
  return result < 0 ? LAUNCH_FAIL(launch, result, "capabilities", "capset: %E", (int)-result) : 0;
}

static int become(struct launch *launch, const struct identity *identity) {
  long result = SYS(SYS_SETGROUPS, identity->group_count, identity->groups);
  if (result >= 0) result = SYS(SYS_SETRESGID, identity->gid, identity->gid, identity->gid);
  if (result >= 0) result = SYS(SYS_SETRESUID, identity->uid, identity->uid, identity->uid);
  if (result < 0)
    return LAUNCH_FAIL(launch, result, "user", "become %u:%u: %E", identity->uid, identity->gid, (int)-result);
  return 0;
}

static bool has_home(const struct launch *launch) {
  for (uint32_t i = 0; i < launch->env_count; i++)
    if (text_starts(launch->env[i], "HOME=")) return true;
  return false;
}

static int change_directory(struct launch *launch) {
  const char *cwd = *launch->process->cwd != '\0' ? launch->process->cwd : "/";
  return (int)SYS(SYS_chdir, cwd);
}

static int cannot_change(struct launch *launch, int result) {
  return LAUNCH_FAIL(launch, result, "cwd", "chdir to cwd (\"%s\") set in config.json failed: %E", launch->process->cwd,
                     -result);
}

int launch_identity(struct launch *launch) {
  struct identity identity;
  int passwd = sys_open(AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC, 0);
  int group = sys_open(AT_FDCWD, "/etc/group", O_RDONLY | O_CLOEXEC, 0);
  if (identity_resolve(&identity, launch->process->user, &launch->process->groups, passwd, group, &launch->failure) < 0)
    return -1;
  if (passwd >= 0) sys_close(passwd);
  if (group >= 0) sys_close(group);
  launch->uid = identity.uid;
  launch->gid = identity.gid;
  if (!has_home(launch)) {
    text_format(launch->home, sizeof launch->home, "HOME=%s", identity.home);
    launch->env[launch->env_count++] = launch->home;
  }
  if (limits(launch) < 0 || oom_score(launch) < 0) return -1;
  if (launch->process->no_new_privileges == 0 && filter(launch) < 0) return -1;
  if (bound(launch) < 0) return -1;
  int changed = change_directory(launch);
  if (changed < 0 && changed != -EACCES) return cannot_change(launch, changed);
  if (identity.uid != 0) own_stdio(launch, identity.uid);
  if (become(launch, &identity) < 0) return -1;
  if (changed < 0 && (changed = change_directory(launch)) < 0) return cannot_change(launch, changed);
  return 0;
}

int launch_confine(struct launch *launch) {
  if (set_capabilities(launch) < 0) return -1;
  if (launch->process->no_new_privileges == 0) return 0;
  long result = SYS(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (result < 0) return LAUNCH_FAIL(launch, result, "no_new_privs", "set no_new_privs: %E", (int)-result);
  return filter(launch);
}
