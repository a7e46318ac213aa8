/* A pty of the container's own devpts: the slave becomes the child's terminal, the master goes to the agent. */
#include "files.h"
#include "launch.h"
#include "mountapi.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int send_master(struct launch *launch, int master) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  memcpy(CMSG_DATA(&control.header), &master, sizeof master);
  char byte = 'm';
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
  long result = SYS(SYS_sendmsg, launch->report, &message, MSG_NOSIGNAL);
  return result < 0 ? LAUNCH_FAIL(launch, result, "console", "send the terminal: %E", (int)-result) : 0;
}

static int bind_console(struct launch *launch, int master) {
  unsigned number;
  char name[32];
  long result = sys_ioctl(master, TIOCGPTN, &number);
  if (result >= 0) {
    text_format(name, sizeof name, "/dev/pts/%u", number);
    files_put(AT_FDCWD, "/dev/console", O_CREAT, 0600, "", 0);
    result = mount_call(name, "/dev/console", NULL, MS_BIND, NULL);
  }
  return result < 0 ? LAUNCH_FAIL(launch, result, "console", "bind /dev/console: %E", (int)-result) : 0;
}

int launch_console(struct launch *launch) {
  int master = sys_open(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
  if (master < 0) return LAUNCH_FAIL(launch, master, "console", "open /dev/pts/ptmx: %E", -master);
  int unlocked = 0;
  long slave = sys_ioctl(master, TIOCSPTLCK, &unlocked);
  if (slave >= 0) slave = SYS(SYS_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return LAUNCH_FAIL(launch, slave, "console", "open the terminal: %E", (int)-slave);
  const struct process_spec *process = launch->process;
  if (process->rows != 0 || process->columns != 0) {
    struct winsize size = {.ws_row = (unsigned short)process->rows, .ws_col = (unsigned short)process->columns};
    sys_ioctl(master, TIOCSWINSZ, &size);
  }
  long result = SYS(SYS_ioctl, slave, TIOCSCTTY, 0);
  if (result < 0) return LAUNCH_FAIL(launch, result, "console", "take the terminal: %E", (int)-result);
  if (launch->container != NULL && bind_console(launch, master) < 0) return -1;
  if (send_master(launch, master) < 0) return -1;
  launch->stdio[0] = launch->stdio[1] = launch->stdio[2] = (int)slave;
  return 0;
}
