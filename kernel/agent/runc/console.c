#include "runc/console.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int runc_console_check(const struct runc_options *options, bool tty, bool detaches, struct failure *failure) {
  if (detaches && tty && options->console_socket == NULL)
    return fail(failure, EINVAL, "console", "cannot allocate tty if runc will detach without setting console socket");
  if ((!detaches || !tty) && options->console_socket != NULL)
    return fail(failure, EINVAL, "console", "cannot use console socket if runc will not detach or allocate tty");
  return 0;
}

/* Some of the three may be redirected: the first that is a terminal, or the one that this process has (runc's tty.go,
 * initHostConsole). */
static int open_host(struct failure *failure) {
  for (int file = 2; file >= 0; file--)
    if (isatty(file)) return file;
  int file = sys_open(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
  return file < 0 ? fail(failure, file, "console", "open /dev/tty: %E", -file) : file;
}

static int dial(const char *path, struct failure *failure) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path)
    return fail(failure, EINVAL, "console", "dial unix %s: connect: invalid argument", path);
  memcpy(address.sun_path, path, strlen(path) + 1);
  long file = SYS(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  long result = file < 0 ? file : SYS(SYS_connect, file, &address, sizeof address);
  if (result >= 0) return (int)file;
  if (file >= 0) sys_close((int)file);
  return fail(failure, result, "console", "dial unix %s: connect: %E", path, (int)-result);
}

int runc_console_open(const struct runc_options *options, bool tty, struct runc_started *started,
                      struct failure *failure) {
  started->console = -1;
  if (!tty) return 0;
  started->console = options->console_socket == NULL ? open_host(failure) : dial(options->console_socket, failure);
  return started->console < 0 ? -1 : 0;
}

int runc_console_send(const struct runc_options *options, struct runc_started *started, struct failure *failure) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  /* The name of the file, as runc's SendFd sends it. */
  char name[] = "/dev/ptmx";
  struct iovec part = {name, sizeof name - 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
  if (options->console_socket == NULL || started->terminal < 0) return 0;
  memcpy(CMSG_DATA(&control.header), &started->terminal, sizeof started->terminal);
  /* Who gets it shares its flags. */
  SYS(SYS_FCNTL, started->terminal, F_SETFL, O_RDWR);
  long result = SYS(SYS_sendmsg, started->console, &message, MSG_NOSIGNAL);
  sys_close(started->terminal);
  sys_close(started->console);
  started->terminal = started->console = -1;
  return result < 0 ? fail(failure, result, "console", "sendmsg: %E", (int)-result) : 0;
}
