/* spec, create, run, start and exec: what makes a container and what runs in it. */
#include "base/sys.h"
#include "base/text.h"
#include "container/cgroup.h"
#include "runc/commands.h"
#include "runc/json.h"
#include "runc/options.h"
#include "runc/say.h"
#include "runc/spec_text.h"
#include "runc/start.h"
#include "runc/state.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(field) (int)offsetof(struct runc_options, field)

static const struct runc_option create_options[] = {{"bundle", 'b', 's', AT(bundle)},
                                                    {"pid-file", 0, 's', AT(pid_file)},
                                                    {"no-pivot", 0, 'i', 0},
                                                    {"no-new-keyring", 0, 'i', 0},
                                                    {NULL, 0, 0, 0}};
static const struct runc_option run_options[] = {{"bundle", 'b', 's', AT(bundle)}, {"pid-file", 0, 's', AT(pid_file)},
                                                 {"detach", 'd', 'b', AT(detach)}, {"keep", 0, 'b', AT(keep)},
                                                 {"no-subreaper", 0, 'i', 0},      {"no-pivot", 0, 'i', 0},
                                                 {"no-new-keyring", 0, 'i', 0},    {NULL, 0, 0, 0}};
static const struct runc_option exec_options[] = {{"tty", 't', 'b', AT(tty)},
                                                  {"detach", 'd', 'b', AT(detach)},
                                                  {"env", 'e', 'e', 0},
                                                  {"cwd", 0, 's', AT(cwd)},
                                                  {"user", 'u', 's', AT(user)},
                                                  {"process", 'p', 's', AT(process)},
                                                  {"pid-file", 0, 's', AT(pid_file)},
                                                  {NULL, 0, 0, 0}};
static const struct runc_option spec_options[] = {{"bundle", 'b', 's', AT(bundle)}, {NULL, 0, 0, 0}};
static const struct runc_option no_options[] = {{NULL, 0, 0, 0}};

int runc_spec(int argc, char **argv) {
  struct runc_options options = {0};
  int at = runc_options_read(argc, argv, spec_options, &options);
  if (at < 0 || !runc_wants("spec", argc - at, 0, 0)) return 1;
  if (options.bundle != NULL && chdir(options.bundle) < 0) {
    say_error("chdir %s: %E", options.bundle, errno);
    return 1;
  }
  int result = files_put(AT_FDCWD, "config.json", O_CREAT | O_EXCL, 0666, runc_spec_text, strlen(runc_spec_text));
  if (result == -EEXIST)
    say_error("File config.json exists. Remove it first");
  else if (result < 0)
    say_error("open config.json: %E", -result);
  return result < 0 ? 1 : 0;
}

/* What a container is made from, in the launch's arena. */
struct making {
  struct launch *launch;
  struct runc_config *config;
  struct runc_state state;
};

static int check_root(struct making *making, struct failure *failure) {
  const char *root = making->config->spec.merged;
  char *real = realpath(root, NULL);
  struct stat named, found;
  if (real == NULL) return fail(failure, errno, "rootfs", "invalid rootfs: stat %s: %E", root, errno);
  int result = lstat(root, &named) < 0 || stat(real, &found) < 0 ? -errno : 0;
  making->config->spec.merged = arena_string(&making->launch->arena, real, strlen(real));
  free(real);
  if (result < 0) return fail(failure, result, "rootfs", "invalid rootfs: stat %s: %E", root, -result);
  if (S_ISLNK(named.st_mode))
    return fail(failure, EINVAL, "rootfs", "invalid rootfs: not an absolute path, or a symlink");
  if (!S_ISDIR(found.st_mode)) return fail(failure, ENOTDIR, "rootfs", "invalid rootfs: %s: not a directory", root);
  return making->config->spec.merged == NULL ? fail(failure, ENOMEM, "rootfs", "no memory") : 0;
}

