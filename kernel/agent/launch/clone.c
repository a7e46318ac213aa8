#include "launch/clone.h"
#include "base/sys.h"
#include "base/text.h"
#include "launch/program.h"
#include "launch/report.h"
#include "launch/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#define INTO_CGROUP 0x200000000ull /* CLONE_INTO_CGROUP of clone(2) */

struct clone_arguments {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/* Name spaces of other processes. Into that of processes the child was born. */
static int join(struct launch *launch) {
  long result;
  if (launch->join >= 0) {
    long flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
    if ((result = SYS(SYS_setns, launch->join, flags)) < 0)
      return fail(&launch->failure, result, "join", "setns to the container: %E", (int)-result);
  }
  if (launch->join_network >= 0 && (result = SYS(SYS_setns, launch->join_network, CLONE_NEWNET)) < 0)
    return fail(&launch->failure, result, "join", "setns to the network name space: %E", (int)-result);
  if (launch->join_ipc >= 0 && (result = SYS(SYS_setns, launch->join_ipc, CLONE_NEWIPC)) < 0)
    return fail(&launch->failure, result, "join", "setns to the ipc name space: %E", (int)-result);
  /* Only now is the caller in the container's cgroup, which becomes the root of the name space. */
  if (launch->container != NULL && (launch->container->namespaces & CLONE_NEWCGROUP) != 0 &&
      (result = SYS(SYS_unshare, CLONE_NEWCGROUP)) < 0)
    return fail(&launch->failure, result, "join", "unshare the cgroup name space: %E", (int)-result);
  return 0;
}

static int hostname(const struct container_spec *spec, struct failure *failure) {
  long result;
  if ((spec->namespaces & CLONE_NEWUTS) == 0) return 0;
  if (*spec->hostname != '\0' && (result = SYS(SYS_sethostname, spec->hostname, strlen(spec->hostname))) < 0)
    return fail(failure, result, "hostname", "sethostname %s: %E", spec->hostname, (int)-result);
  if (*spec->domainname != '\0' && (result = SYS(SYS_setdomainname, spec->domainname, strlen(spec->domainname))) < 0)
    return fail(failure, result, "hostname", "setdomainname %s: %E", spec->domainname, (int)-result);
  return 0;
}

/* The agent's files are those of all containers: only what this child needs goes on with it. First of all steps, for a
 * container's path may lead through /proc/self/fd. 0 to 2 are the guest's console until program.c puts others there. */
static void keep_own_files(const struct launch *launch, bool is_middleman) {
  int kept[] = {launch->null,
                launch->join,
                launch->join_network,
                launch->join_ipc,
                launch->network.home,
                launch->network.rtnetlink,
                launch->rootfs.overlay,
                launch->stdio[0],
                launch->stdio[1],
                launch->stdio[2],
                launch->report,
                launch->hold,
                is_middleman ? launch->cgroup : -1,
                is_middleman ? launch->join_pid : -1};
  enum { count = sizeof kept / sizeof kept[0] };
  for (int i = 1; i < count; i++)
    for (int at = i; at > 0 && kept[at - 1] > kept[at]; at--) {
      int swap = kept[at];
      kept[at] = kept[at - 1];
      kept[at - 1] = swap;
    }
  unsigned next = 3;
  for (int i = 0; i < count; i++) {
    if (kept[i] < (int)next) continue;
    if ((unsigned)kept[i] > next) SYS(SYS_close_range, next, kept[i] - 1, 0);
    next = (unsigned)kept[i] + 1;
  }
  SYS(SYS_close_range, next, ~0u, 0);
}

static int build_container(struct launch *launch) {
  const struct container_spec *spec = launch->container;
  struct rootfs_files *files = &launch->rootfs;
  struct failure *failure = &launch->failure;
  if (step_network(spec, &launch->network, failure) < 0 || hostname(spec, failure) < 0) return -1;
  if (step_sysctls(spec, failure) < 0 || step_binds(spec, files, failure) < 0) return -1;
  if (step_rootfs(spec, files, failure) < 0) return -1;
  if (step_mounts(spec, files, failure) < 0 || step_devices(spec, files->root, failure) < 0) return -1;
  if (step_files(spec, files, failure) < 0) return -1;
  if (spec->process.tty != 0 && step_console(&spec->process, true, launch->report, launch->stdio, failure) < 0)
    return -1;
  if (step_seal(spec, files->root, failure) < 0) return -1;
  sys_close(files->root);
  SYS(SYS_chdir, "/");
  return 0;
}

/* The report says that all went well, and ends; the program comes when somebody has written to the FIFO. */
static void wait_for_start(struct launch *launch) {
  char byte;
  launch->execs = true;
  report_say(launch);
  sys_close(launch->report);
  while (sys_read(launch->hold, &byte, 1) == -EINTR)
    continue;
}

/* As build_container and run_steps. Once the report has said so, execve(2) is as good as called. */
static int run_program(struct launch *launch) {
  char path[files_path_max];
  const char *const *arguments = launch->process->args.at;
  const char *name = launch->process->args.count > 0 ? arguments[0] : "";
  if (launch->container != NULL && launch->container->init != 0) {
    /* args has room for two more in front (start.c): docker-init itself looks for the program, as Docker's does. */
    arguments -= 2;
    name = arguments[0];
  }
  if (program_find(&launch->environment, name, path, &launch->failure) < 0) return -1;
  if (launch->hold >= 0) wait_for_start(launch);
  program_place(launch->stdio, launch->null);
  launch->execs = true;
  if (launch->hold < 0) report_say(launch);
  return program_exec(path, arguments, &launch->environment);
}

/* Returns only when there is no program: -1, or the exit code of one that the kernel refused in the end. */
static int run_steps(struct launch *launch) {
  const struct process_spec *process = launch->process;
  struct failure *failure = &launch->failure;
  keep_own_files(launch, false);
  SYS(SYS_setsid);
  SYS(SYS_umask, 022);
  SYS(SYS_chdir, "/");
  if (step_oom_score(process, failure) < 0 || join(launch) < 0) return -1;
  if (launch->container != NULL) {
    if (build_container(launch) < 0) return -1;
  } else if (process->tty != 0 && step_console(process, false, launch->report, launch->stdio, failure) < 0) {
    return -1;
  }
  if (step_identity(process, &launch->environment, launch->stdio, &launch->owner, failure) < 0) return -1;
  if (step_confine(process, launch->owner.uid, failure) < 0) return -1;
  return run_program(launch);
}

static int child(void *argument) {
  struct launch *launch = argument;
  int code = run_steps(launch);
  if (code > 0) return code;
  report_say(launch);
  return 1;
}

/* A child that shares the agent's memory must be out of reach for everybody else, and nothing that the kernel does to
 * all processes of one memory may be asked for it: oom_score_adj is copied to them (proc(5)), the OOM killer ends them
 * together (mm/oom_kill.c). A container that may ptrace (CAP_SYS_PTRACE is above PR_SET_DUMPABLE) sees the children
 * that join its pid name space, but no first process of another one. */
static bool may_share_memory(const struct launch *launch) {
  if (launch->join >= 0 || launch->join_pid >= 0 || launch->process->oom_score_adj != 0 || launch->hold >= 0)
    return false;
  if (launch->container == NULL) return true;
  if ((launch->clone_flags & CLONE_NEWPID) == 0) return false;
  for (uint32_t i = 0; i < launch->container->cgroup_files.count; i++)
    if (text_starts(((const struct cgroup_file_spec *)launch->container->cgroup_files.at)[i].name, "memory."))
      return false;
  return true;
}

/* Who enters a pid name space is seen there from its first moment on, and may be stopped before its first step: it must
 * be born without the agent's files. So a middleman is cloned, outside of the container, which gives them up and makes
 * the child as its sibling. The agent waits for it (CLONE_VFORK): it does nothing that could take long. */
struct middleman {
  struct launch *launch;
  struct clone_arguments *arguments;
  int target;
  long result;
};

static int be_middleman(void *argument) {
  struct middleman *middleman = argument;
  struct launch *launch = middleman->launch;
  keep_own_files(launch, true);
  middleman->result = SYS(SYS_setns, middleman->target, CLONE_NEWPID);
  if (middleman->result >= 0)
    middleman->result = sys_clone3(middleman->arguments, sizeof *middleman->arguments, child, launch);
  return 0;
}

static long clone_child(struct launch *launch, struct clone_arguments *arguments) {
  int target = launch->join >= 0 ? launch->join : launch->join_pid;
  if (target < 0) return sys_clone3(arguments, sizeof *arguments, child, launch);
  struct middleman middleman = {launch, arguments, target, -ECHILD};
  struct clone_arguments between = {
      .flags = CLONE_VM | CLONE_VFORK,
      .exit_signal = SIGCHLD,
      .stack = arguments->stack,
      .stack_size = arguments->stack_size,
  };
  /* A sibling takes its exit signal from the one who made it. */
  arguments->flags |= CLONE_PARENT;
  arguments->exit_signal = 0;
  long result = sys_clone3(&between, sizeof between, be_middleman, &middleman);
  return result < 0 ? result : middleman.result;
}

int launch_clone(struct launch *launch, struct failure *failure) {
  launch->shares_memory = may_share_memory(launch);
  struct clone_arguments arguments = {
      .flags = (launch->shares_memory ? CLONE_VM : 0) | launch->clone_flags,
      .exit_signal = SIGCHLD,
      .stack = (uintptr_t)launch->stack,
      .stack_size = launch_stack_bytes,
  };
  if (launch->cgroup >= 0) {
    arguments.flags |= INTO_CGROUP;
    arguments.cgroup = (uint64_t)launch->cgroup;
  }
  struct launch_files files = launch_files(launch);
  launch->cloned = true;
  long pid = clone_child(launch, &arguments);
  launch_close(&files);
  return pid < 0 ? fail(failure, pid, "clone", "clone of a process: %E", (int)-pid) : (int)pid;
}
