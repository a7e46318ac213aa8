/* state, list, kill, delete and ps: what is known of a container, and its end. */
#include "base/sys.h"
#include "base/text.h"
#include "container/cgroup.h"
#include "runc/commands.h"
#include "runc/json.h"
#include "runc/names.h"
#include "runc/options.h"
#include "runc/say.h"
#include "runc/state.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define AT(field) (int)offsetof(struct runc_options, field)

enum { pids_bytes_max = 64 * 1024 };

static const struct runc_option no_options[] = {{NULL, 0, 0, 0}};
static const struct runc_option kill_options[] = {{"all", 'a', 'b', AT(all)}, {NULL, 0, 0, 0}};
static const struct runc_option delete_options[] = {{"force", 'f', 'b', AT(force)}, {NULL, 0, 0, 0}};
static const struct runc_option list_options[] = {
    {"quiet", 'q', 'b', AT(quiet)}, {"format", 'f', 's', AT(format)}, {NULL, 0, 0, 0}};
static const struct runc_option ps_options[] = {{"format", 'f', 's', AT(format)}, {NULL, 0, 0, 0}};

int runc_wants(const char *command, int count, int least, int most) {
  if (count >= least && count <= most) return 1;
  if (least == most)
    say_error("runc: \"%s\" requires exactly %d argument(s)", command, least);
  else if (count < least)
    say_error("runc: \"%s\" requires a minimum of %d argument(s)", command, least);
  else
    say_error("runc: \"%s\" requires a maximum of %d argument(s)", command, most);
  return 0;
}

/* The container that the only word names, or NULL after it was said why not. */
static const struct runc_state *find(struct arena *arena, const char *id) {
  struct runc_state *state = arena_take(arena, sizeof *state);
  struct failure failure = {ENOMEM, "state", "no memory"};
  if (state != NULL && runc_state_read(arena, id, state, &failure) == 0) return state;
  say_error("%s", failure.message);
  return NULL;
}

static int shown_pid(const struct runc_state *state) {
  return state->status == RUNC_STOPPED ? 0 : state->pid;
}

/* The members of a state (runtime.md, "State") with what stands between two of them. */
static void print_state(const struct runc_state *state, const char *owner, const char *before, const char *between,
                        const char *colon) {
  static char text[files_path_max + 64];
  print("%s\"ociVersion\"%s\"%s\"%s", before, colon, state->oci_version, between);
  print("\"id\"%s\"%s\"%s\"pid\"%s%d%s", colon, state->id, between, colon, shown_pid(state), between);
  print("\"status\"%s\"%s\"%s", colon, runc_status_name(state->status), between);
  json_quote(text, sizeof text, state->bundle);
  print("\"bundle\"%s%s%s", colon, text, between);
  json_quote(text, sizeof text, state->rootfs);
  print("\"rootfs\"%s%s%s\"created\"%s\"%s\"%s", colon, text, between, colon, state->created, between);
  if (*state->annotations != '\0') {
    print("\"annotations\"%s", colon);
    print_bytes(state->annotations, strlen(state->annotations));
    print("%s", between);
  }
  print("\"owner\"%s\"%s\"", colon, owner);
}

int runc_state_command(int argc, char **argv) {
  struct runc_options options = {0};
  struct arena arena = {0};
  int at = runc_options_read(argc, argv, no_options, &options);
  if (at < 0 || !runc_wants("state", argc - at, 1, 1)) return 1;
  const struct runc_state *state = find(&arena, argv[at]);
  if (state == NULL) return 1;
  print_state(state, "", "{\n  ", ",\n  ", ": ");
  print("\n}");
  return 0;
}

/* --- list --- */

/* As Go's tabwriter with a least width of 12 and 3 blanks between. */
static void pad(const char *text, int width) {
  print("%s", text);
  for (int at = (int)strlen(text); at < width; at++)
    print(" ");
}

struct listed {
  const struct runc_state *states[512];
  int count;
};

static void collect(struct arena *arena, struct listed *listed) {
  DIR *folder = opendir(runc_state_root());
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL && listed->count < 512;) {
    struct failure ignored;
    struct runc_state *state = arena_take(arena, sizeof *state);
    char *id = entry->d_name[0] == '.' ? NULL : arena_string(arena, entry->d_name, strlen(entry->d_name));
    if (state == NULL || id == NULL || runc_state_read(arena, id, state, &ignored) < 0) continue;
    int at = listed->count++;
    for (; at > 0 && strcmp(listed->states[at - 1]->id, id) > 0; at--)
      listed->states[at] = listed->states[at - 1];
    listed->states[at] = state;
  }
  if (folder != NULL) closedir(folder);
}

static void print_table(const struct listed *listed) {
  static const char *const heads[] = {"ID", "PID", "STATUS", "BUNDLE", "CREATED"};
  int widths[5] = {12, 12, 12, 12, 12};
  for (int i = 0; i < listed->count; i++) {
    const struct runc_state *state = listed->states[i];
    const char *cells[] = {state->id, "", "", state->bundle, state->created};
    for (int column = 0; column < 5; column++)
      if ((int)strlen(cells[column]) + 3 > widths[column]) widths[column] = (int)strlen(cells[column]) + 3;
  }
  for (int column = 0; column < 5; column++)
    pad(heads[column], widths[column]);
  print("OWNER\n");
  for (int i = 0; i < listed->count; i++) {
    const struct runc_state *state = listed->states[i];
    char pid[16];
    text_format(pid, sizeof pid, "%d", shown_pid(state));
    const char *cells[] = {state->id, pid, runc_status_name(state->status), state->bundle, state->created};
    for (int column = 0; column < 5; column++)
      pad(cells[column], widths[column]);
    print("root\n");
  }
}