static int read_bundle(struct making *making, const struct runc_options *options, const char *id,
                       struct failure *failure) {
  struct arena *arena = &making->launch->arena;
  struct runc_state *state = &making->state;
  char bundle[files_path_max], *created = arena_take(arena, 40);
  struct failure unread;
  if (options->bundle != NULL && chdir(options->bundle) < 0)
    return fail(failure, errno, "bundle", "chdir %s: %E", options->bundle, errno);
  if (SYS(SYS_faccessat, AT_FDCWD, "config.json", 0) < 0)
    return fail(failure, ENOENT, "bundle", "JSON specification file config.json not found");
  if (runc_state_check_id(id, failure) < 0) return -1;
  if (created == NULL || getcwd(bundle, sizeof bundle) == NULL)
    return fail(failure, errno, "bundle", "getcwd: %E", errno);
  *state = (struct runc_state){.id = id, .created = created};
  state->bundle = arena_string(arena, bundle, strlen(bundle));
  state->config = runc_read_file(arena, "config.json", json_bytes_max, &state->config_size, &unread);
  if (state->config == NULL) return fail(failure, unread.error, "bundle", "%s", unread.message);
  making->config = arena_take(arena, sizeof *making->config);
  if (making->config == NULL || state->bundle == NULL) return fail(failure, ENOMEM, "bundle", "no memory");
  if (runc_config_read(arena, state->bundle, state->config, state->config_size, making->config, failure) < 0) return -1;
  if (check_root(making, failure) < 0) return -1;
  struct container_spec *spec = &making->config->spec;
  spec->id = id;
  if (*spec->cgroup == '\0') spec->cgroup = id;
  state->cgroup = spec->cgroup;
  state->rootfs = spec->merged;
  state->oci_version = making->config->oci_version;
  say_time(created, 1);
  return 0;
}

static int write_pid(const char *path, int pid, struct failure *failure) {
  char text[16];
  if (path == NULL) return 0;
  int result = files_put(AT_FDCWD, path, O_CREAT | O_TRUNC, 0644, text, text_format(text, sizeof text, "%d", pid));
  return result < 0 ? fail(failure, result, "pid", "open %s: %E", path, -result) : 0;
}

