/* Finds the program as runc does (Go's exec.LookPath) and becomes it. */
#include "facts.h"
#include "files.h"
#include "launch.h"
#include "sys.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

/* 0 if `path` is a file that the caller may execute, else -errno. */
static int executable(const char *path) {
  struct facts stat;
  long result = facts_get(AT_FDCWD, path, 0, &stat);
  if (result < 0) return (int)result;
  if (S_ISDIR(stat.mode)) return -EISDIR;
  if ((stat.mode & 0111) == 0) return -EACCES;
  return (int)SYS(SYS_faccessat, AT_FDCWD, path, 1 /* X_OK */);
}

static const char *variable(const struct launch *launch, const char *name) {
  size_t length = strlen(name);
  for (uint32_t i = 0; i < launch->env_count; i++)
    if (strncmp(launch->env[i], name, length) == 0 && launch->env[i][length] == '=') return launch->env[i] + length + 1;
  return "";
}

static int look_up(struct launch *launch, const char *name, char path[files_path_max]) {
  if (strchr(name, '/') != NULL) {
    int result = executable(name);
    text_format(path, files_path_max, "%s", name);
    if (result == -ENOENT || result == -ENOTDIR)
      return LAUNCH_FAIL(launch, result, "lookup", "exec: \"%s\": stat %s: %E", name, name, -result);
    return result < 0 ? LAUNCH_FAIL(launch, result, "lookup", "exec: \"%s\": %E", name, -result) : 0;
  }
  for (const char *folder = variable(launch, "PATH"); *folder != '\0' && *name != '\0';) {
    size_t length = strcspn(folder, ":");
    if (length > 0 && length + strlen(name) + 2 < files_path_max) {
      memcpy(path, folder, length);
      text_format(path + length, files_path_max - length, "/%s", name);
      if (executable(path) == 0) return 0;
    }
    folder += length + (folder[length] == ':' ? 1 : 0);
  }
  /* LookPath says so even if a candidate was there and could not be executed. */
  return LAUNCH_FAIL(launch, ENOENT, "lookup", "exec: \"%s\": executable file not found in $PATH", name);
}

static void place_stdio(const struct launch *launch) {
  for (int i = 0; i < 3; i++)
    SYS(SYS_dup3, launch->stdio[i] >= 0 ? launch->stdio[i] : launch->null, i, 0);
  SYS(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
}

/* runc has told its caller by now that the program runs: it says so where the program would have spoken, and ends with
 * 255 (libcontainer/standard_init_linux.go, setns_init_linux.go). */
static int cannot_execute(const char *path, int error) {
  char message[files_path_max + 64];
  text_format(message, sizeof message, "exec %s: %E\n", path, error);
  sys_write(2, message, strlen(message));
  return 255;
}

int launch_exec(struct launch *launch) {
  char path[files_path_max];
  const char *name = launch->process->args.count > 0 ? launch->process->args.at[0] : "";
  const char **arguments = launch->process->args.at;
  if (launch->container != NULL && launch->container->init != 0) {
    /* args has room for two more in front (start.c): docker-init itself looks for the program, as Docker's does. */
    arguments -= 2;
    name = arguments[0];
  }
  if (look_up(launch, name, path) < 0) return -1;
  place_stdio(launch);
  uint64_t none = 0;
  SYS(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
  launch->executing = true;
  launch_say(launch);
  long result = SYS(SYS_execve, path, arguments, launch->env);
  return cannot_execute(path, (int)-result);
}
