#include "process/stdio.h"
#include "base/arena.h"
#include "base/sys.h"
#include "launch/launch.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { little_bytes = 1024 };

static void want_output(struct process *process, int which) {
  struct watch *watch = &process->output[which];
  uint32_t events = process->stream.room > 0 || process->detached ? EPOLLIN : 0;
  if (process->tty && queue_count(&process->queue) > 0) events |= EPOLLOUT;
  loop_want(watch, events);
}

static void output_ended(struct process *process, int which) {
  loop_close(&process->output[which]);
  if (process->stream.id != 0)
    channel_send(DD_FRAME_END, process->stream.id, process->tty ? DD_LANE_MAIN : (uint8_t)(DD_LANE_STDOUT + which),
                 NULL, 0);
  process_finish(process);
}

static void read_output(struct process *process, int which) {
  uint32_t room = process->detached ? DD_MAX_PAYLOAD_BYTES : process->stream.room;
  if (room == 0) {
    want_output(process, which);
    return;
  }
  uint8_t *to = channel_reserve(&room);
  long got = sys_read(process->output[which].fd, to, room);
  if (got == -EAGAIN || got == -EINTR) return;
  /* A terminal says EIO when its last user has closed it. */
  if (got <= 0) {
    output_ended(process, which);
    return;
  }
  if (process->detached) return;
  uint8_t lane = process->tty ? DD_LANE_MAIN : (uint8_t)(DD_LANE_STDOUT + which);
  channel_commit(DD_FRAME_DATA, process->stream.id, lane, (uint32_t)got);
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

static void resize(struct process *process, struct bytes record) {
  struct arena arena = {0};
  struct window_size_spec window;
  if (process->tty && process->output[0].fd >= 0 && record_decode(&window_size_shape, record, &arena, &window) == 0) {
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
void stdio_reset(struct stream *stream) {
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
  process_finish(process);
}

const struct stream_calls stdio_calls = {
    .data = received, .end = input_ended, .room = room_grew, .note = noted, .reset = stdio_reset};

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

int stdio_open(struct process *process, struct launch *launch) {
  process->input = (struct watch){.fd = -1, .ready = input_ready, .owner = process};
  process->output[0] = process->output[1] = (struct watch){.fd = -1, .ready = output_ready, .owner = process};
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

void stdio_begin(struct process *process) {
  if (process->detached) {
    stdio_reset(&process->stream);
    return;
  }
  for (int i = 0; i < 2; i++)
    if (process->output[i].fd >= 0) want_output(process, i);
  if (process->tty && queue_count(&process->queue) > 0) drain_input(process);
}
