#include "base/sys.h"
#include "runc/console.h"
#include "runc/start.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const uint8_t passed[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH, SIGCHLD};

static int catch_signals(void) {
  uint64_t mask = 0;
  for (size_t i = 0; i < sizeof passed; i++)
    mask |= 1ull << (passed[i] - 1);
  SYS(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL, sizeof mask);
  return (int)SYS(SYS_signalfd4, -1, &mask, sizeof mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void pass_size(const struct runc_started *started) {
  struct winsize size;
  if (started->terminal >= 0 && sys_ioctl(started->console, TIOCGWINSZ, &size) >= 0)
    sys_ioctl(started->terminal, TIOCSWINSZ, &size);
}

/* Whether `pid` has ended, with its exit code. */
static bool reap(int pid, int *code) {
  int status;
  long ended;
  bool over = false;
  while ((ended = SYS(SYS_wait4, -1, &status, WNOHANG | 0x40000000 /* __WALL */, NULL)) > 0) {
    if (ended != pid) continue;
    *code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    over = true;
  }
  return over;
}

static void pass_signals(int signals, const struct runc_started *started) {
  struct signalfd_siginfo info;
  while (sys_read(signals, &info, sizeof info) == (long)sizeof info) {
    if (info.ssi_signo == SIGWINCH)
      pass_size(started);
    else if (info.ssi_signo != SIGCHLD)
      SYS(SYS_kill, started->pid, info.ssi_signo);
  }
}

static bool write_all(int file, const char *from, long size) {
  while (size > 0) {
    long written = sys_write(file, from, (size_t)size);
    struct pollfd wait = {file, POLLOUT, 0};
    if (written == -EAGAIN) SYS(SYS_poll, &wait, 1, -1);
    if (written == -EAGAIN || written == -EINTR) continue;
    if (written <= 0) return false;
    from += written;
    size -= written;
  }
  return true;
}

/* What the terminal shows; false: nothing more comes. */
static bool show(int terminal) {
  char buffer[4096];
  long got = sys_read(terminal, buffer, sizeof buffer);
  if (got == -EAGAIN || got == -EINTR) return true;
  return got > 0 && write_all(1, buffer, got);
}

/* What was typed and not taken yet. A program that only writes must not be kept from it by what it does not read. */
struct typed {
  char text[4096];
  long at, end;
  bool over;
};

static void read_typed(struct typed *typed) {
  long got = sys_read(0, typed->text, sizeof typed->text);
  if (got == -EAGAIN || got == -EINTR) return;
  typed->over = got <= 0;
  typed->at = 0;
  typed->end = got <= 0 ? 0 : got;
}

static void give_typed(struct typed *typed, int terminal) {
  long written = sys_write(terminal, typed->text + typed->at, (size_t)(typed->end - typed->at));
  if (written == -EAGAIN || written == -EINTR) return;
  typed->over = typed->over || written <= 0;
  typed->at = written <= 0 ? typed->end : typed->at + written;
}

static bool make_raw(int console, struct termios *before) {
  struct termios raw;
  if (tcgetattr(console, before) < 0) return false;
  raw = *before;
  cfmakeraw(&raw);
  tcsetattr(console, TCSANOW, &raw);
  return true;
}

int runc_attend(const struct runc_started *started) {
  static struct typed typed;
  struct termios before;
  int terminal = started->terminal, code = 0;
  int signals = catch_signals();
  bool raw = terminal >= 0 && make_raw(started->console, &before);
  pass_size(started);
  while (!reap(started->pid, &code)) {
    bool waiting = typed.at < typed.end;
    struct pollfd files[3] = {{signals, POLLIN, 0},
                              {started->terminal < 0 || typed.over || waiting ? -1 : 0, POLLIN, 0},
                              {terminal, (short)(waiting ? POLLIN | POLLOUT : POLLIN), 0}};
    SYS(SYS_poll, files, 3, -1);
    pass_signals(signals, started);
    if (files[1].revents != 0) read_typed(&typed);
    if ((files[2].revents & POLLOUT) != 0) give_typed(&typed, started->terminal);
    if ((files[2].revents & ~POLLOUT) != 0 && !show(terminal)) terminal = -1;
  }
  struct pollfd rest = {terminal, POLLIN, 0};
  while (rest.fd >= 0 && SYS(SYS_poll, &rest, 1, 0) > 0 && show(terminal))
    continue;
  if (raw) tcsetattr(started->console, TCSANOW, &before);
  return code;
}
