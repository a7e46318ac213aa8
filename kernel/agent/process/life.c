#include "process/life.h"
#include "base/sys.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "container/shared_memory.h"
#include "launch/clone.h"
#include "launch/report.h"
#include "process/deadline.h"
#include "process/early.h"
#include "process/oom.h"
#include "process/stdio.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

/* --- its beginning --- */

static void launch_failed(struct process *process, struct launch *launch) {
  if (launch->failure.stage == NULL)
    fail(&launch->failure, ECANCELED, "launch", "the process was killed before it could start");
  stream_reset(&process->stream, &launch->failure);
  if (process->is_init) {
    shared_memory_drop(process->container->id);
    oom_forget(process->container);
  }
  launch_free(launch);
  process->launch = NULL;
  process_release(process);
}

static void launch_done(struct process *process) {
  struct launch *launch = process->launch;
  if (launch == NULL) return;
  if (!launch->execs) {
    launch_failed(process, launch);
    return;
  }
  loop_close(&process->report);
  process->launch = NULL;
  if (process->is_init) process->container->pid = process->pid;
  uint8_t buffer[64];
  struct writer reply = {buffer, buffer, buffer + sizeof buffer, false};
  write_u32(&reply, DD_TAG_STARTED_PID, (uint32_t)process->pid);
  write_u32(&reply, DD_TAG_STARTED_UID, launch->owner.uid);
  write_u32(&reply, DD_TAG_STARTED_GID, launch->owner.gid);
  launch_free(launch);
  if (!process->detached) stream_reply(&process->stream, &reply);
  stdio_begin(process);
}

static void report_ready(struct watch *watch, uint32_t events) {
  struct process *process = watch->owner;
  (void)events;
  if (process->launch != NULL && !report_hear(process->launch, watch->fd, &process->output[0].fd)) return;
  launch_done(process);
}

int process_start(uint32_t id, struct launch *launch, struct container *container, bool is_init,
                  struct failure *failure) {
  struct process *process = calloc(1, sizeof *process);
  if (process == NULL) {
    launch_free(launch);
    return fail(failure, ENOMEM, "launch", "no memory for a process");
  }
  process->container = container;
  process->is_init = is_init;
  process->tty = launch->process->tty != 0;
  process->launch = launch;
  process->report = (struct watch){.fd = -1, .ready = report_ready, .owner = process};
  int result = stdio_open(process, launch);
  if (result < 0)
    fail(failure, result, "launch", "pipes of a process: %E", -result);
  else
    result = process->pid = launch_clone(launch, failure);
  if (result < 0) {
    process->is_init = false; /* the container is the caller's to give back */
    process->pid = 0;
    launch_free(launch);
    process_release(process);
    return -1;
  }
  if (!launch->shares_memory) SYS(SYS_FCNTL, process->report.fd, F_SETFL, O_NONBLOCK);
  if (is_init) container->init = process;
  process_remember(process);
  deadline_set(process);
  stream_accept(&process->stream, id, &stdio_calls);
  loop_want(&process->report, EPOLLIN);
  return 0;
}

/* --- its end --- */

static void write_exit(struct process *process, int status, const struct usage *usage, bool oom) {
  uint8_t buffer[128];
  struct writer note = {buffer, buffer, buffer + sizeof buffer, false};
  int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  write_u32(&note, DD_TAG_EXITED_CODE, signal != 0 ? (uint32_t)(128 + signal) : (uint32_t)WEXITSTATUS(status));
  write_u32(&note, DD_TAG_EXITED_SIGNAL, (uint32_t)signal);
  write_u32(&note, DD_TAG_EXITED_OOM_KILLED, oom ? 1 : 0);
  write_u64(&note, DD_TAG_EXITED_USER_MICROS, (uint64_t)usage->user_seconds * 1000000 + (uint64_t)usage->user_micros);
  write_u64(&note, DD_TAG_EXITED_SYSTEM_MICROS,
            (uint64_t)usage->system_seconds * 1000000 + (uint64_t)usage->system_micros);
  write_u64(&note, DD_TAG_EXITED_MAX_RSS, (uint64_t)usage->max_rss);
  stream_note(&process->stream, DD_NOTE_EXITED, &note);
}

/* The kernel's word for it: read only if there was a limit to break, or SIGKILL might be its hand. */
static bool was_oom_killed(const struct process *process, int status) {
  const struct container *container = process->container;
  if (!process->is_init || container == NULL) return false;
  if (!oom_hears(container) && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) return false;
  return cgroup_count(container->cgroup, "memory.events", "oom_kill") > 0;
}

void process_reaped(int pid, int status, const struct usage *usage) {
  struct process *process = process_find(pid);
  if (process == NULL) return;
  /* Whatever the child had to say is in its report by now, read or not. */
  if (process->launch != NULL) report_hear(process->launch, process->report.fd, &process->output[0].fd);
  if (process->launch != NULL) {
    bool execs = process->launch->execs;
    launch_done(process);
    if (!execs) return;
  }
  process->exited = true;
  early_forget(process);
  if (process->is_init) {
    process->container->pid = 0;
    process->container->init = NULL;
  }
  write_exit(process, status, usage, was_oom_killed(process, status));
  if (process->is_init) oom_forget(process->container);
  loop_close(&process->input);
  process_finish(process);
}
