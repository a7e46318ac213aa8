/* A running `docker` program: its files, its terminal, its signals, until TypeScript closes the stream with an exit
 * code. */
#include "docker/cli.h"
#include "base/sys.h"
#include "docker/listen.h"
#include "docker/passed.h"
#include "docker/shim.h"
#include "idle/idle.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include "wire/stream.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

struct cli {
  struct stream stream;
  struct watch shim;
  uint32_t pid, uid, gid;
  struct passed files[3];
  bool stdin_wanted, stdin_ready, stdin_ended; /* ready: the terminal is the program's (or it is no terminal) */
  bool stopped, raw_wanted, raw, pipe_broken, open, closing;
  uint32_t code;
  struct termios cooked;
  /* Header, cwd and words, while they do not all have come. */
  char *held;
  uint32_t held_size;
};

/* Of all programs. */
static uint32_t held_bytes;

static void finish_if_drained(struct cli *cli);

/* --- the terminal's mode --- */

/* cfmakeraw as moby/term does it. */
static void set_raw(struct cli *cli) {
  struct termios mode;
  if (cli->raw || !cli->files[0].is_terminal || sys_ioctl(cli->files[0].fd, TCGETS, &cli->cooked) < 0) return;
  mode = cli->cooked;
  mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  mode.c_oflag &= ~(tcflag_t)OPOST;
  mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  mode.c_cflag = (mode.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  cli->raw = sys_ioctl(cli->files[0].fd, TCSETS, &mode) >= 0;
}

static void restore(struct cli *cli) {
  if (cli->raw) sys_ioctl(cli->files[0].fd, TCSETS, &cli->cooked);
  cli->raw = false;
}

static int terminal(const struct cli *cli) {
  for (int i = 0; i < 3; i++)
    if (cli->files[i].is_terminal) return cli->files[i].fd;
  return -1;
}

static void put_size(struct cli *cli, struct writer *record, uint16_t rows, uint16_t columns) {
  struct winsize size = {0};
  int file = terminal(cli);
  if (file >= 0) sys_ioctl(file, TIOCGWINSZ, &size);
  write_u32(record, rows, size.ws_row);
  write_u32(record, columns, size.ws_col);
}

/* --- the end --- */

static void drop_held(struct cli *cli) {
  free(cli->held);
  held_bytes -= cli->held_size;
  cli->held = NULL;
  cli->held_size = 0;
}

static void release(struct cli *cli) {
  restore(cli);
  drop_held(cli);
  stream_forget(&cli->stream);
  loop_close(&cli->shim);
  for (int i = 0; i < 3; i++)
    passed_release(&cli->files[i]);
  loop_free(cli);
}

/* The program is told last: until then its terminal and files are still held. */
static void finish_if_drained(struct cli *cli) {
  if (!cli->closing || queue_count(&cli->files[1].queue) > 0 || queue_count(&cli->files[2].queue) > 0) return;
  restore(cli);
  for (int i = 0; i < 3; i++)
    passed_release(&cli->files[i]);
  SYS(SYS_sendto, cli->shim.fd, &cli->code, sizeof cli->code, MSG_NOSIGNAL | MSG_DONTWAIT);
  release(cli);
}

static void finish(struct cli *cli, uint32_t code) {
  cli->closing = true;
  cli->code = code & ~SHIM_ASK_FOREGROUND;
  loop_want(&cli->files[0].watch, 0);
  finish_if_drained(cli);
}

static void refuse(struct cli *cli) {
  uint32_t answer = SHIM_TOO_LONG;
  SYS(SYS_sendto, cli->shim.fd, &answer, sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT);
  release(cli);
}

static void shim_lost(struct cli *cli) {
  struct failure failure;
  fail(&failure, ECONNRESET, "cli", "the docker program %u is gone", cli->pid);
  if (cli->open) stream_reset(&cli->stream, &failure);
  release(cli);
}

/* --- stdin --- */

static void want_stdin(struct cli *cli) {
  bool read = cli->stdin_wanted && cli->stdin_ready && !cli->stdin_ended && !cli->stopped && !cli->closing &&
              cli->stream.room > 0;
  if (read && passed_open(&cli->files[0], 0 /* O_RDONLY */) < 0) {
    read = false;
    cli->stdin_ended = true;
    channel_send(DD_FRAME_END, cli->stream.id, DD_LANE_MAIN, NULL, 0);
  }
  loop_want(&cli->files[0].watch, read ? EPOLLIN : 0);
}

/* A reader in the background of its terminal must be stopped first, which only it can have done to itself. */
static void ask_foreground(struct cli *cli) {
  uint32_t question = SHIM_ASK_FOREGROUND;
  cli->stdin_ready = !cli->files[0].is_terminal;
  if (!cli->stdin_ready) SYS(SYS_sendto, cli->shim.fd, &question, sizeof question, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void stdin_readable(struct watch *watch, uint32_t events) {
  struct cli *cli = watch->owner;
  uint32_t room = cli->stream.room;
  (void)events;
  if (room == 0 || cli->closing || cli->stream.id == 0) {
    loop_want(watch, 0);
    return;
  }
  uint8_t *to = channel_reserve(&room);
  long got =
      cli->files[0].is_socket ? SYS(SYS_recvfrom, watch->fd, to, room, MSG_DONTWAIT) : sys_read(watch->fd, to, room);
  if (got == -EAGAIN || got == -EINTR) return;
  if (got <= 0) {
    cli->stdin_ended = true;
    channel_send(DD_FRAME_END, cli->stream.id, DD_LANE_MAIN, NULL, 0);
  } else {
    channel_commit(DD_FRAME_DATA, cli->stream.id, DD_LANE_MAIN, (uint32_t)got);
    cli->stream.room -= (uint32_t)got;
  }
  want_stdin(cli);
}

/* --- stdout and stderr --- */

static void note_signal(struct cli *cli, uint32_t signal) {
  uint8_t buffer[16];
  struct writer note = {buffer, buffer, buffer + sizeof buffer, false};
  write_u32(&note, DD_TAG_SIGNAL_NOTE_SIGNAL, signal);
  stream_note(&cli->stream, DD_NOTE_SIGNAL, &note);
}

/* Of files that may refuse: who wrote waits for it, as in write(2). */
static void note_written(struct cli *cli, const struct passed *file, uint32_t size, long error) {
  uint8_t buffer[48];
  struct writer note = {buffer, buffer, buffer + sizeof buffer, false};
  if (!file->may_refuse || (size == 0 && error == 0)) return;
  write_u32(&note, DD_TAG_WRITTEN_LANE, file == &cli->files[2] ? DD_LANE_STDERR : DD_LANE_STDOUT);
  write_u32(&note, DD_TAG_WRITTEN_SIZE, size);
  write_u32(&note, DD_TAG_WRITTEN_ERROR, (uint32_t)error);
  stream_note(&cli->stream, DD_NOTE_WRITTEN, &note);
}

/* `unqueued` bytes and what is queued are gone. A pipe that nobody reads: TypeScript learns it as the program would,
 * and no sender waits.
 */
static void output_lost(struct cli *cli, struct passed *file, uint32_t unqueued, long error) {
  uint32_t size = unqueued + queue_count(&file->queue);
  stream_consumed(&cli->stream, size);
  queue_free(&file->queue);
  loop_want(&file->watch, 0);
  if (file->may_refuse && error != EPIPE) {
    note_written(cli, file, size, error);
    return;
  }
  if (!cli->pipe_broken) note_signal(cli, SIGPIPE);
  cli->pipe_broken = true;
}

static void output_taken(struct cli *cli, struct passed *file, uint32_t size) {
  stream_consumed(&cli->stream, size);
  note_written(cli, file, size, 0);
}

static void output_writable(struct watch *watch, uint32_t events) {
  struct cli *cli = watch->owner;
  struct passed *file = watch == &cli->files[1].watch ? &cli->files[1] : &cli->files[2];
  (void)events;
  long sent = queue_write(&file->queue, watch->fd, file->is_socket);
  if (sent < 0)
    output_lost(cli, file, 0, -sent);
  else
    output_taken(cli, file, (uint32_t)sent);
  if (queue_count(&file->queue) == 0) loop_want(watch, 0);
  finish_if_drained(cli);
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct cli *cli = (struct cli *)stream;
  struct passed *file = &cli->files[lane == DD_LANE_STDERR ? 2 : 1];
  long sent = passed_open(file, 1 /* O_WRONLY */);
  if (sent == 0) sent = queue_pass(&file->queue, file->watch.fd, file->is_socket, bytes);
  if (sent < 0) {
    output_lost(cli, file, bytes.size, -sent);
    return;
  }
  output_taken(cli, file, (uint32_t)sent);
  if (queue_count(&file->queue) > 0) loop_want(&file->watch, EPOLLOUT);
}

/* --- what TypeScript says --- */

static void set_terminal_mode(struct cli *cli, struct bytes record) {
  struct arena arena = {0};
  struct tty_mode_spec mode;
  if (record_decode(&tty_mode_shape, record, &arena, &mode) == 0) {
    cli->raw_wanted = mode.raw != 0;
    if (cli->raw_wanted && !cli->stopped)
      set_raw(cli);
    else
      restore(cli);
  }
  arena_free(&arena);
}

static void set_stdin(struct cli *cli, struct bytes record) {
  struct arena arena = {0};
  struct stdin_note_spec stdin_note;
  if (record_decode(&stdin_note_shape, record, &arena, &stdin_note) == 0) {
    bool asked = cli->stdin_wanted;
    cli->stdin_wanted = stdin_note.wanted != 0;
    if (cli->stdin_wanted && !asked) ask_foreground(cli);
    want_stdin(cli);
  }
  arena_free(&arena);
}

static void noted(struct stream *stream, uint16_t kind, struct bytes record) {
  if (kind == DD_NOTE_TTY_MODE) set_terminal_mode((struct cli *)stream, record);
  if (kind == DD_NOTE_STDIN) set_stdin((struct cli *)stream, record);
}

static void room_grew(struct stream *stream) {
  want_stdin((struct cli *)stream);
}

static void closed(struct stream *stream, struct bytes record) {
  struct arena arena = {0};
  struct cli_exit_spec end;
  if (record_decode(&cli_exit_shape, record, &arena, &end) < 0) end.code = 125;
  arena_free(&arena);
  finish((struct cli *)stream, end.code);
}

static void reset(struct stream *stream) {
  finish((struct cli *)stream, 125);
}

static const struct stream_calls calls = {
    .data = received, .room = room_grew, .note = noted, .close = closed, .reset = reset};

/* --- what the program says --- */

static void resized(struct cli *cli) {
  uint8_t buffer[32];
  struct writer note = {buffer, buffer, buffer + sizeof buffer, false};
  put_size(cli, &note, DD_TAG_WINDOW_SIZE_ROWS, DD_TAG_WINDOW_SIZE_COLUMNS);
  stream_note(&cli->stream, DD_NOTE_RESIZE, &note);
}

static void signalled(struct cli *cli, uint8_t signal) {
  if (signal == SHIM_FOREGROUND) {
    cli->stdin_ready = true;
    want_stdin(cli);
    return;
  }
  if (signal == SIGWINCH) {
    resized(cli);
    return;
  }
  if (signal == SIGTSTP) {
    cli->stopped = true;
    restore(cli);
  } else if (signal == SIGCONT) {
    cli->stopped = false;
    if (cli->raw_wanted) set_raw(cli);
    if (cli->stdin_wanted) ask_foreground(cli);
  }
  want_stdin(cli);
  note_signal(cli, signal);
}

/* argv and env follow each other, each word with its NUL. */
static int put_words(struct writer *record, const char **at, const char *end, uint16_t tag, uint32_t count) {
  for (; count > 0; count--) {
    const char *nul = memchr(*at, 0, (size_t)(end - *at));
    if (nul == NULL) return -1;
    write_bytes(record, tag, *at, (size_t)(nul - *at));
    *at = nul + 1;
  }
  return 0;
}

static int put_program(struct cli *cli, struct writer *record, const char *message, size_t size) {
  struct shim_header header;
  uint32_t terminals = 0, told = 0;
  memcpy(&header, message, sizeof header);
  const char *end = message + size, *cwd = message + sizeof header, *words = cwd + header.cwd_size;
  if (put_words(record, &words, end, DD_TAG_CLI_SPEC_ARGV, header.argc) < 0) return -1;
  if (put_words(record, &words, end, DD_TAG_CLI_SPEC_ENV, header.envc) < 0) return -1;
  for (int i = 0; i < 3; i++)
    terminals |= (uint32_t)cli->files[i].is_terminal << i;
  for (int i = 1; i < 3; i++)
    told |= (uint32_t)cli->files[i].may_refuse << i;
  write_bytes(record, DD_TAG_CLI_SPEC_CWD, cwd, header.cwd_size - 1);
  write_u32(record, DD_TAG_CLI_SPEC_TTY, terminals);
  put_size(cli, record, DD_TAG_CLI_SPEC_ROWS, DD_TAG_CLI_SPEC_COLUMNS);
  write_u32(record, DD_TAG_CLI_SPEC_UID, cli->uid);
  write_u32(record, DD_TAG_CLI_SPEC_GID, cli->gid);
  write_u32(record, DD_TAG_CLI_SPEC_PID, cli->pid);
  write_u32(record, DD_TAG_CLI_SPEC_TOLD, told);
  return record->full ? -1 : 0;
}

/* What the record has beside the words: a header in place of each NUL, cwd, and eight fields. */
static size_t record_bytes(const struct shim_header *header) {
  return sizeof *header + header->cwd_size + header->words_size + 7 * ((size_t)header->argc + header->envc) + 128;
}

/* The whole of header, cwd and words has come. */
static int open_stream(struct cli *cli, const char *message, size_t size) {
  static uint8_t buffer[DD_MAX_PAYLOAD_BYTES];
  struct shim_header header;
  memcpy(&header, message, sizeof header);
  size_t room = record_bytes(&header);
  uint8_t *to = room <= sizeof buffer ? buffer : malloc(room);
  if (to == NULL) return -1;
  struct writer record = {to, to, to + room, false};
  int result = put_program(cli, &record, message, size);
  if (result == 0) {
    cli->open = true;
    stream_open(&cli->stream, &calls, DD_AGENT_KIND_CLI, &record);
  }
  if (to != buffer) free(to);
  return result;
}

static int hold(struct cli *cli, const char *message, uint32_t size) {
  char *held = size <= DD_MAX_RECORD_BYTES - held_bytes ? realloc(cli->held, cli->held_size + size) : NULL;
  if (held == NULL) return -1;
  memcpy(held + cli->held_size, message, size);
  cli->held = held;
  cli->held_size += size;
  held_bytes += size;
  return 0;
}

/* One of the first messages: -1 when it makes no sense, or when there is no room for what it begins. */
static int begin(struct cli *cli, const char *message, uint32_t size) {
  struct shim_header header;
  const char *first = cli->held != NULL ? cli->held : message;
  if (cli->held == NULL && size < sizeof header) return -1;
  memcpy(&header, first, sizeof header);
  if (header.cwd_size == 0 || header.cwd_size > SHIM_MESSAGE_BYTES - sizeof header) return -1;
  if (header.words_size > DD_MAX_RECORD_BYTES || header.argc > header.words_size || header.envc > header.words_size)
    return -1;
  if (record_bytes(&header) > DD_MAX_RECORD_BYTES - 2) return -1;
  uint32_t whole = sizeof header + header.cwd_size + header.words_size;
  if (cli->held == NULL && size == whole) return open_stream(cli, message, size);
  if (size > whole - cli->held_size || hold(cli, message, size) < 0) return -1;
  if (cli->held_size < whole) return 0;
  int result = open_stream(cli, cli->held, whole);
  drop_held(cli);
  return result;
}

static void take_files(struct cli *cli, const struct msghdr *message) {
  int files[3] = {-1, -1, -1};
  const struct cmsghdr *header = message->msg_controllen >= sizeof *header ? message->msg_control : NULL;
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    size_t size = header->cmsg_len - CMSG_LEN(0);
    memcpy(files, CMSG_DATA(header), size < sizeof files ? size : sizeof files);
  }
  passed_adopt(&cli->files[0], files[0], stdin_readable, cli, false);
  passed_adopt(&cli->files[1], files[1], output_writable, cli, true);
  passed_adopt(&cli->files[2], files[2], output_writable, cli, true);
}

/* Returns whether there may be more to read. */
static bool hear(struct cli *cli) {
  static char buffer[SHIM_MESSAGE_BYTES];
  char control[CMSG_SPACE(3 * sizeof(int))] __attribute__((aligned(8)));
  struct iovec part = {buffer, sizeof buffer};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  long got = SYS(SYS_recvmsg, cli->shim.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got == -EAGAIN || got == -EINTR) return false;
  if (got <= 0) {
    shim_lost(cli);
    return false;
  }
  if (cli->open) {
    signalled(cli, (uint8_t)buffer[0]);
    return true;
  }
  if (cli->held == NULL) take_files(cli, &message);
  if (begin(cli, buffer, (uint32_t)got) == 0) return true;
  refuse(cli);
  return false;
}

static void shim_readable(struct watch *watch, uint32_t events) {
  struct cli *cli = watch->owner;
  (void)events;
  while (watch->fd >= 0 && hear(cli))
    ;
}

static void accept_program(struct watch *watch, uint32_t events) {
  uint32_t pid, uid, gid;
  (void)events;
  int shim = listen_accept(watch, &pid, &uid, &gid);
  if (shim < 0) return;
  idle_disturb();
  struct cli *cli = calloc(1, sizeof *cli);
  if (cli == NULL) {
    sys_close(shim);
    return;
  }
  *cli = (struct cli){.shim = {.fd = shim, .ready = shim_readable, .owner = cli}, .pid = pid, .uid = uid, .gid = gid};
  for (int i = 0; i < 3; i++)
    passed_adopt(&cli->files[i], -1, NULL, cli, false);
  loop_want(&cli->shim, EPOLLIN);
  hear(cli);
}

static struct watch listener = {.fd = -1, .ready = accept_program};

int cli_listen(const char *path, struct failure *failure) {
  return listen_unix(&listener, path, SOCK_SEQPACKET, failure);
}
