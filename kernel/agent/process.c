#include "process.h"
#include "cgroup.h"
#include "early.h"
#include "link.h"
#include "shared_memory.h"
#include "spec.h"
#include "sys.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

enum { pid_buckets = 64, little_bytes = 1024, launch_seconds = 30 };
static struct process *by_pid[pid_buckets];
static int null_file = -1;

static void remember(struct process *process) {
  struct process **at = &by_pid[process->pid % pid_buckets];
  process->next = *at;
  *at = process;
}

static struct process **find(int pid) {
  struct process **at = &by_pid[pid % pid_buckets];
  while (*at != NULL && (*at)->pid != pid)
    at = &(*at)->next;
  return at;
}

/* --- its end --- */

static void release(struct process *process) {
  struct process **at = find(process->pid);
  if (*at == process) *at = process->next;
  stream_forget(&process->stream);
  loop_close(&process->report);
  loop_close(&process->input);
  loop_close(&process->output[0]);
  loop_close(&process->output[1]);
  queue_free(&process->queue);
  if (process->is_init) container_remove(process->container);
  loop_free(process);
}

static void finish_if_done(struct process *process) {
  if (!process->exited || process->output[0].fd >= 0 || process->output[1].fd >= 0) return;
  stream_close(&process->stream);
  release(process);
}

/* --- output --- */

static void want_output(struct process *process, int which) {
  struct watch *watch = &process->output[which];
  uint32_t events = process->stream.room > 0 || process->detached ? EPOLLIN : 0;
  if (process->tty && queue_count(&process->queue) > 0) events |= EPOLLOUT;
  loop_want(watch, events);
}

static void output_ended(struct process *process, int which) {
  loop_close(&process->output[which]);
  if (process->stream.id != 0)
    link_send(DD_FRAME_END, process->stream.id, process->tty ? DD_LANE_MAIN : (uint8_t)(DD_LANE_STDOUT + which), NULL,
              0);
  finish_if_done(process);
}

static void read_output(struct process *process, int which) {
  uint32_t room = process->detached ? DD_MAX_PAYLOAD_BYTES : process->stream.room;
  if (room == 0) {
    want_output(process, which);
    return;
  }
  uint8_t *to = link_reserve(&room);
  long got = sys_read(process->output[which].fd, to, room);
  if (got == -EAGAIN || got == -EINTR) return;
  /* A terminal says EIO when its last user has closed it. */
  if (got <= 0) {
    output_ended(process, which);
    return;
  }
  if (process->detached) return;
  uint8_t lane = process->tty ? DD_LANE_MAIN : (uint8_t)(DD_LANE_STDOUT + which);
  link_commit(DD_FRAME_DATA, process->stream.id, lane, (uint32_t)got);
  process->stream.room -= (uint32_t)got;
  if (got < little_bytes) loop_read_little();
  if (process->stream.room == 0) want_output(process, which);
}

static void drain_input(struct process *process);

