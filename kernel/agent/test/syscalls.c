/* Calls every system call of i386 with arguments that none takes, each in a process of its own, and says how it ended:
 * "number errno", or the signal. What a seccomp filter answers comes before anything looks at the arguments. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* These wait for ever whatever they are given, or do not return, or return twice. */
static int is_left_out(long number) {
  return number == SYS_pause || number == SYS_sigsuspend || number == SYS_exit || number == SYS_exit_group ||
         number == SYS_sigreturn || number == SYS_rt_sigreturn || number == SYS_restart_syscall || number == SYS_vfork;
}

/* syscalls LAST_NUMBER */
int main(int argc, char **argv) {
  long last_number = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
  setvbuf(stdout, NULL, _IONBF, 0);
  for (long number = 0; number <= last_number; number++) {
    int status;
    if (is_left_out(number)) continue;
    pid_t child = fork();
    if (child == 0) {
      long result = syscall(number, -1, -1, -1, -1, -1, -1);
      _exit(result == -1 ? errno : 0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) return 1;
    if (WIFSIGNALED(status))
      printf("%ld signal %d\n", number, WTERMSIG(status));
    else
      printf("%ld %d\n", number, WEXITSTATUS(status));
  }
  return 0;
}
