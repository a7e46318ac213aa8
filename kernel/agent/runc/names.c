#include "runc/names.h"
#include "base/text.h"
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>

static int find(const char *const *names, int count, const char *name) {
  for (int i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}
#define FIND(names, name) find(names, sizeof names / sizeof names[0], name)

int name_capability(const char *name) {
  static const char *const names[] = {"CHOWN",
                                      "DAC_OVERRIDE",
                                      "DAC_READ_SEARCH",
                                      "FOWNER",
                                      "FSETID",
                                      "KILL",
                                      "SETGID",
                                      "SETUID",
                                      "SETPCAP",
                                      "LINUX_IMMUTABLE",
                                      "NET_BIND_SERVICE",
                                      "NET_BROADCAST",
                                      "NET_ADMIN",
                                      "NET_RAW",
                                      "IPC_LOCK",
                                      "IPC_OWNER",
                                      "SYS_MODULE",
                                      "SYS_RAWIO",
                                      "SYS_CHROOT",
                                      "SYS_PTRACE",
                                      "SYS_PACCT",
                                      "SYS_ADMIN",
                                      "SYS_BOOT",
                                      "SYS_NICE",
                                      "SYS_RESOURCE",
                                      "SYS_TIME",
                                      "SYS_TTY_CONFIG",
                                      "MKNOD",
                                      "LEASE",
                                      "AUDIT_WRITE",
                                      "AUDIT_CONTROL",
                                      "SETFCAP",
                                      "MAC_OVERRIDE",
                                      "MAC_ADMIN",
                                      "SYSLOG",
                                      "WAKE_ALARM",
                                      "BLOCK_SUSPEND",
                                      "AUDIT_READ",
                                      "PERFMON",
                                      "BPF",
                                      "CHECKPOINT_RESTORE"};
  return text_starts(name, "CAP_") ? FIND(names, name + 4) : -1;
}

int name_rlimit(const char *name) {
  static const char *const names[] = {"CPU",      "FSIZE",  "DATA",    "STACK", "CORE",  "RSS",
                                      "NPROC",    "NOFILE", "MEMLOCK", "AS",    "LOCKS", "SIGPENDING",
                                      "MSGQUEUE", "NICE",   "RTPRIO",  "RTTIME"};
  return text_starts(name, "RLIMIT_") ? FIND(names, name + 7) : -1;
}

uint32_t name_namespace(const char *name) {
  static const char *const names[] = {"mount", "pid", "network", "ipc", "uts", "cgroup", "user"};
  static const uint32_t flags[] = {CLONE_NEWNS,  CLONE_NEWPID,    CLONE_NEWNET, CLONE_NEWIPC,
                                   CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWUSER};
  int found = FIND(names, name);
  return found < 0 ? 0 : flags[found];
}

int name_signal(const char *name) {
  static const char *const names[] = {"",       "HUP",  "INT",    "QUIT", "ILL",   "TRAP", "ABRT", "BUS",
                                      "FPE",    "KILL", "USR1",   "SEGV", "USR2",  "PIPE", "ALRM", "TERM",
                                      "STKFLT", "CHLD", "CONT",   "STOP", "TSTP",  "TTIN", "TTOU", "URG",
                                      "XCPU",   "XFSZ", "VTALRM", "PROF", "WINCH", "IO",   "PWR",  "SYS"};
  uint64_t number;
  if (text_number(name, 64, &number)) return number == 0 ? -1 : (int)number;
  if (text_starts(name, "SIG")) name += 3;
  return *name == '\0' ? -1 : FIND(names, name);
}

bool name_mount_option(const char *name, struct mount_option *option) {
  static const struct {
    const char *name;
    struct mount_option option;
  } options[] = {
      {"defaults", {0, 0, 0}},
      {"ro", {MS_RDONLY, 0, 0}},
      {"rw", {0, MS_RDONLY, 0}},
      {"nosuid", {MS_NOSUID, 0, 0}},
      {"suid", {0, MS_NOSUID, 0}},
      {"nodev", {MS_NODEV, 0, 0}},
      {"dev", {0, MS_NODEV, 0}},
      {"noexec", {MS_NOEXEC, 0, 0}},
      {"exec", {0, MS_NOEXEC, 0}},
      {"sync", {MS_SYNCHRONOUS, 0, 0}},
      {"async", {0, MS_SYNCHRONOUS, 0}},
      {"dirsync", {MS_DIRSYNC, 0, 0}},
      {"remount", {MS_REMOUNT, 0, 0}},
      {"noatime", {MS_NOATIME, 0, 0}},
      {"atime", {0, MS_NOATIME, 0}},
      {"nodiratime", {MS_NODIRATIME, 0, 0}},
      {"diratime", {0, MS_NODIRATIME, 0}},
      {"relatime", {MS_RELATIME, 0, 0}},
      {"norelatime", {0, MS_RELATIME, 0}},
      {"strictatime", {MS_STRICTATIME, 0, 0}},
      {"nostrictatime", {0, MS_STRICTATIME, 0}},
      {"bind", {MS_BIND, 0, 0}},
      {"rbind", {MS_BIND | MS_REC, 0, 0}},
      {"private", {0, 0, MS_PRIVATE}},
      {"rprivate", {0, 0, MS_PRIVATE | MS_REC}},
      {"shared", {0, 0, MS_SHARED}},
      {"rshared", {0, 0, MS_SHARED | MS_REC}},
      {"slave", {0, 0, MS_SLAVE}},
      {"rslave", {0, 0, MS_SLAVE | MS_REC}},
      {"unbindable", {0, 0, MS_UNBINDABLE}},
      {"runbindable", {0, 0, MS_UNBINDABLE | MS_REC}},
  };
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (strcmp(options[i].name, name) == 0) {
      *option = options[i].option;
      return true;
    }
  return false;
}
