#include "docker/passed.h"
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

enum { pty_major = 136 /* UNIX98_PTY_SLAVE_MAJOR */ };
#ifndef TIOCGDEV
#define TIOCGDEV 0x80045432
#endif

static bool may_refuse(int fd) {
  struct statx_result stat;
  if (statx_get(fd, "", AT_EMPTY_PATH, &stat) < 0) return false;
  bool null = S_ISCHR(stat.mode) && stat.rdev_major == 1 && stat.rdev_minor == 3;
  if (null) return (SYS(SYS_FCNTL, fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
  if (S_ISCHR(stat.mode)) return true;
  return S_ISREG(stat.mode) || S_ISBLK(stat.mode);
}

void passed_adopt(struct passed *passed, int fd, void (*ready)(struct watch *, uint32_t), void *owner, bool written) {
  struct termios mode;
  *passed = (struct passed){.fd = fd, .watch = {.fd = -1, .ready = ready, .owner = owner}};
  passed->is_terminal = fd >= 0 && sys_ioctl(fd, TCGETS, &mode) >= 0;
  passed->may_refuse = written && fd >= 0 && !passed->is_terminal && may_refuse(fd);
}

/* /dev/tty is its opener's controlling terminal, of which the agent has none: the terminal behind it, by its number. */
static int open_terminal(int fd, int access) {
  char path[32];
  uint32_t device;
  if (sys_ioctl(fd, TIOCGDEV, &device) < 0) return -ENXIO;
  text_format(path, sizeof path, "/dev/pts/%u", (device & 0xff) | (device >> 12 & 0xfff00));
  return (device >> 8 & 0xfff) == pty_major ? sys_open(AT_FDCWD, path, access, 0) : -ENXIO;
}

int passed_open(struct passed *passed, int access) {
  struct statx_result stat;
  char path[32];
  if (passed->watch.fd >= 0) return 0;
  if (passed->fd < 0) return -EBADF;
  long result = statx_get(passed->fd, "", AT_EMPTY_PATH, &stat);
  if (result < 0) return (int)result;
  passed->is_socket = S_ISSOCK(stat.mode);
  if (passed->is_terminal || S_ISFIFO(stat.mode)) {
    text_format(path, sizeof path, "/proc/self/fd/%d", passed->fd);
    access |= O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    passed->watch.fd = sys_open(AT_FDCWD, path, access, 0);
    if (passed->watch.fd == -ENXIO && passed->is_terminal) passed->watch.fd = open_terminal(passed->fd, access);
    /* ENXIO: a pipe without a reader. */
    return passed->watch.fd == -ENXIO ? -EPIPE : passed->watch.fd < 0 ? passed->watch.fd : 0;
  }
  passed->watch.fd = (int)SYS(SYS_FCNTL, passed->fd, F_DUPFD_CLOEXEC, 3);
  return passed->watch.fd < 0 ? passed->watch.fd : 0;
}

void passed_release(struct passed *passed) {
  loop_close(&passed->watch);
  queue_free(&passed->queue);
  if (passed->fd >= 0) sys_close(passed->fd);
  passed->fd = -1;
}
