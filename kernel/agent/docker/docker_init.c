#include "docker/docker_init.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, const char *program, int error) {
  char text[512];
  size_t size = text_format(text, sizeof text, "[FATAL tini (%d)] %s%s failed: %s\n", (int)getpid(), what, program,
                            error == ENOENT   ? "No such file or directory"
                            : error == EACCES ? "Permission denied"
                                              : strerror(error));
  sys_write(2, text, size);
}

static int cannot_exec(const char *program, int error) {
  say("exec ", program, error);
  return error == ENOENT ? 127 : 126;
}

static int run(char **argv, const sigset_t *mask) {
  setpgid(0, 0);
  /* Taking the terminal from a background group would stop us, were SIGTTOU not still blocked. */
  int group = getpid();
  ioctl(0, TIOCSPGRP, &group);
  sigprocmask(SIG_SETMASK, mask, NULL);
  execvp(argv[0], argv);
  return cannot_exec(argv[0], errno);
}

int docker_init_main(int argc, char **argv) {
  sigset_t all, old;
  int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
  if (first >= argc) return cannot_exec("", ENOENT);
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  pid_t child = fork();
  if (child == 0) _exit(run(argv + first, &old));
  if (child < 0) { /* the container's limit of processes */
    say("fork", "", errno);
    return 1;
  }
  for (;;) {
    int status, signal = sigwaitinfo(&all, NULL);
    if (signal > 0 && signal != SIGCHLD) {
      kill(child, signal);
      continue;
    }
    for (pid_t dead; (dead = waitpid(-1, &status, WNOHANG)) > 0;)
      if (dead == child) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
}