static void output_ready(struct watch *watch, uint32_t events) {
  struct process *process = watch->owner;
  int which = watch == &process->output[1];
  if ((events & EPOLLOUT) != 0) drain_input(process);
  if (watch->fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_output(process, which);
}

static void room_grew(struct stream *stream) {
  struct process *process = (struct process *)stream;
  for (int i = 0; i < 2; i++)
    if (process->output[i].fd >= 0 && process->launch == NULL) want_output(process, i);
}

/* --- input --- */

static struct watch *input_watch(struct process *process) {
  return process->tty ? &process->output[0] : &process->input;
}

static void want_input(struct process *process) {
  if (process->tty)
    want_output(process, 0);
  else
    loop_want(&process->input, queue_count(&process->queue) > 0 ? EPOLLOUT : 0);
}

/* Nobody reads any more: what waits is lost, as with any closed pipe, but the sender must not wait for it. */
static void input_lost(struct process *process) {
  stream_consumed(&process->stream, queue_count(&process->queue));
  queue_free(&process->queue);
  if (!process->tty) loop_close(&process->input);
}

static void drain_input(struct process *process) {
  struct watch *watch = input_watch(process);
  long sent = queue_write(&process->queue, watch->fd, false);
  if (sent < 0) {
    input_lost(process);
    return;
  }
  stream_consumed(&process->stream, (uint32_t)sent);
  if (queue_count(&process->queue) == 0 && process->end_input && !process->tty)
    loop_close(&process->input);
  else
    want_input(process);
}

static void input_ready(struct watch *watch, uint32_t events) {
  if ((events & EPOLLERR) != 0)
    input_lost(watch->owner);
  else
    drain_input(watch->owner);
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct process *process = (struct process *)stream;
  struct watch *watch = input_watch(process);
  (void)lane;
  loop_heard();
  /* While the child is being made there is no terminal yet; the bytes wait. */
  if (process->launch != NULL && process->tty) {
    queue_add(&process->queue, bytes);
    return;
  }
  long sent = watch->fd < 0 ? -EPIPE : queue_pass(&process->queue, watch->fd, false, bytes);
  if (sent < 0) {
    stream_consumed(stream, bytes.size);
    input_lost(process);
    return;
  }
  stream_consumed(stream, (uint32_t)sent);
  want_input(process);
}

static void input_ended(struct stream *stream, uint8_t lane) {
  struct process *process = (struct process *)stream;
  (void)lane;
  process->end_input = true;
  if (!process->tty && queue_count(&process->queue) == 0) loop_close(&process->input);
}

/* --- notes --- */

static void resize(struct process *process, struct bytes record) {
  struct arena arena = {0};
  struct window_spec window;
  if (process->tty && process->output[0].fd >= 0 && record_decode(&window_shape, record, &arena, &window) == 0) {
    struct winsize size = {.ws_row = (unsigned short)window.rows, .ws_col = (unsigned short)window.columns};
    sys_ioctl(process->output[0].fd, TIOCSWINSZ, &size);
  }
  arena_free(&arena);
}

static void noted(struct stream *stream, uint16_t kind, struct bytes record) {
  if (kind == DD_NOTE_RESIZE) resize((struct process *)stream, record);
}

/* The host wants to hear no more. A container's init dies with its stream, for nobody would learn of its end; another
 * process loses its terminal or pipes, which hangs up its session. */
static void was_reset(struct stream *stream) {
  struct process *process = (struct process *)stream;
  process->detached = true;
  queue_free(&process->queue);
  if (process->is_init && !process->exited) SYS(SYS_kill, process->pid, SIGKILL);
  if (process->container == NULL) SYS(SYS_kill, -process->pid, SIGHUP);
  if (process->launch != NULL) return;
  loop_close(&process->input);
  if (!process->is_init && process->tty) loop_close(&process->output[0]);
  for (int i = 0; i < 2; i++)
    if (process->output[i].fd >= 0) want_output(process, i);
  finish_if_done(process);
}

static const struct stream_calls calls = {
    .data = received, .end = input_ended, .room = room_grew, .note = noted, .reset = was_reset};

void process_oom(struct process *process) {
  stream_note(&process->stream, DD_NOTE_OOM, &(struct writer){0});
}

/* --- its beginning --- */

static void launch_failed(struct process *process, struct launch *launch) {
  if (launch->failure.stage == NULL)
    fail(&launch->failure, ECANCELED, "launch", "the process was killed before it could start");
  stream_reset(&process->stream, &launch->failure);
  if (process->is_init) shared_memory_drop(process->container->id);
  launch_free(launch);
  process->launch = NULL;
  release(process);
}

static void launch_done(struct process *process) {
  struct launch *launch = process->launch;
  if (launch == NULL) return;
  if (!launch->executing) {
    launch_failed(process, launch);
    return;
  }
  loop_close(&process->report);
  process->launch = NULL;
  if (process->is_init) process->container->pid = process->pid;
  uint8_t buffer[64];
  struct writer reply = {buffer, buffer, buffer + sizeof buffer, false};
  write_u32(&reply, DD_TAG_STARTED_PID, (uint32_t)process->pid);
  write_u32(&reply, DD_TAG_STARTED_UID, launch->uid);
  write_u32(&reply, DD_TAG_STARTED_GID, launch->gid);
  launch_free(launch);
  if (process->detached) {
    was_reset(&process->stream);
    return;
  }
  stream_reply(&process->stream, &reply);
  for (int i = 0; i < 2; i++)
    if (process->output[i].fd >= 0) want_output(process, i);
  if (process->tty && queue_count(&process->queue) > 0) drain_input(process);
}

static void report_ready(struct watch *watch, uint32_t events) {
  struct process *process = watch->owner;
  (void)events;
  if (process->launch != NULL && !launch_hear(process->launch, watch->fd, &process->output[0].fd)) return;
  launch_done(process);
}

/* --- its time --- */

/* Nothing that a launching child does waits for long; whatever makes one wait all the same may keep neither its stream
 * nor its container. One timer, for the oldest: there is none to set where another launch has set it already. */
static void launches_late(struct watch *watch, uint32_t events);
static struct watch launch_timer = {.fd = -1, .ready = launches_late};

static int64_t seconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void wake_after(int64_t seconds) {
  if (launch_timer.fd < 0) launch_timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  struct itimerspec after = {.it_value = {.tv_sec = seconds}};
  timerfd_settime(launch_timer.fd, 0, &after, NULL);
  loop_want(&launch_timer, EPOLLIN);
}

static void limit_launch(struct process *process) {
  process->launched = seconds_now();
  if (launch_timer.events == 0) wake_after(launch_seconds + 1);
}

static void give_up(struct process *process) {
  SYS(SYS_kill, process->pid, SIGKILL);
  process->launch->executing = false;
  fail(&process->launch->failure, ETIMEDOUT, "launch", "the process did not start within %u seconds", launch_seconds);
}

static void launches_late(struct watch *watch, uint32_t events) {
  int64_t now = seconds_now(), oldest = INT64_MAX;
  (void)events;
  loop_want(watch, 0);
  for (int i = 0; i < pid_buckets; i++)
    for (struct process *process = by_pid[i]; process != NULL; process = process->next) {
      if (process->launch == NULL) continue;
      if (now - process->launched > launch_seconds)
        give_up(process);
      else if (process->launched < oldest)
        oldest = process->launched;
    }
  if (oldest != INT64_MAX) wake_after(oldest + launch_seconds + 1 - now);
}

int process_prepare(struct launch *launch, const struct process_spec *spec, struct failure *failure) {
  launch->process = spec;
  launch->env = arena_take(&launch->arena, (spec->env.count + 2) * sizeof *launch->env);
  if (launch->env == NULL) return fail(failure, ENOMEM, "launch", "no memory for the environment");
  memcpy(launch->env, spec->env.at, spec->env.count * sizeof *launch->env);
  launch->env_count = spec->env.count;
  if (null_file < 0) null_file = sys_open(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
  launch->null = null_file;
  return 0;
}

/* A pipe whose end `parent_end` (0 = read) is the agent's and does not block. */
static int make_pipe(int parent_end, int *parent, int *child) {
  int pair[2];
  long result = SYS(SYS_pipe2, pair, O_CLOEXEC);
  if (result < 0) return (int)result;
  SYS(SYS_FCNTL, pair[parent_end], F_SETFL, O_NONBLOCK | (parent_end == 0 ? O_RDONLY : O_WRONLY));
  *parent = pair[parent_end];
  *child = pair[1 - parent_end];
  return 0;
}

static int open_stdio(struct process *process, struct launch *launch) {
  int result = 0, report[2];
  if (process->tty) {
    result = (int)SYS(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report);
  } else {
    result = (int)SYS(SYS_pipe2, report, O_CLOEXEC);
    if (result == 0 && launch->process->open_stdin != 0) result = make_pipe(1, &process->input.fd, &launch->stdio[0]);
    if (result == 0) result = make_pipe(0, &process->output[0].fd, &launch->stdio[1]);
    if (result == 0) result = make_pipe(0, &process->output[1].fd, &launch->stdio[2]);
  }
  if (result < 0) return result;
  process->report.fd = report[0];
  launch->report = report[1];
  return 0;
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
  process->input = (struct watch){.fd = -1, .ready = input_ready, .owner = process};
  process->output[0] = process->output[1] = (struct watch){.fd = -1, .ready = output_ready, .owner = process};
  int result = open_stdio(process, launch);
  if (result < 0)
    fail(failure, result, "launch", "pipes of a process: %E", -result);
  else
    result = process->pid = launch_clone(launch, failure);
  if (result < 0) {
    process->is_init = false; /* the container is the caller's to give back */
    process->pid = 0;
    launch_free(launch);
    release(process);
    return -1;
  }
  if (!launch->shares_memory) SYS(SYS_FCNTL, process->report.fd, F_SETFL, O_NONBLOCK);
  if (is_init) container->init = process;
  remember(process);
  limit_launch(process);
  stream_accept(&process->stream, id, &calls);
  loop_want(&process->report, EPOLLIN);
  return 0;
}

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
  if (container->memory_watch < 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) return false;
  return cgroup_count(container->cgroup, "memory.events", "oom_kill") > 0;
}

void process_reaped(int pid, int status, const struct usage *usage) {
  struct process *process = *find(pid);
  if (process == NULL) return;
  /* Whatever the child had to say is in its report by now, read or not. */
  if (process->launch != NULL) launch_hear(process->launch, process->report.fd, &process->output[0].fd);
  if (process->launch != NULL) {
    bool executed = process->launch->executing;
    launch_done(process);
    if (!executed) return;
  }
  process->exited = true;
  early_forget(process);
  if (process->is_init) {
    process->container->pid = 0;
    process->container->init = NULL;
  }
  write_exit(process, status, usage, was_oom_killed(process, status));
  loop_close(&process->input);
  finish_if_done(process);
}
