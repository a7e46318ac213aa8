#include "runc/state.h"
#include "base/statx.h"
#include "base/sys.h"
#include "base/text.h"
#include "container/cgroup.h"
#include "runc/json.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const char *root = "/run/runc";

void runc_state_use(const char *path) {
  root = path;
}

const char *runc_state_root(void) {
  return root;
}

void runc_state_path(char path[files_path_max], const char *id, const char *file) {
  text_format(path, files_path_max, *file == '\0' ? "%s/%s" : "%s/%s/%s", root, id, file);
}

/* libcontainer's factory: ^[\w+-\.]+$ */
int runc_state_check_id(const char *id, struct failure *failure) {
  if (*id == '\0') return fail(failure, EINVAL, "id", "container id cannot be empty");
  bool good = strcmp(id, ".") != 0 && strcmp(id, "..") != 0 && strlen(id) < 128;
  for (const char *c = id; *c != '\0'; c++)
    good = good && ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                    strchr("_+-.", *c) != NULL);
  return good ? 0 : fail(failure, EINVAL, "id", "invalid container ID format");
}

int runc_state_reserve(const char *id, struct failure *failure) {
  char path[files_path_max];
  runc_state_path(path, id, "");
  int result = files_make_parent(AT_FDCWD, path, 0711);
  if (result >= 0) result = (int)SYS(SYS_mkdirat, AT_FDCWD, path, 0711);
  if (result == -EEXIST) return fail(failure, result, "id", "container with given ID already exists");
  return result < 0 ? fail(failure, result, "state", "mkdir %s: %E", path, -result) : 0;
}

int runc_state_write(const struct runc_state *state, struct failure *failure) {
  static char text[4 * files_path_max];
  char path[files_path_max], bundle[files_path_max + 8], rootfs[files_path_max + 8], cgroup[512];
  json_quote(bundle, sizeof bundle, state->bundle);
  json_quote(rootfs, sizeof rootfs, state->rootfs);
  json_quote(cgroup, sizeof cgroup, state->cgroup);
  size_t size = text_format(
      text, sizeof text,
      "{\"pid\":%d,\"start\":%u,\"bundle\":%s,\"rootfs\":%s,\"created\":\"%s\",\"cgroup\":%s,\"ociVersion\":\"%s\"}\n",
      state->pid, (unsigned)state->start, bundle, rootfs, state->created, cgroup, state->oci_version);
  runc_state_path(path, state->id, "config.json");
  int result = files_put(AT_FDCWD, path, O_CREAT | O_TRUNC, 0600, state->config, state->config_size);
  runc_state_path(path, state->id, "state.json");
  if (result >= 0) result = files_put(AT_FDCWD, path, O_CREAT | O_TRUNC, 0600, text, size);
  return result < 0 ? fail(failure, result, "state", "%s: %E", path, -result) : 0;
}

uint64_t runc_process_start(int pid) {
  char path[64], text[1024];
  text_format(path, sizeof path, "/proc/%d/stat", pid);
  long got = pid > 0 ? files_get(AT_FDCWD, path, text, sizeof text - 1) : -ESRCH;
  if (got <= 0) return 0;
  text[got] = '\0';
  /* "pid (name) state …": a name may hold anything. */
  char *at = strrchr(text, ')');
  if (at == NULL || at[1] == '\0' || at[2] == 'Z' || at[2] == 'X') return 0;
  for (int field = 2; field < 22 && at != NULL; field++)
    at = strchr(at + 1, ' ');
  uint64_t start = 0;
  for (at = at == NULL ? NULL : at + 1; at != NULL && *at >= '0' && *at <= '9'; at++)
    start = start * 10 + (uint64_t)(*at - '0');
  return start;
}

char *runc_read_file(struct arena *arena, const char *path, size_t limit, size_t *size, struct failure *failure) {
  struct statx_result stat;
  int file = sys_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
  int result = file < 0 ? file : statx_get(file, "", 0x1000 /* AT_EMPTY_PATH */, &stat);
  if (result >= 0 && !S_ISREG(stat.mode)) result = -EINVAL;
  if (result >= 0 && stat.size > limit) result = -EFBIG;
  char *text = result < 0 ? NULL : arena_take(arena, limit < stat.size + 1 ? limit + 1 : (size_t)stat.size + 1);
  if (result >= 0 && text == NULL) result = -ENOMEM;
  *size = 0;
  while (result >= 0 && *size < stat.size) {
    long got = sys_read(file, text + *size, (size_t)stat.size - *size);
    if (got < 0) result = (int)got;
    if (got <= 0) break;
    *size += (size_t)got;
  }
  if (file >= 0) sys_close(file);
  if (result >= 0) return text;
  fail(failure, result, "read", result == -EFBIG ? "%s is too large" : "%s: %E", path, -result);
  return NULL;
}

static const char *text_of(const struct json *object, const char *key) {
  const struct json *value = json_get(object, key);
  return value != NULL && value->type == JSON_STRING ? value->text : "";
}

static enum runc_status status_of(const struct runc_state *state) {
  char path[files_path_max];
  if (state->start == 0 || runc_process_start(state->pid) != state->start) return RUNC_STOPPED;
  runc_state_path(path, state->id, "exec.fifo");
  if (SYS(SYS_faccessat, AT_FDCWD, path, 0) == 0) return RUNC_CREATED;
  return cgroup_count(state->cgroup, "cgroup.events", "frozen") != 0 ? RUNC_PAUSED : RUNC_RUNNING;
}

int runc_state_read(struct arena *arena, const char *id, struct runc_state *state, struct failure *failure) {
  char path[files_path_max];
  struct failure missing;
  size_t size;
  int64_t pid = 0, start = 0;
  if (runc_state_check_id(id, failure) < 0) return -1;
  runc_state_path(path, id, "state.json");
  const char *text = runc_read_file(arena, path, json_bytes_max, &size, &missing);
  const struct json *object = text == NULL ? NULL : json_parse(arena, text, size, &missing);
  runc_state_path(path, id, "config.json");
  const char *config =
      object == NULL ? NULL : runc_read_file(arena, path, json_bytes_max, &state->config_size, &missing);
  if (config == NULL || !json_number(json_get(object, "pid"), &pid) || !json_number(json_get(object, "start"), &start))
    return fail(failure, ENOENT, "id", "container does not exist");
  const struct json *annotations = json_get(json_parse(arena, config, state->config_size, &missing), "annotations");
  state->id = id;
  state->pid = (int)pid;
  state->start = (uint64_t)start;
  state->bundle = text_of(object, "bundle");
  state->rootfs = text_of(object, "rootfs");
  state->created = text_of(object, "created");
  state->cgroup = text_of(object, "cgroup");
  state->oci_version = text_of(object, "ociVersion");
  state->annotations = "";
  if (annotations != NULL && annotations->count > 0)
    state->annotations = arena_string(arena, annotations->from, annotations->size);
  state->config = config;
  state->status = status_of(state);
  return state->annotations == NULL ? fail(failure, ENOMEM, "state", "no memory") : 0;
}

void runc_state_remove(const char *id) {
  char path[files_path_max];
  runc_state_path(path, id, "");
  files_remove_tree(AT_FDCWD, path);
}

const char *runc_status_name(enum runc_status status) {
  static const char *const names[] = {"created", "running", "paused", "stopped"};
  return names[status];
}