static int open_hold(const char *id, struct failure *failure) {
  char path[files_path_max];
  runc_state_path(path, id, "exec.fifo");
  long result = SYS(SYS_mknodat, AT_FDCWD, path, S_IFIFO | 0600, 0);
  if (result >= 0) result = sys_open(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  return result < 0 ? fail(failure, result, "state", "%s: %E", path, (int)-result) : (int)result;
}

static void forget(const struct runc_state *state) {
  struct failure ignored;
  if (state->cgroup != NULL) cgroup_remove(state->cgroup, &ignored);
  runc_state_remove(state->id);
}

/* The folder of the state is there; what fails leaves it, and a cgroup, to the caller. */
static int begin(struct making *making, bool waits, const char *pid_file, struct runc_started *started,
                 struct failure *failure) {
  struct runc_state *state = &making->state;
  /* runc_start_container frees the arena that all is in. */
  struct runc_state kept = *state;
  kept.bundle = strdup(state->bundle);
  kept.rootfs = strdup(state->rootfs);
  kept.created = strdup(state->created);
  kept.cgroup = strdup(state->cgroup);
  kept.oci_version = strdup(state->oci_version);
  char *config = malloc(state->config_size);
  if (kept.bundle == NULL || kept.rootfs == NULL || kept.created == NULL || kept.cgroup == NULL ||
      kept.oci_version == NULL || config == NULL)
    return fail(failure, ENOMEM, "start", "no memory");
  memcpy(config, state->config, state->config_size);
  kept.config = config;
  *state = kept;
  int hold = waits ? open_hold(state->id, failure) : -1;
  if (waits && hold < 0) return -1;
  struct launch *launch = making->launch;
  making->launch = NULL;
  if (runc_start_container(launch, making->config, hold, started, failure) < 0) return -1;
  state->pid = started->pid;
  state->start = runc_process_start(started->pid);
  if (runc_state_write(state, failure) < 0) return -1;
  return write_pid(pid_file, started->pid, failure);
}

static bool has_terminal(void) {
  return isatty(0) != 0;
}

/* runc's utils_linux.go, setupIO. */
static int check_terminal(const struct making *making, bool detached, struct failure *failure) {
  if (making->config->spec.process.tty == 0) return 0;
  if (detached)
    return fail(failure, EINVAL, "console", "cannot allocate tty if runc will detach without setting console socket");
  return has_terminal() ? 0 : fail(failure, ENXIO, "console", "open /dev/tty: no such device or address");
}

/* Fills `started` and `state`. What libcontainer says once it starts a process has its own words in front. */
static int make(const struct runc_options *options, const char *id, bool waits, struct runc_started *started,
                struct runc_state *state, struct failure *failure) {
  struct making making = {.launch = launch_new()};
  bool reserved = false;
  int result = making.launch == NULL ? fail(failure, ENOMEM, "start", "no memory") : 0;
  if (result == 0) result = read_bundle(&making, options, id, failure);
  if (result == 0) result = check_terminal(&making, waits || options->detach, failure);
  if (result == 0) {
    result = runc_state_reserve(id, failure);
    reserved = result == 0;
  }
  if (result == 0) result = begin(&making, waits, options->pid_file, started, failure);
  if (result < 0 && reserved) {
    struct failure inner = *failure;
    fail(failure, inner.error, "start", "unable to start container process: %s%s",
         strcmp(inner.stage, "lookup") == 0 ? "" : "error during container init: ", inner.message);
    forget(&making.state);
  }
  if (making.launch != NULL) launch_free(making.launch);
  *state = making.state;
  return result;
}

int runc_create(int argc, char **argv) {
  struct runc_options options = {0};
  struct runc_started started = {0, -1};
  struct runc_state state;
  struct failure failure = {0};
  int at = runc_options_read(argc, argv, create_options, &options);
  if (at < 0 || !runc_wants("create", argc - at, 1, 1)) return 1;
  if (make(&options, argv[at], true, &started, &state, &failure) == 0) return 0;
  say_error("runc create failed: %s", failure.message);
  return 1;
}

int runc_run(int argc, char **argv) {
  struct runc_options options = {0};
  struct runc_started started = {0, -1};
  struct runc_state state;
  struct failure failure = {0};
  int at = runc_options_read(argc, argv, run_options, &options);
  if (at < 0 || !runc_wants("run", argc - at, 1, 1)) return 1;
  if (make(&options, argv[at], false, &started, &state, &failure) < 0) {
    say_error("runc run failed: %s", failure.message);
    return 1;
  }
  if (options.detach) return 0;
  int code = runc_attend(&started);
  if (!options.keep) forget(&state);
  return code;
}

static int let_go(const struct runc_state *state, struct failure *failure) {
  char path[files_path_max];
  if (state->status == RUNC_STOPPED) return fail(failure, EINVAL, "state", "cannot start a container that has stopped");
  if (state->status != RUNC_CREATED) return fail(failure, EINVAL, "state", "cannot start an already running container");
  runc_state_path(path, state->id, "exec.fifo");
  int fifo = sys_open(AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
  long result = fifo < 0 ? fifo : sys_write(fifo, "s", 1);
  if (fifo >= 0) sys_close(fifo);
  if (result < 0) return fail(failure, result, "state", "%s: %E", path, (int)-result);
  SYS(SYS_unlinkat, AT_FDCWD, path, 0);
  return 0;
}

int runc_start(int argc, char **argv) {
  struct runc_options options = {0};
  struct arena arena = {0};
  struct runc_state state;
  struct failure failure;
  int at = runc_options_read(argc, argv, no_options, &options);
  if (at < 0 || !runc_wants("start", argc - at, 1, 1)) return 1;
  if (runc_state_read(&arena, argv[at], &state, &failure) == 0 && let_go(&state, &failure) == 0) return 0;
  say_error("%s", failure.message);
  return 1;
}

/* --- exec --- */

static int add_environment(struct arena *arena, const struct runc_options *options, struct process_spec *process,
                           struct failure *failure) {
  struct strings env = {arena_take(arena, (process->env.count + (uint32_t)options->env_count + 1) * sizeof(char *)), 0};
  if (env.at == NULL) return fail(failure, ENOMEM, "exec", "no memory");
  memcpy(env.at, process->env.at, process->env.count * sizeof *env.at);
  memcpy(env.at + process->env.count, options->env, (size_t)options->env_count * sizeof *env.at);
  env.count = process->env.count + (uint32_t)options->env_count;
  process->env = env;
  return 0;
}

static int read_exec(struct arena *arena, const struct runc_options *options, struct runc_state *state, char **words,
                     int count, struct process_spec *process, struct failure *failure) {
  struct runc_config *config = arena_take(arena, sizeof *config);
  if (config == NULL) return fail(failure, ENOMEM, "exec", "no memory");
  if (options->process != NULL) {
    size_t size;
    const char *text = runc_read_file(arena, options->process, json_bytes_max, &size, failure);
    return text == NULL ? -1 : runc_process_read(arena, text, size, process, failure);
  }
  if (runc_config_read(arena, state->bundle, state->config, state->config_size, config, failure) < 0) return -1;
  *process = config->spec.process;
  process->args = (struct strings){(const char **)words, (uint32_t)count};
  process->tty = options->tty ? 1 : 0;
  process->rows = process->columns = 0;
  if (options->cwd != NULL) process->cwd = options->cwd;
  if (options->user != NULL) process->user = options->user;
  return add_environment(arena, options, process, failure);
}

static int enter(struct launch *launch, const struct runc_options *options, const char *id, char **words, int count,
                 struct failure *failure) {
  struct arena *arena = &launch->arena;
  struct runc_state *state = arena_take(arena, sizeof *state);
  struct process_spec *process = arena_take(arena, sizeof *process);
  if (state == NULL || process == NULL) return fail(failure, ENOMEM, "exec", "no memory");
  if (runc_state_read(arena, id, state, failure) < 0) return -1;
  if (state->status == RUNC_STOPPED) return fail(failure, EINVAL, "state", "cannot exec in a stopped container");
  if (state->status == RUNC_PAUSED) return fail(failure, EINVAL, "state", "cannot exec in a paused container");
  if (options->process == NULL && count == 0) return fail(failure, EINVAL, "exec", "process args cannot be empty");
  if (read_exec(arena, options, state, words, count, process, failure) < 0) return -1;
  if (process->tty != 0 && options->detach)
    return fail(failure, EINVAL, "console", "cannot allocate tty if runc will detach without setting console socket");
  if (process->tty != 0 && !has_terminal())
    return fail(failure, ENXIO, "console", "open /dev/tty: no such device or address");
  launch->join = (int)SYS(SYS_pidfd_open, state->pid, 0);
  if (launch->join < 0 || runc_process_start(state->pid) != state->start)
    return fail(failure, ESRCH, "state", "cannot exec in a stopped container");
  launch->cgroup = cgroup_open(state->cgroup, ".", O_RDONLY | O_DIRECTORY);
  if (launch->cgroup < 0) return fail(failure, launch->cgroup, "cgroup", "%s: %E", state->cgroup, -launch->cgroup);
  return launch_prepare(launch, process, failure);
}

int runc_exec(int argc, char **argv) {
  struct runc_options options = {0};
  struct runc_started started = {0, -1};
  struct failure failure = {0};
  int at = runc_options_read(argc, argv, exec_options, &options);
  if (at < 0 || !runc_wants("exec", argc - at, 1, 1 << 20)) return 255;
  const char *id = argv[at++];
  struct launch *launch = launch_new();
  int result = launch == NULL ? fail(&failure, ENOMEM, "exec", "no memory") : 0;
  if (result == 0 && (result = enter(launch, &options, id, argv + at, argc - at, &failure)) < 0)
    launch_free(launch);
  else if (result == 0 && (result = runc_launch(launch, -1, &started, &failure)) < 0) {
    struct failure inner = failure;
    fail(&failure, inner.error, inner.stage, "unable to start container process: %s", inner.message);
  }
  if (result == 0) result = write_pid(options.pid_file, started.pid, &failure);
  if (result < 0) {
    say_error("exec failed: %s", failure.message);
    return 255;
  }
  return options.detach ? 0 : runc_attend(&started);
}
