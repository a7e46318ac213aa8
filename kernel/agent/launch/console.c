/* A pty of the container's own devpts: the slave becomes the child's terminal, the master goes to the agent. */
#include "base/statx.h"
#include "files/in_root.h"
#include "files/mountapi.h"
#include "launch/report.h"
#include "launch/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

/* A place for the terminal that is no link, made where it is missing. */
static int open_console(void) {
  struct statx_result stat;
  const char *name;
  int root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  int folder = root < 0 ? root : in_root_parent(root, "/dev/console", &name);
  if (root >= 0) sys_close(root);
  if (folder < 0) return folder;
  int made = sys_open(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (made >= 0) sys_close(made);
  int target = sys_open(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  sys_close(folder);
  if (target < 0 || (statx_get(target, "", AT_EMPTY_PATH, &stat) == 0 && !S_ISLNK(stat.mode))) return target;
  sys_close(target);
  return -ELOOP;
}

/* /dev/console is the terminal itself, by the file that is open already and not by a name below /dev/pts, which may be
 * a link by now (CVE-2025-52565). */
static int bind_console(int slave, struct failure *failure) {
  int target = open_console();
  int terminal = (int)SYS(SYS_open_tree, slave, "", TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
  long result = target < 0 ? target : terminal;
  if (result >= 0) result = SYS(SYS_move_mount, terminal, "", target, "", MOVE_FROM_FILE | MOVE_TO_FILE);
  if (target >= 0) sys_close(target);
  if (terminal >= 0) sys_close(terminal);
  return result < 0 ? fail(failure, result, "console", "bind /dev/console: %E", (int)-result) : 0;
}

/* The multiplexer of a devpts and nothing else: a container may have put a file or a FIFO in its place. */
static int open_multiplexer(struct failure *failure) {
  uint64_t how[3] = {O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS_ | RESOLVE_NO_XDEV_};
  int root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  int folder = root < 0 ? root : in_root_open(root, "/dev/pts", O_PATH | O_DIRECTORY);
  if (root >= 0) sys_close(root);
  if (folder < 0) return fail(failure, folder, "console", "open /dev/pts/ptmx: %E", -folder);
  int master =
      file_system_of(folder) == DEVPTS_MAGIC ? (int)SYS(SYS_openat2, folder, "ptmx", how, sizeof how) : -ENODEV;
  sys_close(folder);
  return master < 0 ? fail(failure, master, "console", "open /dev/pts/ptmx: %E", -master) : master;
}

int step_console(const struct process_spec *process, bool in_container, int report, int stdio[3],
                 struct failure *failure) {
  int master = open_multiplexer(failure);
  if (master < 0) return -1;
  int unlocked = 0;
  long slave = sys_ioctl(master, TIOCSPTLCK, &unlocked);
  if (slave >= 0) slave = SYS(SYS_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return fail(failure, slave, "console", "open the terminal: %E", (int)-slave);
  if (process->rows != 0 || process->columns != 0) {
    struct winsize size = {.ws_row = (unsigned short)process->rows, .ws_col = (unsigned short)process->columns};
    sys_ioctl(master, TIOCSWINSZ, &size);
  }
  long result = SYS(SYS_ioctl, slave, TIOCSCTTY, 0);
  if (result < 0) return fail(failure, result, "console", "take the terminal: %E", (int)-result);
  if (in_container && bind_console((int)slave, failure) < 0) return -1;
  if (report_terminal(report, master, failure) < 0) return -1;
  stdio[0] = stdio[1] = stdio[2] = (int)slave;
  return 0;
}
