/* spec, create, run and start: what makes a container. */
#include "base/sys.h"
#include "base/text.h"
#include "container/cgroup.h"
#include "runc/commands.h"
#include "runc/console.h"
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

static const struct runc_option create_options[] = {
    {"bundle", 'b', 's', AT(bundle)},   {"console-socket", 0, 's', AT(console_socket)},
    {"pid-file", 0, 's', AT(pid_file)}, {"no-pivot", 0, 'i', 0},
    {"no-new-keyring", 0, 'i', 0},      {NULL, 0, 0, 0}};
static const struct runc_option run_options[] = {{"bundle", 'b', 's', AT(bundle)},
                                                 {"pid-file", 0, 's', AT(pid_file)},
                                                 {"detach", 'd', 'b', AT(detach)},
                                                 {"keep", 0, 'b', AT(keep)},
                                                 {"console-socket", 0, 's', AT(console_socket)},
                                                 {"no-subreaper", 0, 'i', 0},
                                                 {"no-pivot", 0, 'i', 0},
                                                 {"no-new-keyring", 0, 'i', 0},
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
static int begin(struct making *making, bool waits, const struct runc_options *options, struct runc_started *started,
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
  if (runc_console_send(options, started, failure) < 0) return -1;
  return runc_write_pid(options->pid_file, started->pid, failure);
}

static int ready_terminal(const struct making *making, const struct runc_options *options, bool detaches,
                          struct runc_started *started, struct failure *failure) {
  bool tty = making->config->spec.process.tty != 0;
  if (runc_console_check(options, tty, detaches, failure) < 0) return -1;
  return runc_console_open(options, tty, started, failure);
}

/* Fills `started` and `state`. What libcontainer says once it starts a process has its own words in front. */
static int make(const struct runc_options *options, const char *id, bool waits, struct runc_started *started,
                struct runc_state *state, struct failure *failure) {
  struct making making = {.launch = launch_new()};
  bool reserved = false;
  int result = making.launch == NULL ? fail(failure, ENOMEM, "start", "no memory") : 0;
  if (result == 0) result = read_bundle(&making, options, id, failure);
  if (result == 0) {
    result = runc_state_reserve(id, failure);
    reserved = result == 0;
  }
  if (result == 0) {
    result = ready_terminal(&making, options, waits || options->detach, started, failure);
    if (result < 0) runc_state_remove(id);
    reserved = result == 0;
  }
  if (result == 0) result = begin(&making, waits, options, started, failure);
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
  struct runc_started started = {0, -1, -1};
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
  struct runc_started started = {0, -1, -1};
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
