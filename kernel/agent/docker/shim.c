/* `docker`: hands itself to the agent and waits. Every instruction here is paid by each command, so there is nothing
 * else. */
#include "docker/shim.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int agent;

static void say(const char *text) {
  sys_write(2, text, strlen(text));
}

/* A stop key must really stop this process, as the shell expects, after the agent knows. */
static void forward(int signal) {
  uint8_t byte = (uint8_t)signal;
  SYS(SYS_sendto, agent, &byte, 1, MSG_NOSIGNAL);
  if (signal == SIGTSTP) SYS(SYS_kill, SYS(SYS_getpid), SIGSTOP);
}

/* What the caller ignored (nohup, a background job of a script) stays ignored. */
static void forward_signals(void) {
  static const uint8_t signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT};
  struct sigaction action = {.sa_handler = forward, .sa_flags = SA_RESTART}, old;
  for (size_t i = 0; i < sizeof signals; i++)
    if (sigaction(signals[i], &action, &old) == 0 && old.sa_handler == SIG_IGN) sigaction(signals[i], &old, NULL);
}

static int connect_agent(void) {
  static const struct sockaddr_un address = {AF_UNIX, SHIM_SOCKET};
  agent = (int)SYS(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (agent >= 0 && agent < 3) { /* the caller had closed it: not the agent's socket may be passed for it */
    int above = (int)SYS(SYS_FCNTL, agent, F_DUPFD_CLOEXEC, 3);
    sys_close(agent);
    agent = above;
  }
  return agent < 0 ? agent : (int)SYS(SYS_connect, agent, &address, sizeof address);
}

/* A caller may have closed any of 0, 1, 2 (`docker ps >&-`); they cannot be passed then. */
static void fill_closed(void) {
  for (int i = 0; i < 3; i++)
    if (SYS(SYS_FCNTL, i, F_GETFD) == -EBADF) {
      int null = sys_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
      if (null >= 0 && null != i) {
        SYS(SYS_dup3, null, i, 0);
        sys_close(null);
      }
    }
}

/* What the first message does not hold. No signal's byte may come between. */
static long send_rest(const char *words, size_t size) {
  uint64_t all = ~0ull, before;
  long result = 0;
  SYS(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
  while (size > 0 && result >= 0) {
    result =
        SYS(SYS_sendto, agent, words, size < SHIM_MESSAGE_BYTES ? size : SHIM_MESSAGE_BYTES, MSG_NOSIGNAL, NULL, 0);
    if (result < 0) break;
    words += result;
    size -= (size_t)result;
  }
  SYS(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
  /* An agent that takes no more has said why. */
  return result == -EPIPE || result == -ECONNRESET ? 0 : result;
}

/* The kernel lays out argv's and env's strings one after the other: they are sent as they lie there. */
static long send_self(int argc, char **argv, char **envp) {
  char cwd[PATH_MAX];
  uint32_t envc = 0;
  while (envp[envc] != NULL)
    envc++;
  char *last = envc > 0 ? envp[envc - 1] : argv[argc - 1];
  long cwd_size = SYS(SYS_getcwd, cwd, sizeof cwd);
  if (cwd_size <= 0) {
    memcpy(cwd, "/", 2);
    cwd_size = 2;
  }
  const char *words = argv[0];
  size_t size = (size_t)(last + strlen(last) + 1 - words);
  size_t first = SHIM_MESSAGE_BYTES - sizeof(struct shim_header) - (size_t)cwd_size;
  if (first > size) first = size;
  struct shim_header header = {(uint32_t)argc, envc, (uint32_t)cwd_size, (uint32_t)size};
  struct iovec parts[] = {{&header, sizeof header}, {cwd, (size_t)cwd_size}, {argv[0], first}};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(3 * sizeof(int))];
  } control = {.header = {.cmsg_len = CMSG_LEN(3 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  static const int files[3] = {0, 1, 2};
  memcpy(CMSG_DATA(&control.header), files, sizeof files);
  struct msghdr message = {
      .msg_iov = parts, .msg_iovlen = 3, .msg_control = &control, .msg_controllen = sizeof control.space};
  long result = SYS(SYS_sendmsg, agent, &message, MSG_NOSIGNAL);
  if (result == -EBADF) {
    fill_closed();
    result = SYS(SYS_sendmsg, agent, &message, MSG_NOSIGNAL);
  }
  return result < 0 || first == size ? result : send_rest(words + first, size - first);
}

/* A read of nothing: the terminal stops its caller in the background like any reader, and refuses one that nobody could
 * bring to the foreground. */
static void wait_for_foreground(void) {
  uint8_t byte = SHIM_FOREGROUND;
  if (sys_read(0, NULL, 0) < 0) return;
  SYS(SYS_sendto, agent, &byte, 1, MSG_NOSIGNAL);
}

int shim_main(int argc, char **argv, char **envp) {
  int result = connect_agent();
  if (result == -EACCES) {
    say("permission denied while trying to connect to the docker API at unix:///var/run/docker.sock\n");
    return 1;
  }
  forward_signals();
  if (result >= 0) result = (int)send_self(argc, argv, envp);
  while (result >= 0) {
    uint32_t code;
    long got = sys_read(agent, &code, sizeof code);
    if (got == -EINTR) continue;
    if (got != sizeof code) break;
    if (code == SHIM_TOO_LONG) {
      say("docker: argument list too long\n");
      return 126;
    }
    if (code != SHIM_ASK_FOREGROUND) return (int)code;
    wait_for_foreground();
  }
  say("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n");
  return 1;
}
