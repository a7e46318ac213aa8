#include "launch/program.h"
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

/* 0 if `path` is a file that the caller may execute, else -errno. */
static int executable(const char *path) {
  struct statx_result stat;
  long result = statx_get(AT_FDCWD, path, 0, &stat);
  if (result < 0) return (int)result;
  if (S_ISDIR(stat.mode)) return -EISDIR;
  if ((stat.mode & 0111) == 0) return -EACCES;
  return (int)SYS(SYS_faccessat, AT_FDCWD, path, 1 /* X_OK */);
}

static const char *variable(const struct environment *environment, const char *name) {
  size_t length = strlen(name);
  for (uint32_t i = 0; i < environment->count; i++)
    if (strncmp(environment->at[i], name, length) == 0 && environment->at[i][length] == '=')
      return environment->at[i] + length + 1;
  return "";
}

int program_find(const struct environment *environment, const char *name, char path[files_path_max],
                 struct failure *failure) {
  if (strchr(name, '/') != NULL) {
    int result = executable(name);
    text_format(path, files_path_max, "%s", name);
    if (result == -ENOENT || result == -ENOTDIR)
      return fail(failure, result, "lookup", "exec: \"%s\": stat %s: %E", name, name, -result);
    return result < 0 ? fail(failure, result, "lookup", "exec: \"%s\": %E", name, -result) : 0;
  }
  for (const char *folder = variable(environment, "PATH"); *folder != '\0' && *name != '\0';) {
    size_t length = strcspn(folder, ":");
    if (length > 0 && length + strlen(name) + 2 < files_path_max) {
      memcpy(path, folder, length);
      text_format(path + length, files_path_max - length, "/%s", name);
      if (executable(path) == 0) return 0;
    }
    folder += length + (folder[length] == ':' ? 1 : 0);
  }
  /* LookPath says so even if a candidate was there and could not be executed. */
  return fail(failure, ENOENT, "lookup", "exec: \"%s\": executable file not found in $PATH", name);
}

void program_place(const int stdio[3], int null) {
  uint64_t none = 0;
  for (int i = 0; i < 3; i++)
    SYS(SYS_dup3, stdio[i] >= 0 ? stdio[i] : null, i, 0);
  SYS(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
  SYS(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* runc has told its caller by now that the program runs: it says so where the program would have spoken, and ends with
 * 255 (libcontainer/standard_init_linux.go, setns_init_linux.go). */
static int cannot_exec(const char *path, int error) {
  char message[files_path_max + 64];
  text_format(message, sizeof message, "exec %s: %E\n", path, error);
  sys_write(2, message, strlen(message));
  return 255;
}

int program_exec(const char *path, const char *const *arguments, const struct environment *environment) {
  return cannot_exec(path, -(int)SYS(SYS_execve, path, arguments, environment->at));
}
