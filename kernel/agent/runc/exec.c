/* exec: one more process in a container. */
#include "base/sys.h"
#include "container/cgroup.h"
#include "runc/commands.h"
#include "runc/console.h"
#include "runc/json.h"
#include "runc/options.h"
#include "runc/say.h"
#include "runc/start.h"
#include "runc/state.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#define AT(field) (int)offsetof(struct runc_options, field)

static const struct runc_option exec_options[] = {{"tty", 't', 'b', AT(tty)},
                                                  {"detach", 'd', 'b', AT(detach)},
                                                  {"console-socket", 0, 's', AT(console_socket)},
                                                  {"env", 'e', 'e', 0},
                                                  {"cwd", 0, 's', AT(cwd)},
                                                  {"user", 'u', 's', AT(user)},
                                                  {"process", 'p', 's', AT(process)},
                                                  {"pid-file", 0, 's', AT(pid_file)},
                                                  {NULL, 0, 0, 0}};
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
                 struct runc_started *started, struct failure *failure) {
  struct arena *arena = &launch->arena;
  struct runc_state *state = arena_take(arena, sizeof *state);
  struct process_spec *process = arena_take(arena, sizeof *process);
  if (state == NULL || process == NULL) return fail(failure, ENOMEM, "exec", "no memory");
  if (runc_state_read(arena, id, state, failure) < 0) return -1;
  if (state->status == RUNC_STOPPED) return fail(failure, EINVAL, "state", "cannot exec in a stopped container");
  if (state->status == RUNC_PAUSED) return fail(failure, EINVAL, "state", "cannot exec in a paused container");
  if (options->process == NULL && count == 0) return fail(failure, EINVAL, "exec", "process args cannot be empty");
  if (read_exec(arena, options, state, words, count, process, failure) < 0) return -1;
  if (runc_console_check(options, process->tty != 0, options->detach, failure) < 0) return -1;
  if (runc_console_open(options, process->tty != 0, started, failure) < 0) return -1;
  launch->join = (int)SYS(SYS_pidfd_open, state->pid, 0);
  if (launch->join < 0 || runc_process_start(state->pid) != state->start)
    return fail(failure, ESRCH, "state", "cannot exec in a stopped container");
  launch->cgroup = cgroup_open(state->cgroup, ".", O_RDONLY | O_DIRECTORY);
  if (launch->cgroup < 0) return fail(failure, launch->cgroup, "cgroup", "%s: %E", state->cgroup, -launch->cgroup);
  return launch_prepare(launch, process, failure);
}

int runc_exec(int argc, char **argv) {
  struct runc_options options = {0};
  struct runc_started started = {0, -1, -1};
  struct failure failure = {0};
  int at = runc_options_read(argc, argv, exec_options, &options);
  if (at < 0 || !runc_wants("exec", argc - at, 1, 1 << 20)) return 255;
  const char *id = argv[at++];
  struct launch *launch = launch_new();
  int result = launch == NULL ? fail(&failure, ENOMEM, "exec", "no memory") : 0;
  if (result == 0 && (result = enter(launch, &options, id, argv + at, argc - at, &started, &failure)) < 0)
    launch_free(launch);
  else if (result == 0 && (result = runc_launch(launch, -1, &started, &failure)) < 0) {
    struct failure inner = failure;
    fail(&failure, inner.error, inner.stage, "unable to start container process: %s", inner.message);
  }
  if (result == 0) result = runc_console_send(&options, &started, &failure);
  if (result == 0) result = runc_write_pid(options.pid_file, started.pid, &failure);
  if (result < 0) {
    say_error("exec failed: %s", failure.message);
    return 255;
  }
  return options.detach ? 0 : runc_attend(&started);
}