int runc_list(int argc, char **argv) {
  static struct listed listed;
  struct runc_options options = {0};
  struct arena arena = {0};
  int at = runc_options_read(argc, argv, list_options, &options);
  if (at < 0 || !runc_wants("list", argc - at, 0, 0)) return 1;
  const char *format = options.format != NULL ? options.format : "table";
  bool json = strcmp(format, "json") == 0;
  if (!json && strcmp(format, "table") != 0) {
    say_error("invalid format option");
    return 1;
  }
  collect(&arena, &listed);
  if (options.quiet) {
    for (int i = 0; i < listed.count; i++)
      print("%s\n", listed.states[i]->id);
  } else if (json) {
    print(listed.count == 0 ? "null" : "[");
    for (int i = 0; i < listed.count; i++) {
      print_state(listed.states[i], "root", i == 0 ? "{" : ",{", ",", ":");
      print("}");
    }
    print(listed.count == 0 ? "\n" : "]\n");
  } else {
    print_table(&listed);
  }
  return 0;
}

/* --- the processes of one --- */

/* cgroup.procs as text, or NULL. */
static char *read_pids(struct arena *arena, const struct runc_state *state) {
  char *text = arena_take(arena, pids_bytes_max);
  int file = text == NULL ? -1 : cgroup_open(state->cgroup, "cgroup.procs", O_RDONLY);
  long got = file < 0 ? -1 : sys_read(file, text, pids_bytes_max - 1);
  if (file >= 0) sys_close(file);
  if (got < 0) return NULL;
  text[got] = '\0';
  return text;
}

int runc_ps(int argc, char **argv) {
  struct runc_options options = {0};
  struct arena arena = {0};
  int at = runc_options_read(argc, argv, ps_options, &options);
  if (at < 0 || !runc_wants("ps", argc - at, 1, 1 << 20)) return 1;
  if (argc - at > 1) {
    say_error("options of ps are not supported here");
    return 1;
  }
  const struct runc_state *state = find(&arena, argv[at]);
  char *pids = state == NULL ? NULL : read_pids(&arena, state);
  if (state == NULL) return 1;
  for (char *c = pids; c != NULL && *c != '\0'; c++)
    if (*c == '\n') *c = c[1] == '\0' ? '\0' : ',';
  if (options.format != NULL && strcmp(options.format, "json") == 0) {
    print(pids == NULL || *pids == '\0' ? "null\n" : "[%s]\n", pids == NULL ? "" : pids);
    return 0;
  }
  if (pids == NULL || *pids == '\0') {
    print("UID        PID  PPID  C STIME TTY          TIME CMD\n");
    return 0;
  }
  char *words[] = {"ps", "-f", "-p", pids, NULL};
  execv("/usr/bin/ps", words);
  say_error("exec: \"ps\": %E", errno);
  return 1;
}

static int signal_all(struct arena *arena, const struct runc_state *state, int signal) {
  char *text = read_pids(arena, state);
  long result = text == NULL ? -ESRCH : 0;
  while (text != NULL && *text >= '0' && *text <= '9') {
    int pid = 0;
    for (; *text >= '0' && *text <= '9'; text++)
      pid = pid * 10 + (*text - '0');
    if (*text == '\n') text++;
    if (pid > 0) SYS(SYS_kill, pid, signal);
  }
  return (int)result;
}

int runc_kill(int argc, char **argv) {
  struct runc_options options = {0};
  struct arena arena = {0};
  int at = runc_options_read(argc, argv, kill_options, &options);
  if (at < 0 || !runc_wants("kill", argc - at, 1, 2)) return 1;
  const struct runc_state *state = find(&arena, argv[at]);
  if (state == NULL) return 1;
  const char *name = at + 1 < argc ? argv[at + 1] : "TERM";
  int signal = name_signal(name);
  if (signal < 0) {
    say_error("unknown signal \"%s\"", name);
    return 1;
  }
  long result = 0;
  if (options.all)
    result = signal_all(&arena, state, signal);
  else if (state->status == RUNC_STOPPED)
    result = -ESRCH;
  else
    result = SYS(SYS_kill, state->pid, signal);
  if (result == 0) return 0;
  if (result == -ESRCH)
    say_error("container not running");
  else
    say_error("%E", (int)-result);
  return 1;
}

int runc_delete(int argc, char **argv) {
  struct runc_options options = {0};
  struct arena arena = {0};
  struct runc_state state;
  struct failure failure;
  int at = runc_options_read(argc, argv, delete_options, &options);
  if (at < 0 || !runc_wants("delete", argc - at, 1, 1)) return 1;
  const char *id = argv[at];
  if (runc_state_read(&arena, id, &state, &failure) < 0) {
    if (options.force && runc_state_check_id(id, &failure) == 0) {
      /* What a runtime that was killed midway left of one. */
      runc_state_remove(id);
      return 0;
    }
    say_error("%s", failure.message);
    return 1;
  }
  if ((state.status == RUNC_RUNNING || state.status == RUNC_PAUSED) && !options.force) {
    say_error("cannot delete container %s that is not stopped: %s", id, runc_status_name(state.status));
    return 1;
  }
  if (state.status != RUNC_STOPPED) SYS(SYS_kill, state.pid, SIGKILL);
  /* Ends what is left in it, and waits for that. */
  if (cgroup_remove(state.cgroup, &failure) < 0) {
    say_error("%s", failure.message);
    return 1;
  }
  runc_state_remove(id);
  return 0;
}
